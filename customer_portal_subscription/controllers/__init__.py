from . import declaration
from . import portal_change
from . import shop
