from . import portal_declaration
from . import portal_member_event
from . import subscription_event
