from . import ir_http
from . import payment_token
from . import payment_transaction
from . import portal_member_event
from . import res_company
from . import res_config_settings
from . import res_partner
from . import res_partner_data
