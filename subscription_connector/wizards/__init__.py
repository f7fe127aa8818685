from . import subscription_cancel, subscription_pause_wizard
