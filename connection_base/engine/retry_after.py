"""Reading ``Retry-After`` in the three forms services use.

RFC 9110 10.2.3 knows seconds and an HTTP date; some services (Moneybird) put the
moment as seconds since 1970 in it.
"""

import math
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

EPOCH_FROM = 86_400 * 365
"""A number above this (a year in seconds) cannot be a pause: it is a moment."""
MAX_PAUSE = 86_400.0
"""Nobody makes us wait more than a day: look again by then."""


def parse_retry_after(value: "str | None", now: datetime) -> "float | None":
    """Return the pause in seconds, between 0 and a day, or ``None`` when unreadable.

    :param value: the header as received
    :param now: the present moment, aware

    >>> now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
    >>> parse_retry_after("30", now)
    30.0
    >>> parse_retry_after("Sun, 01 Mar 2026 12:01:00 GMT", now)
    60.0
    >>> parse_retry_after(str(int(now.timestamp()) + 90), now)
    90.0
    >>> parse_retry_after("soon", now) is None
    True
    """
    text = (value or "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return _from_http_date(text, now)
    if not math.isfinite(number):
        return None
    if number > EPOCH_FROM:
        number -= now.timestamp()
    return _clamp(number)


def _from_http_date(text: str, now: datetime) -> "float | None":
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return _clamp((moment - now).total_seconds())


def _clamp(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_PAUSE)
