from . import account_option
from . import account_wizard
from . import connect_wizard
from . import disconnect_wizard
