from . import sale_order, subscription_period, subscription_subscription
