"""Parts of an amount, exact to the cent.

The amount of a period is spread over its days. What is owed up to a day is rounded
once, and a part is the difference of two such sums, so that the parts of a period
always add up to the period:

>>> march = Span(date(2026, 3, 1), date(2026, 4, 1))
>>> parts = [part(Decimal("10"), march, date(2026, 3, day), date(2026, 3, day + 1))
...          for day in range(1, 31)]
>>> str(sum(parts) + part(Decimal("10"), march, date(2026, 3, 31), march.end))
'10.00'

Rounding is half up, as art. 14 of Directive 2011/83/EU is applied: the customer owes
``price × days used / days of the period``.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .schedule import Span

CENT = Decimal("0.01")


def owed(amount: Decimal, span: Span, day: date, unit: Decimal = CENT) -> Decimal:
    """Return what is owed for the days of ``span`` before ``day``.

    :param amount: price of the whole span
    :param unit: smallest amount of the currency

    >>> april = Span(date(2026, 4, 1), date(2026, 5, 1))
    >>> str(owed(Decimal("15"), april, date(2026, 4, 11)))
    '5.00'
    >>> str(owed(Decimal("15"), april, date(2026, 6, 1)))
    '15.00'
    """
    days = (span.end - span.start).days
    used = min(max((day - span.start).days, 0), days)
    return (amount * used / days / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def part(
    amount: Decimal, span: Span, first: date, end: date, unit: Decimal = CENT
) -> Decimal:
    """Return the part of ``amount`` that falls on ``first`` to ``end`` (half-open).

    >>> april = Span(date(2026, 4, 1), date(2026, 5, 1))
    >>> str(part(Decimal("15"), april, date(2026, 4, 11), april.end))
    '10.00'
    """
    if end <= first:
        return Decimal(0) * unit
    return owed(amount, span, end, unit) - owed(amount, span, first, unit)


def overlap(span: Span, first: date, end: date | None) -> Span | None:
    """Return the days that both have, if there are any.

    >>> overlap(Span(date(2026, 4, 1), date(2026, 5, 1)), date(2026, 4, 20), None)
    Span(start=datetime.date(2026, 4, 20), end=datetime.date(2026, 5, 1), \
is_stub=False, is_trial=False)
    """
    start = max(span.start, first)
    stop = span.end if end is None else min(span.end, end)
    return Span(start, stop) if start < stop else None
