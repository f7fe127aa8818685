from . import connect_wizard
from . import disconnect_wizard
