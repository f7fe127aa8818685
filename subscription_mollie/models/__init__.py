from . import (
    ir_module_module,
    payment_method,
    payment_provider,
    payment_token,
    payment_transaction,
    payment_transaction_chargeback,
)
