"""What can go wrong at Moneybird, beyond what every service can do."""

from odoo.addons.connection_base.exceptions import RejectedError


class PlanLimitError(RejectedError):
    """The administration's plan does not allow more (HTTP 402)."""


class ScopeError(RejectedError):
    """The token lacks a scope: HTTP 401 with "No access to …", not an expired token."""


class PeriodLockedError(RejectedError):
    """The period of the payment date is closed in the administration."""


class BookingError(Exception):
    """A match cannot be booked; the receipt stays where it is.

    :param code: key of ``words.REASONS``
    :param values: what the sentence needs
    """

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
