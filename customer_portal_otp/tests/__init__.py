from . import test_engine
from . import test_challenge
from . import test_limits
from . import test_mail
from . import test_partner
from . import test_race
from . import test_rights
