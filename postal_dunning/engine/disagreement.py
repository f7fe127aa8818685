"""What was agreed or is contested about one item.

>>> from datetime import date
>>> from decimal import Decimal
>>> from .steps import Item
>>> item = Item(7, date(2026, 1, 1), Decimal(100))
>>> Agreement(disputed=Decimal(30)).apply(item).asked
Decimal('70')
>>> Agreement(is_disputed=True).apply(item).asked
Decimal('0')
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from .steps import Item


@dataclass
class Agreement:
    """Collects what several records say about an item.

    :param disputed: contested part of it
    :param is_disputed: all of it is contested
    :param is_in_plan: it is paid by instalments
    """

    disputed: Decimal = Decimal(0)
    is_disputed: bool = False
    is_in_plan: bool = False

    def apply(self, item: Item) -> Item:
        """The item with what was agreed about it."""
        if self == Agreement():
            return item
        disputed = item.residual if self.is_disputed else self.disputed
        return replace(
            item,
            disputed=min(disputed, item.residual),
            is_in_plan=self.is_in_plan,
        )
