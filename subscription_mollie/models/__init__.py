from . import payment_method, payment_provider, payment_token, payment_transaction
