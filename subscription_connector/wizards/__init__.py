from . import subscription_cancel
