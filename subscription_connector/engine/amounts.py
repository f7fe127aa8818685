"""Amounts: the price of a part of a period, what a subscription is worth per month."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

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


def part_of(
    price: Decimal, share: Fraction, quantity: Decimal, cent: Decimal = _CENT
) -> Decimal:
    """Return the unit price for a part of a period.

    A single piece has its price in whole cents. More pieces keep six places, so
    that the amount of the line, and not that of one piece, is exact to the cent.

    >>> part_of(Decimal("15"), Fraction(10, 31), Decimal(1))
    Decimal('4.84')
    >>> part_of(Decimal("15"), Fraction(10, 31), Decimal(3))
    Decimal('4.838710')
    """
    if share == 1:
        return price
    value = price * share.numerator / share.denominator
    place = cent if quantity == 1 else Decimal("0.000001")
    return value.quantize(place, rounding=ROUND_HALF_UP)


def discounts(*percents: Decimal) -> Decimal:
    """Return the one discount that equals several, one upon the other, in percent.

    >>> discounts(Decimal(50), Decimal(10))
    Decimal('55.00')
    """
    left = Decimal(1)
    for percent in percents:
        left *= 1 - percent / 100
    return ((1 - left) * 100).quantize(_CENT, rounding=ROUND_HALF_UP)
