from . import (
    subscription_cancel,
    subscription_change_wizard,
    subscription_change_wizard_line,
    subscription_import,
    subscription_import_line,
    subscription_outside_change,
    subscription_pause_wizard,
    subscription_refund_wizard,
)
