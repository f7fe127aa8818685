from . import ir_http
from . import portal_declaration
from . import portal_member_event
from . import res_company
from . import res_config_settings
from . import res_partner
from . import res_partner_home
from . import subscription_event
