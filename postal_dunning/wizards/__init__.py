from . import dunning_hold
from . import dunning_preview
from . import dunning_preview_line
from . import letter_check
from . import letter_check_line
from . import letter_price_calculator
from . import service_disconnect_wizard
