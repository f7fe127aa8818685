from . import oauth_callback
from . import webhook
