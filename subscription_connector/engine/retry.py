"""What follows a failed charge: another try, or none.

Blind repetition costs money and trust: card issuers count it, and the SEPA
rulebook forbids it for some return codes. So a failure is *soft* (try again on
the schedule), *hard* (the method does not work: the member has to act) or
*stop* (nothing more may be collected without a person).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

#: Days after the first failure on which a soft failure is tried again (L19).
DEFAULT_DAYS = (3, 5, 7)

#: SEPA return codes that end automatic collection (EPC rulebook 2025 v1.1).
#: ``soft_once`` may be tried one more time, then the member is asked.
SEPA_CODES = {
    "AM04": "soft",
    "MS03": "soft_once",
    "MS02": "hard",
    "SL01": "hard",
    "AC01": "hard",
    "AC04": "hard",
    "AC06": "hard",
    "BE05": "hard",
    "AG01": "hard",
    "AG02": "hard",
    "RC01": "hard",
    "FF01": "hard",
    "FF05": "hard",
    "MD01": "stop",
    "MD06": "stop",
    "MD07": "stop",
    "AM05": "stop",
    "RR01": "stop",
    "RR02": "stop",
    "RR03": "stop",
    "RR04": "stop",
}

#: Words that providers use for declines which no repetition will cure. Card issuers
#: count blind repetitions, so a decline that names the card itself is not repeated
#: (Mollie: details.failureReason; Stripe: decline_code; Adyen: refusalReason, whose
#: spaces are underscores here; all read on 2026-11-25).
WORD_CODES = {
    "cancelled": "hard",
    "card_expired": "hard",
    "expired_card": "hard",
    "invalid_card_number": "hard",
    "invalid_card_type": "hard",
    "invalid_cvv": "hard",
    "invalid_card_holder_name": "hard",
    "inactive_card": "hard",
    "incorrect_number": "hard",
    "card_not_supported": "hard",
    "authentication_required": "hard",
    "authentication_failed": "hard",
    "do_not_try_again": "stop",
    "possible_fraud": "stop",
    "fraud": "stop",
    "restricted_card": "hard",
    "blocked_card": "hard",
    "account_closed": "hard",
    "no_account": "hard",
    "lost_card": "stop",
    "stolen_card": "stop",
    "pickup_card": "stop",
    "invalid_mandate": "hard",
    "no_valid_mandate": "hard",
    "debit_not_authorized": "stop",
    "revocation_of_auth": "stop",
    "revoked": "stop",
    # Ours: the provider tells of another amount than was asked for.
    "amount_mismatch": "stop",
}

_CODE = re.compile(r"\b([A-Z]{2}\d{2})\b")


@dataclass(frozen=True)
class Decision:
    """What to do: ``kind`` is soft, hard or stop; no ``date_next``: no try.

    ``reason`` is one of ``schedule``, ``exhausted``, ``method``, ``forbidden``.
    """

    kind: str
    date_next: date | None
    reason: str


def parse_days(text: str) -> tuple[int, ...] | None:
    """Read the days of the next tries, None when they are not rising numbers.

    >>> parse_days("3, 5, 7")
    (3, 5, 7)
    >>> parse_days("")
    ()
    >>> parse_days("5, 3") is None
    True
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not all(word.isdecimal() for word in words):
        return None
    days = tuple(int(word) for word in words)
    if list(days) != sorted(set(days)) or 0 in days:
        return None
    return days


def find_code(message: str) -> str | None:
    """Pick a reason code out of a provider's answer.

    >>> find_code("Direct debit returned (AM04: insufficient funds)")
    'AM04'
    >>> find_code("stolen_card: contact your bank")
    'stolen_card'
    >>> find_code("Your payment was refused. Reason: Expired Card")
    'expired_card'
    >>> find_code("Try again later") is None
    True
    """
    for match in _CODE.finditer(message or ""):
        if match.group(1) in SEPA_CODES:
            return match.group(1)
    words = (message or "").lower().replace(" ", "_")
    for word in WORD_CODES:
        if word in words:
            return word
    return None


def decide(
    code: str | None,
    attempts: int,
    first_failure: date,
    today: date,
    days: tuple[int, ...] = DEFAULT_DAYS,
) -> Decision:
    """Decide on the next try after the ``attempts``-th failure in a row.

    A missed run does not pile up tries: the next one is never before tomorrow.

    >>> start = date(2026, 3, 1)
    >>> decide(None, 1, start, start).date_next
    datetime.date(2026, 3, 4)
    >>> decide("AM04", 4, start, date(2026, 3, 8))
    Decision(kind='soft', date_next=None, reason='exhausted')
    >>> decide("MD01", 1, start, start)
    Decision(kind='stop', date_next=None, reason='forbidden')
    """
    kind = SEPA_CODES.get(code or "") or WORD_CODES.get(code or "", "soft")
    if kind == "stop":
        return Decision("stop", None, "forbidden")
    if kind == "hard":
        return Decision("hard", None, "method")
    allowed = days[:1] if kind == "soft_once" else days
    if attempts > len(allowed):
        return Decision("soft", None, "exhausted")
    planned = first_failure + timedelta(days=allowed[attempts - 1])
    return Decision("soft", max(planned, today + timedelta(days=1)), "schedule")
