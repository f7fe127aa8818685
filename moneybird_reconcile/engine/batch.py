"""Many receipts at once: parts that pay one item together, and no item paid twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from .facts import Evidence, Proposal, Receipt
from .matcher import Matcher
from .rules import BLOCKS

Key = tuple[str, int]
SHORT_CODES = frozenset({"amount_lower", "fee_perhaps"})


class Batch:
    """Propose for all receipts of one run.

    Each receipt is looked at alone first. Parts that name the same item and together
    are what is open become sure of each other. Whatever one receipt is booked on is not
    open any more for the next.

    >>> from datetime import date
    >>> from .facts import OpenItem
    >>> from .index import OpenItemIndex
    >>> item = OpenItem(("odoo", 1), Decimal(30), Decimal(30), "EUR",
    ...     numbers=("INV/2026/00042",))
    >>> parts = [Receipt(n, Decimal(15), "EUR", date(2026, 11, 22),
    ...     texts=("INV/2026/00042",)) for n in (1, 2)]
    >>> found = Batch().propose(Matcher(OpenItemIndex([item])), parts)
    >>> [proposals[0].automatic for proposals in found]
    [True, True]
    """

    def __init__(self) -> None:
        self._taken: defaultdict[Key, Decimal] = defaultdict(Decimal)

    def propose(
        self, matcher: Matcher, receipts: Iterable[Receipt]
    ) -> list[list[Proposal]]:
        """Best proposals of each receipt, in the order of the receipts."""
        receipts = list(receipts)
        found = [matcher.propose(receipt) for receipt in receipts]
        for places in self._parts(receipts, found):
            self._join(matcher, found, places)
        return [self._claim(proposals) for proposals in found]

    @staticmethod
    def _parts(
        receipts: list[Receipt], found: list[list[Proposal]]
    ) -> Iterable[list[int]]:
        """Places of receipts that together pay exactly what is open of one item."""
        groups: defaultdict[Key, list[int]] = defaultdict(list)
        for place, proposals in enumerate(found):
            best = _plain(proposals)
            if best and _is_part(best):
                groups[best.allocations[0].item.key].append(place)
        for places in groups.values():
            best = _plain(found[places[0]])
            item = best.allocations[0].item if best else None
            total = sum((receipts[place].amount for place in places), Decimal(0))
            if item and len(places) > 1 and total == item.amount_open:
                yield places

    @staticmethod
    def _join(matcher: Matcher, found: list[list[Proposal]], places: list[int]) -> None:
        values = {"count": str(len(places))}
        together = Evidence("receipts_add_up", "amount", 40, values)
        for place in places:
            best = _plain(found[place])
            others = [row for row in found[place] if row is not best]
            if not best:
                continue
            pieces = [*best.evidence, together]
            pieces += (row for row in best.against if row.code not in SHORT_CODES)
            joined = Proposal.of(best.allocations, pieces)
            found[place] = matcher.decide([joined, *others])

    def _claim(self, proposals: list[Proposal]) -> list[Proposal]:
        """Take what an automatic match pays; say so when it is gone already."""
        if not proposals or not proposals[0].automatic:
            return proposals
        best, *others = proposals
        for allocation in best.allocations:
            item = allocation.item
            left = abs(item.amount_open) - self._taken[item.key]
            if abs(allocation.amount) > left:
                gone = Evidence("taken_before", "amount", BLOCKS, {})
                pieces = (*best.evidence, *best.against, gone)
                best = Proposal.of(best.allocations, pieces, best.difference)
                return [best, *others]
        for allocation in best.allocations:
            self._taken[allocation.item.key] += abs(allocation.amount)
        return proposals


def _plain(proposals: list[Proposal]) -> Proposal | None:
    """The best candidate: a fee that was perhaps withheld makes no part of an item."""
    first = next(iter(proposals), None)
    if not first or not first.difference:
        return first
    same = (row for row in proposals[1:] if row.keys == first.keys)
    return next((row for row in same if not row.difference), None)


def _is_part(proposal: Proposal) -> bool:
    return (
        len(proposal.allocations) == 1
        and "reference" in proposal.groups
        and any(piece.code in SHORT_CODES for piece in proposal.against)
        and all(
            piece.weight > BLOCKS or piece.code in SHORT_CODES
            for piece in proposal.against
        )
    )
