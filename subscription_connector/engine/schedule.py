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
from fractions import Fraction

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
    day to go on from does not lie on the grid of the anchor. ``is_trial`` marks
    the time before the first regular period, which has a price of its own.
    """

    start: date
    end: date
    is_stub: bool = False
    is_trial: bool = False

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
is_stub=False, is_trial=False)
    """
    n = index_at(anchor, interval, start)
    is_stub = boundary(anchor, interval, n) != start
    return Span(start, boundary(anchor, interval, n + 1), is_stub)


def later(day: date, count: int, unit: str) -> date:
    """Return the day that lies ``count`` times ``unit`` after ``day``.

    >>> later(date(2026, 1, 31), 1, "month")
    datetime.date(2026, 2, 28)
    >>> later(date(2026, 1, 31), 0, "month")
    datetime.date(2026, 1, 31)
    """
    return boundary(day, Interval(1, unit), count)


def calendar_anchor(start: date, interval: Interval) -> date:
    """Return the anchor of a calendar that begins with the year or the week.

    Intervals of months are counted from 1 January of the year of ``start``, those
    of weeks from the Monday before it; days have no calendar to keep to.

    >>> calendar_anchor(date(2026, 5, 12), Interval(1, "quarter"))
    datetime.date(2026, 1, 1)
    >>> calendar_anchor(date(2026, 11, 25), Interval(2, "week"))
    datetime.date(2026, 11, 23)
    """
    if interval.unit == "day":
        return start
    if interval.unit == "week":
        return start - timedelta(days=start.weekday())
    return date(start.year, 1, 1)


@dataclass(frozen=True)
class Calendar:
    """When one subscription is billed, and for which days.

    What it is for: the periods that should exist on a day, oldest first, so that
    the caller bills those that do not exist yet. Nothing begins on or after
    ``end``; a span that would run past it is cut short. Until ``trial_end`` the
    customer tries; that is one span. In arrears a span is due on its end, else on
    its start.

    >>> terms = Calendar(date(2026, 1, 1), Interval(1, "month"))
    >>> due = terms.due(date(2026, 2, 1), date(2026, 4, 15))
    >>> [str(span.start) for span in due.spans]
    ['2026-02-01', '2026-03-01', '2026-04-01']
    >>> late = Calendar(date(2026, 1, 1), Interval(1, "month"), in_arrears=True)
    >>> [str(span.start) for span in late.due(date(2026, 2, 1),
    ...                                      date(2026, 4, 15)).spans]
    ['2026-02-01', '2026-03-01']
    """

    anchor: date
    interval: Interval
    end: date | None = None
    trial_end: date | None = None
    in_arrears: bool = False

    def span(self, start: date) -> Span | None:
        """Return the span that begins on ``start``, None when all is over."""
        if self.end is not None and start >= self.end:
            return None
        if self.trial_end is not None and start < self.trial_end:
            span = Span(start, self.trial_end, is_trial=True)
        else:
            span = span_from(self.anchor, self.interval, start)
        if self.end is not None and span.end > self.end:
            span = Span(start, self.end, is_stub=True, is_trial=span.is_trial)
        return span

    def due_day(self, span: Span) -> date:
        """Return the day on which ``span`` is billed."""
        return span.end if self.in_arrears else span.start

    def due(self, start: date, today: date, cap: int = 24) -> Due:
        """Return what is due by ``today`` from ``start`` on, at most ``cap``."""
        spans: list[Span] = []
        span = self.span(start)
        while span is not None and self.due_day(span) <= today:
            if len(spans) >= cap:
                return Due(tuple(spans), is_capped=True)
            spans.append(span)
            span = self.span(span.end)
        return Due(tuple(spans), is_capped=False)

    def share(self, span: Span) -> Fraction:
        """Return the part of a whole period that ``span`` is, counted in days.

        >>> monthly = Calendar(date(2026, 1, 1), Interval(1, "month"))
        >>> monthly.share(Span(date(2026, 3, 22), date(2026, 4, 1), is_stub=True))
        Fraction(10, 31)
        """
        if not span.is_stub:
            return Fraction(1)
        n = index_at(self.anchor, self.interval, span.start)
        whole = boundary(self.anchor, self.interval, n + 1) - boundary(
            self.anchor, self.interval, n
        )
        return Fraction((span.end - span.start).days, whole.days)


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
