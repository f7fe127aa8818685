from . import invoices
from . import methods
