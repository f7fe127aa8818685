"""Keep what explains a payment, leave out what nobody may read in a log."""

from __future__ import annotations

from collections.abc import Mapping

SECRET_WORDS = (
    "token",
    "secret",
    "password",
    "authorization",
    "cvc",
    "cvv",
    "checkout",
)
CARD_WORDS = ("maskedpan", "cardnumber", "cardfingerprint", "tokenmaskedinput")
MAX_TEXT = 500


def redact(value: object, depth: int = 6) -> object:
    """Copy an answer without secrets, card data and links to pay.

    >>> redact({"id": "tr_1", "details": {"cardNumber": "1234", "accessToken": "x"}})
    {'id': 'tr_1', 'details': {'cardNumber': '…', 'accessToken': '…'}}
    """
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {
            str(key): "…" if _is_secret(str(key)) else redact(item, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [redact(item, depth - 1) for item in value[:50]]
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)[:MAX_TEXT]


def _is_secret(key: str) -> bool:
    lowered = key.lower()
    return any(word in lowered for word in SECRET_WORDS + CARD_WORDS)
