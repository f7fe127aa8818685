from . import confirm
from . import declaration
from . import email
from . import language
from . import passkey
from . import portal
from . import sessions
from . import sign_in
