"""What can go wrong at Moneybird, beyond what every service can do."""

from odoo.addons.connection_base.exceptions import RejectedError


class PlanLimitError(RejectedError):
    """The administration's plan does not allow more (HTTP 402)."""


class ScopeError(RejectedError):
    """The token lacks a scope: HTTP 401 with "No access to …" (not an expired token)."""


class PeriodLockedError(RejectedError):
    """The period of the payment date is closed in the administration."""
