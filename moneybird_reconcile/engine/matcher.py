"""Propose which open items a receipt pays, with evidence and with what speaks against.

How to use::

    index = OpenItemIndex(items)
    proposals = Matcher(index, threshold=90).propose(receipt)

How it works: the index finds candidates through what is written on the receipt, never
by going through all items; an ordered list of small rules weighs each candidate, sets
of items that add up join them, and the best three are returned. A proposal is automatic
only when its score reaches the threshold, two independent groups of evidence speak for
it, nothing heavy speaks against it and no other candidate comes close. "Cannot decide"
is an answer: nothing automatic.

>>> from datetime import date
>>> from decimal import Decimal
>>> from .facts import OpenItem, Receipt
>>> item = OpenItem(("odoo", 1), Decimal("15.00"), Decimal("15.00"), "EUR",
...     numbers=("INV/2026/00042",), partner_name="Jan de Vries")
>>> receipt = Receipt(7, Decimal("15.00"), "EUR", date(2026, 11, 22),
...     texts=("Betaling factuur INV-2026-00042",))
>>> best = Matcher(OpenItemIndex([item])).propose(receipt)[0]
>>> best.automatic, best.score, [piece.code for piece in best.evidence]
(True, 90, ['number_found', 'amount_equal'])
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .combine import Combiner, Weighed
from .difference import explained, gross_of, with_fee
from .facts import Allocation, Evidence, OpenItem, Proposal, Receipt
from .index import OpenItemIndex, due_order
from .rules import BLOCKS, Clues, Look, read_clues, weigh

__all__ = ["THRESHOLD", "Matcher", "OpenItemIndex"]

THRESHOLD = 90
BEST = 3
MARGIN = 10


class Matcher:
    """Weigh candidates and decide what may be booked without a person.

    :param index: the open items of one company
    :param threshold: score from which a proposal may be automatic (0 to 100)
    """

    def __init__(self, index: OpenItemIndex, threshold: int = THRESHOLD) -> None:
        self.index = index
        self.threshold = threshold

    def propose(self, receipt: Receipt) -> list[Proposal]:
        """The best proposals for a receipt, best first; at most one is automatic."""
        if not receipt.amount:
            return []
        clues = read_clues(receipt)
        pointed = self.index.pointed_at(receipt, clues)
        weighed = self._weigh(receipt, clues, pointed)
        found = self._rank(receipt, clues, weighed)
        if found and found[0].automatic and found[0].weight >= THRESHOLD:
            # What is only alike stays far below; nobody has to choose here.
            return found
        known = {item.key for item, _pieces in weighed}
        alike = self.index.alike(receipt)
        gross = gross_of(receipt)
        if gross:
            known_alike = {item.key for item in alike}
            more = self.index.alike(gross)
            alike += [item for item in more if item.key not in known_alike]
        others = [item for item in alike if item.key not in known]
        weighed += self._weigh(receipt, clues, others)
        return self._rank(receipt, clues, weighed)

    def _weigh(
        self, receipt: Receipt, clues: Clues, items: list[OpenItem]
    ) -> list[Weighed]:
        index = self.index
        return [(item, weigh(Look(receipt, clues, item, index))) for item in items]

    def _rank(
        self, receipt: Receipt, clues: Clues, weighed: list[Weighed]
    ) -> list[Proposal]:
        """The best proposals out of single items and sets of them."""
        proposals = self._find(receipt, weighed)
        gross = gross_of(receipt)
        if gross:
            items = [item for item, _pieces in weighed]
            found = self._find(gross, self._weigh(gross, clues, items))
            proposals += with_fee(receipt, found)
        proposals = [proposal for proposal in proposals if proposal.weight > 0]
        proposals.sort(key=_best_first)
        return self.decide(proposals)[:BEST]

    def _find(self, receipt: Receipt, weighed: list[Weighed]) -> list[Proposal]:
        """Proposals of single items, and of sets when none of those is right."""
        proposals: list[Proposal] = []
        for item, pieces in weighed:
            if (item.amount_open > 0) == (receipt.amount > 0):
                proposals += self._singles(receipt, item, pieces)
        if not self._is_settled(proposals):
            combiner = Combiner(self.index, receipt, weighed)
            proposals += combiner.proposals()
            if not any("amount" in proposal.groups for proposal in proposals):
                ordered = list(combiner.in_order())
                same = {proposal.keys for proposal in ordered}
                proposals = [one for one in proposals if one.keys not in same]
                proposals += ordered
        return proposals

    def _singles(
        self, receipt: Receipt, item: OpenItem, pieces: list[Evidence]
    ) -> list[Proposal]:
        """The item as paid whole with a difference, and as far as the money goes."""
        whole = explained(receipt, item, pieces) if receipt.differences else None
        if whole and item.currency != receipt.currency:
            return [whole]  # a part of another currency is no amount of this one
        single = self._single(receipt, item, pieces)
        return [whole, single] if whole else [single]

    @staticmethod
    def _single(receipt: Receipt, item: OpenItem, pieces: list[Evidence]) -> Proposal:
        amount = min(abs(receipt.amount), abs(item.amount_open))
        amount = amount if receipt.amount > 0 else -amount
        return Proposal.of((Allocation(item, amount),), pieces)

    @staticmethod
    def _is_settled(proposals: list[Proposal]) -> bool:
        """One item is named and its amount is right: no set needs to be looked for."""
        return any(
            "reference" in proposal.groups and "amount" in proposal.groups
            for proposal in proposals
        )

    def decide(self, proposals: list[Proposal]) -> list[Proposal]:
        """Mark the first proposal when it is sure enough.

        :param proposals: best first
        """
        if not proposals:
            return []
        best, *others = proposals
        automatic = (
            best.score >= self.threshold
            and len(best.groups) >= 2
            and "amount" in best.groups
            and not any(piece.weight <= BLOCKS for piece in best.against)
            and not any(_is_rival(best, other) for other in others)
        )
        return [replace(best, automatic=automatic), *others]


def _best_first(
    proposal: Proposal,
) -> tuple[int, tuple[int, date, date, int, tuple[str, int]]]:
    return -proposal.weight, due_order(proposal.allocations[0].item)


def _is_rival(best: Proposal, other: Proposal) -> bool:
    """Tell whether another candidate is too good to be passed over without a person.

    Another item that the receipt names and whose amount is right as well is one, by
    whatever margin the first is ahead; instalments of one document come in order.
    """
    if other.keys <= best.keys:
        return False
    if best.weight - other.weight < MARGIN:
        return True
    documents = {allocation.item.document for allocation in best.allocations}
    same = {allocation.item.document for allocation in other.allocations} == documents
    return {"reference", "amount"} <= other.groups and not (same and any(documents))
