from . import declaration
from . import portal_change
