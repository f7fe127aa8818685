"""What a pause does to the calendar.

Days of a pause that were not billed are never billed. Days that were billed already
are kept (``none``), credited (``credit``), or used after the pause (``shift``).
"""

from __future__ import annotations

from datetime import date, timedelta

SETTLEMENTS = ("none", "credit", "shift")


def paid_days(paid_to: date | None, first: date, end: date) -> int:
    """Return how many days of a pause were billed before it.

    >>> paid_days(date(2026, 4, 1), date(2026, 3, 22), date(2026, 6, 1))
    10
    >>> paid_days(date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 1))
    0
    """
    if paid_to is None:
        return 0
    return max((min(paid_to, end) - first).days, 0)


def anchor_after(
    paid_to: date | None, first: date, end: date, settlement: str
) -> date | None:
    """Return the day from which the calendar is counted anew, if it has to be.

    :param paid_to: first day that was not billed
    :param first: first day of the pause
    :param end: first day after the pause
    :param settlement: one of :data:`SETTLEMENTS`

    Billed to 1 April, paused from 22 March to 1 June: ten paid days are used first.

    >>> anchor_after(date(2026, 4, 1), date(2026, 3, 22), date(2026, 6, 1), "shift")
    datetime.date(2026, 6, 11)
    >>> anchor_after(date(2026, 4, 1), date(2026, 3, 22), date(2026, 6, 1), "credit")
    datetime.date(2026, 6, 1)

    A short pause inside the billed period moves the calendar only when it is shifted.

    >>> anchor_after(date(2026, 4, 1), date(2026, 3, 10), date(2026, 3, 20), "shift")
    datetime.date(2026, 4, 11)
    >>> anchor_after(date(2026, 4, 1), date(2026, 3, 10), date(2026, 3, 20), "none")
    """
    next_day = end if paid_to is None else max(paid_to, end)
    if settlement == "shift":
        next_day += timedelta(days=paid_days(paid_to, first, end))
    return None if next_day == paid_to else next_day
