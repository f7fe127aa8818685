from . import (
    subscription_billing_preview,
    subscription_billing_preview_line,
    subscription_cancel,
    subscription_change_wizard,
    subscription_change_wizard_line,
    subscription_import,
    subscription_import_line,
    subscription_outside_change,
    subscription_pause_wizard,
    subscription_payment_finding,
    subscription_refund_wizard,
    subscription_terms_wizard,
)
