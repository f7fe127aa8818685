"""What an error of a call to a payment provider says about the money.

Odoo turns a lost connection and a refusal into the same error. What it came from is
kept in its chain: an ``OSError`` (that of ``requests``), with the answer if there was
one.
"""

from __future__ import annotations

from typing import Any

#: Answers that do not tell what became of a request: it took too long, or the same
#: request is at work already.
UNCLEAR = (408, 409)


def _find_call_error(error: BaseException | None) -> OSError | None:
    while error:
        if isinstance(error, OSError):
            return error
        error = error.__cause__ or error.__context__
    return None


def is_lost(error: BaseException) -> bool:
    """Whether the request may have been carried out without our knowing.

    >>> is_lost(ConnectionError("reset"))
    True
    >>> is_lost(ValueError("refused before it was sent"))
    False
    """
    found = _find_call_error(error)
    if found is None:
        return False
    response = getattr(found, "response", None)
    if response is None:
        return True
    return bool(response.status_code >= 500 or response.status_code in UNCLEAR)


def _find_decline(data: Any) -> str:
    """Return the code of an error of Stripe, nothing where it has none."""
    if not isinstance(data, dict):
        return ""
    return str(data.get("decline_code") or data.get("code") or "")


def find_reason(provider: str, data: dict[str, Any]) -> str:
    """Return why a payment was declined, as its provider names it, or nothing.

    Sources: docs.stripe.com/declines/codes and docs.adyen.com, refusal reasons, both
    read on 2026-11-25.

    :param provider: the code of the provider in Odoo
    :param data: the payment, in the form in which Odoo's own code processes it

    >>> find_reason("adyen", {"resultCode": "Refused", "refusalReason": "Expired Card"})
    'Expired Card'
    >>> error = {"code": "card_declined", "decline_code": "lost_card"}
    >>> find_reason("stripe", {"payment_intent": {"last_payment_error": error}})
    'lost_card'
    >>> find_reason("demo", {})
    ''
    """
    if provider == "adyen":
        return str(data.get("refusalReason") or "")
    if provider == "stripe":
        return _find_decline(
            (data.get("payment_intent") or {}).get("last_payment_error")
        )
    return ""


def read_decline(error: BaseException) -> str:
    """Return the code of a decline that came with an error of a call to Stripe."""
    response = getattr(_find_call_error(error), "response", None)
    if response is None:
        return ""
    try:
        data = response.json()
    except ValueError:
        return ""
    return _find_decline(data.get("error") if isinstance(data, dict) else None)
