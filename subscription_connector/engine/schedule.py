"""Dates of a subscription, counted from its anchor day.

Every boundary is ``anchor + interval × n``. Nothing is ever derived from the
boundary before it, so a subscription that starts on the 31st falls on the 28th
in February and is back on the 31st in March:

>>> monthly = Interval(1, "month")
>>> [str(boundary(date(2026, 1, 31), monthly, n)) for n in range(4)]
['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']

Periods are half-open: the day of ``end`` belongs to the next period.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = ("day", "week", "month", "quarter", "year")
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Interval:
    """How often: ``count`` times ``unit`` (one of :data:`UNITS`).

    :raises ValueError: for an unknown unit or a count below one
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit of time: {self.unit!r}")
        if self.count < 1:
            raise ValueError("an interval lasts at least one unit")

    @property
    def days(self) -> int:
        """Length in days, 0 when the interval is counted in months."""
        return _DAYS.get(self.unit, 0) * self.count

    @property
    def months(self) -> int:
        """Length in months, 0 when the interval is counted in days."""
        return _MONTHS.get(self.unit, 0) * self.count


@dataclass(frozen=True)
class Span:
    """A half-open span of days.

    ``is_stub`` marks a span shorter than the interval, which happens when the
    day to go on from does not lie on the grid of the anchor.
    """

    start: date
    end: date
    is_stub: bool = False

    @property
    def last_day(self) -> date:
        """The last day that is part of the span, for people to read.

        >>> Span(date(2026, 1, 1), date(2026, 2, 1)).last_day
        datetime.date(2026, 1, 31)
        """
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """Spans that should be billed now; ``is_capped`` when more are waiting."""

    spans: tuple[Span, ...]
    is_capped: bool


def boundary(anchor: date, interval: Interval, n: int) -> date:
    """Return the n-th boundary; ``n`` may be negative.

    >>> boundary(date(2024, 2, 29), Interval(1, "year"), 1)
    datetime.date(2025, 2, 28)
    >>> boundary(date(2024, 2, 29), Interval(1, "year"), 4)
    datetime.date(2028, 2, 29)
    """
    if interval.days:
        return anchor + timedelta(days=interval.days * n)
    months = anchor.year * 12 + anchor.month - 1 + interval.months * n
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def index_at(anchor: date, interval: Interval, day: date) -> int:
    """Return the n of the period that holds ``day``.

    >>> index_at(date(2026, 1, 31), Interval(1, "month"), date(2026, 2, 28))
    1
    >>> index_at(date(2026, 1, 31), Interval(1, "month"), date(2026, 2, 27))
    0
    """
    if interval.days:
        return (day - anchor).days // interval.days
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    n = months // interval.months
    # A clamped month end makes the estimate at most one too high.
    return n if boundary(anchor, interval, n) <= day else n - 1


def span_from(anchor: date, interval: Interval, start: date) -> Span:
    """Return the span that begins on ``start`` and ends on the next boundary.

    >>> span_from(date(2026, 1, 31), Interval(1, "month"), date(2026, 2, 28))
    Span(start=datetime.date(2026, 2, 28), end=datetime.date(2026, 3, 31), \
is_stub=False)
    """
    n = index_at(anchor, interval, start)
    is_stub = boundary(anchor, interval, n) != start
    return Span(start, boundary(anchor, interval, n + 1), is_stub)


def spans_due(
    anchor: date,
    interval: Interval,
    start: date,
    today: date,
    end: date | None = None,
    cap: int = 24,
) -> Due:
    """Return the spans from ``start`` on that have begun by ``today``.

    Missed spans are all returned, oldest first, up to ``cap``. No span begins
    on or after ``end``; one that would run past it is cut short.

    >>> due = spans_due(date(2026, 1, 1), Interval(1, "month"),
    ...                 date(2026, 2, 1), date(2026, 4, 15))
    >>> [str(span.start) for span in due.spans]
    ['2026-02-01', '2026-03-01', '2026-04-01']
    """
    spans: list[Span] = []
    while start <= today and (end is None or start < end):
        if len(spans) >= cap:
            return Due(tuple(spans), is_capped=True)
        span = span_from(anchor, interval, start)
        if end is not None and span.end > end:
            span = Span(span.start, end, is_stub=True)
        spans.append(span)
        start = span.end
    return Due(tuple(spans), is_capped=False)


def next_ends(
    anchor: date, interval: Interval, start: date, today: date, count: int = 3
) -> tuple[date, ...]:
    """Return the next ``count`` period ends after ``today``.

    ``start`` is the day up to which everything is billed, so that no offered
    end lies inside a period that was already paid for.

    >>> next_ends(date(2026, 1, 1), Interval(1, "month"),
    ...           date(2026, 3, 1), date(2026, 2, 10), 2)
    (datetime.date(2026, 3, 1), datetime.date(2026, 4, 1))
    """
    first = max(start, today)
    n = index_at(anchor, interval, first)
    if boundary(anchor, interval, n) < first:
        n += 1
    return tuple(boundary(anchor, interval, n + i) for i in range(count))
