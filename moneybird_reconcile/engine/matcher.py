"""Propose which open items a receipt pays, with evidence and with what speaks against.

How to use::

    index = OpenItemIndex(items)
    proposals = Matcher(index, threshold=90).propose(receipt)

How it works: the index finds candidates through what is written on the receipt, never
by going through all items; an ordered list of small rules weighs each candidate, and
the best three are returned. A proposal is automatic only when its score reaches the
threshold, two independent groups of evidence speak for it, nothing heavy speaks against
it and no other candidate comes close. "Cannot decide" is an answer: nothing automatic.

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

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from . import references as refs
from .facts import Allocation, Evidence, OpenItem, Proposal, Receipt
from .names import family_words, normalise_iban
from .rules import PAIR_RULES, Clues, read_clues

THRESHOLD = 90
BEST = 3
MARGIN = 10
MAX_NAMED = 20
MAX_COMBINED = 12


class OpenItemIndex:
    """Open items, findable by everything a payer may write."""

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self.items: dict[tuple[str, int], OpenItem] = {}
        self.by_structured: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_number: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_short: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_order: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_iban: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_name: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self.by_name_amount: defaultdict[tuple[str, Decimal], list[OpenItem]]
        self.by_name_amount = defaultdict(list)
        self.by_amount: defaultdict[tuple[str, Decimal], list[OpenItem]]
        self.by_amount = defaultdict(list)
        for item in items:
            self._add(item)
        self.number_words = self.by_number.keys() | self.by_short.keys()

    def _add(self, item: OpenItem) -> None:
        self.items[item.key] = item
        for value in item.structured:
            self.by_structured[refs.normalise_reference(value)].append(item)
        for number in filter(refs.is_telling, item.numbers):
            for key in set(refs.number_keys(number)):
                self.by_number[key].append(item)
            short = refs.short_number_key(number)
            if short:
                self.by_short[short].append(item)
        for value in item.order_refs:
            self.by_order[refs.normalise_reference(value)].append(item)
        for iban in item.ibans:
            self.by_iban[normalise_iban(iban)].append(item)
        for word in family_words(item.partner_name):
            self.by_name[word].append(item)
            self.by_name_amount[word, abs(item.amount_open)].append(item)
        self.by_amount[item.currency, abs(item.amount_open)].append(item)

    def candidates(self, receipt: Receipt, clues: Clues) -> list[OpenItem]:
        """Items that anything on the receipt points at, strongest clue first."""
        found: dict[tuple[str, int], OpenItem] = {}
        for items in self._pointed_at(receipt, clues):
            for item in items:
                if (item.amount_open > 0) == (receipt.amount > 0):
                    found.setdefault(item.key, item)
        return list(found.values())

    def _pointed_at(self, receipt: Receipt, clues: Clues) -> Iterable[list[OpenItem]]:
        for key in clues.structured:
            yield self.by_structured.get(key, [])[:MAX_NAMED]
        for key in clues.order_refs:
            yield self.by_order.get(key, [])[:MAX_NAMED]
        for key in clues.spellings & self.number_words:
            yield self.by_number.get(key, [])[:MAX_NAMED]
            yield self.by_short.get(key, [])[:MAX_NAMED]
        if clues.iban:
            yield self.by_iban.get(clues.iban, [])[:MAX_NAMED]
        for word in family_words(receipt.payer_name):
            equal = self.by_name_amount.get((word, abs(receipt.amount)), [])
            yield equal[:MAX_NAMED]
            yield self.by_name.get(word, [])[:BEST]
        yield self.by_amount.get((receipt.currency, abs(receipt.amount)), [])[:BEST]


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
        candidates = self.index.candidates(receipt, clues)
        pairs = [self._weigh(receipt, clues, item) for item in candidates]
        pairs.sort(key=lambda proposal: -proposal.score)
        combined = self._combine(receipt, pairs)
        proposals = [*combined, *pairs] if combined else pairs
        proposals = [proposal for proposal in proposals if proposal.score > 0]
        proposals.sort(key=lambda proposal: -proposal.score)
        return self._decide(proposals)[:BEST]

    def _weigh(self, receipt: Receipt, clues: Clues, item: OpenItem) -> Proposal:
        pieces = [
            piece
            for rule in PAIR_RULES
            if (piece := rule(receipt, clues, item, self.index)) is not None
        ]
        amount = min(abs(receipt.amount), abs(item.amount_open))
        amount = amount if receipt.amount > 0 else -amount
        return self._proposal((Allocation(item, amount),), pieces)

    @staticmethod
    def _proposal(
        allocations: tuple[Allocation, ...], pieces: list[Evidence]
    ) -> Proposal:
        score = max(0, min(100, sum(piece.weight for piece in pieces)))
        return Proposal(
            allocations=allocations,
            score=score,
            evidence=tuple(piece for piece in pieces if piece.weight > 0),
            against=tuple(piece for piece in pieces if piece.weight <= 0),
        )

    def _combine(self, receipt: Receipt, pairs: list[Proposal]) -> list[Proposal]:
        """Several items that the receipt names, whose open amounts add up to it."""
        named = [
            proposal
            for proposal in pairs
            if "reference" in proposal.groups
            and proposal.allocations[0].item.currency == receipt.currency
        ]
        items = [proposal.allocations[0].item for proposal in named]
        if len({item.key[0] for item in items}) != 1:
            return []
        total = sum((item.amount_open for item in items), Decimal(0))
        if not 2 <= len(items) <= MAX_COMBINED or total != receipt.amount:
            return []
        pieces: dict[str, Evidence] = {}
        for proposal in named:
            for piece in proposal.evidence:
                if piece.group == "reference":
                    pieces.setdefault(f"{piece.code}{piece.values}", piece)
                elif piece.group == "payer":
                    pieces.setdefault(piece.code, piece)
        weighed = [
            Evidence(piece.code, piece.group, min(piece.weight, 60), piece.values)
            for piece in pieces.values()
        ]
        weighed.append(
            Evidence("amounts_add_up", "amount", 40, {"count": str(len(items))})
        )
        return [
            self._proposal(
                tuple(Allocation(item, item.amount_open) for item in items), weighed
            )
        ]

    def _decide(self, proposals: list[Proposal]) -> list[Proposal]:
        if not proposals:
            return []
        best, *others = proposals
        automatic = (
            best.score >= self.threshold
            and len(best.groups) >= 2
            and not any(piece.weight <= -15 for piece in best.against)
            and not self._has_rival(best, others)
        )
        decided = Proposal(
            best.allocations, best.score, best.evidence, best.against, automatic
        )
        return [decided, *others]

    @staticmethod
    def _has_rival(best: Proposal, others: list[Proposal]) -> bool:
        own = {allocation.item.key for allocation in best.allocations}
        return any(
            best.score - other.score < MARGIN
            and not {allocation.item.key for allocation in other.allocations} <= own
            for other in others
        )
