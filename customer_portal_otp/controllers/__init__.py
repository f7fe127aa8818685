from . import language
from . import portal
from . import sign_in
