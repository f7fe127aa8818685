from . import letter_link
from . import portal
