"""On which days a contract may end, the earliest first."""

from __future__ import annotations

from datetime import date

from .schedule import Interval, next_ends


def offered_ends(
    anchor: date,
    interval: Interval,
    paid_to: date,
    first: date,
    any_day: bool,
    count: int = 3,
) -> tuple[date, ...]:
    """Return the days on which it may end, the earliest first.

    :param paid_to: first day that is not billed
    :param first: first day that notice and minimum term allow
    :param any_day: it may end on any day from ``first`` on, as for consumers in the
        Netherlands and Germany after the first term (art. 6:236 j BW, § 309 Nr. 9 BGB);
        what was billed beyond that day is then given back

    Billed to 1 March, a month's notice given on 10 February: 10 March lies inside the
    next period, so the first end of a period that keeps the notice is 1 April.

    >>> args = date(2026, 1, 1), Interval(1, "month"), date(2026, 3, 1)
    >>> [str(day) for day in offered_ends(*args, date(2026, 2, 10), False, 2)]
    ['2026-03-01', '2026-04-01']
    >>> [str(day) for day in offered_ends(*args, date(2026, 3, 10), False, 2)]
    ['2026-04-01', '2026-05-01']
    >>> [str(day) for day in offered_ends(*args, date(2026, 3, 10), True, 2)]
    ['2026-03-10', '2026-04-01']
    """
    ends = next_ends(anchor, interval, paid_to, first, count)
    if any_day and first not in ends:
        return (first, *ends)[:count]
    return ends


def at_most_a_month(count: int, unit: str) -> tuple[int, str]:
    """Return a notice that a consumer may be held to once the first term is over.

    A month at most: art. 6:236 j BW (NL), § 309 Nr. 9 BGB (DE); Belgium allows two
    (art. VI.91 WER). A month has 28 days at least, so that many days or fewer stay.

    >>> at_most_a_month(3, "month"), at_most_a_month(14, "day")
    ((1, 'month'), (14, 'day'))
    """
    limit = {"day": 28, "week": 4, "month": 1}[unit]
    return (count, unit) if count <= limit else (1, "month")
