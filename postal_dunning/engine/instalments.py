"""Divides a debt into instalments that add up to the cent.

>>> divide(100, number=3)
[Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
>>> divide(100, each=40)
[Decimal('40.00'), Decimal('40.00'), Decimal('20.00')]
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from math import ceil

CENT = Decimal("0.01")
MOST = 120


def divide(
    total: float | Decimal,
    *,
    number: int | None = None,
    each: float | Decimal | None = None,
) -> list[Decimal]:
    """Equal instalments; the last one takes what is left.

    :param number: how many, or
    :param each: how much each
    :raises ValueError: nothing to divide, or more than :data:`MOST` instalments
    """
    rest = Decimal(str(total)).quantize(CENT)
    if number:
        part = (rest / number).quantize(CENT, rounding=ROUND_DOWN)
    else:
        part = Decimal(str(each or 0)).quantize(CENT)
        number = ceil(rest / part) if part > 0 else 0
    if part <= 0 or not 0 < number <= MOST:
        raise ValueError("nothing to divide")
    parts = [part] * (number - 1)
    return [*parts, rest - sum(parts, Decimal(0))]
