from . import ccv
from . import mollie
from . import moneybird
