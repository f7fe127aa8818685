"""Rules of collecting and of letters, in plain Python.

Nothing here knows Odoo or HTTP: dates, ``Decimal`` and bytes go in, decisions
with reasons come out. ``today`` is always a parameter.
"""

from . import address
from . import calendar
from . import channels
from . import disagreement
from . import epc
from . import fees
from . import geometry
from . import guards
from . import instalments
from . import interest
from . import law
from . import pages
from . import picture
from . import preflight
from . import returns
from . import steps
