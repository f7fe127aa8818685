"""Amounts that belong to no invoice: what a subscription is worth per month."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .schedule import Interval

_CENT = Decimal("0.01")
_DAYS_PER_MONTH = Decimal(365) / 12


def per_month(amount: Decimal, interval: Interval) -> Decimal:
    """Spread the amount of one interval over months, to the cent.

    >>> per_month(Decimal("120"), Interval(1, "year"))
    Decimal('10.00')
    >>> per_month(Decimal("15"), Interval(1, "quarter"))
    Decimal('5.00')
    >>> per_month(Decimal("7"), Interval(1, "week"))
    Decimal('30.42')
    """
    if interval.months:
        value = amount / interval.months
    else:
        value = amount * _DAYS_PER_MONTH / interval.days
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)
