"""One receipt that pays several items: which ones add up, and how sure that is.

>>> from .facts import OpenItem
>>> items = [OpenItem(("odoo", n), Decimal(a), Decimal(a), "EUR")
...     for n, a in ((1, "15"), (2, "20"), (3, "7.50"))]
>>> ways = ways_to_pay(items, Decimal("22.50"))
>>> [[item.key[1] for item in way] for way in ways]
[[1, 3]]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from .facts import Allocation, Evidence, OpenItem, Proposal, Receipt
from .index import OpenItemIndex, due_order
from .rules import BLOCKS

MAX_COMBINED = 12
MAX_STEPS = 4096
PARTLY_NAMED = 25

#: an item together with what was found for it and the receipt
Weighed = tuple[OpenItem, list[Evidence]]


def ways_to_pay(
    items: list[OpenItem], amount: Decimal, limit: int = 2
) -> list[tuple[OpenItem, ...]]:
    """Sets of two items or more that make up exactly this amount, oldest first.

    :param items: at most twelve; credit notes (negative) are set off
    :param limit: no more ways than this are looked for
    """
    ways: list[tuple[OpenItem, ...]] = []
    count = len(items)
    amounts = [item.amount_open for item in items]
    # What the items from a place on can add at most and take away at most.
    most = [Decimal(0)] * (count + 1)
    least = [Decimal(0)] * (count + 1)
    for place in range(count - 1, -1, -1):
        most[place] = most[place + 1] + max(amounts[place], Decimal(0))
        least[place] = least[place + 1] + min(amounts[place], Decimal(0))
    steps = 0
    stack: list[tuple[int, Decimal, tuple[int, ...]]] = [(0, amount, ())]
    while stack and len(ways) < limit and steps < MAX_STEPS:
        steps += 1
        place, left, taken = stack.pop()
        if not left and len(taken) > 1:
            ways.append(tuple(items[number] for number in taken))
            continue
        if place == count or not least[place] <= left <= most[place]:
            continue
        stack.append((place + 1, left, taken))
        stack.append((place + 1, left - amounts[place], (*taken, place)))
    return ways


class Combiner:
    """Make proposals of several items for one receipt.

    :param index: all open items
    :param receipt: what came in
    :param weighed: the single candidates with their evidence
    """

    def __init__(
        self, index: OpenItemIndex, receipt: Receipt, weighed: list[Weighed]
    ) -> None:
        self._index = index
        self._receipt = receipt
        self._weighed = {
            item.key: (item, pieces)
            for item, pieces in weighed
            if item.currency == receipt.currency
        }
        self._named = [
            item for item, pieces in self._weighed.values() if _refers(pieces)
        ]

    def proposals(self) -> Iterator[Proposal]:
        """All sets that add up to the receipt, each once."""
        seen: set[frozenset[tuple[str, int]]] = set()
        for items, ways in self._sets():
            keys = frozenset(item.key for item in items)
            if keys not in seen and self._is_one_ledger(items):
                seen.add(keys)
                yield self._propose(items, ways)

    def _sets(self) -> Iterator[tuple[tuple[OpenItem, ...], int]]:
        """Sets that add up, with the number of ways there are."""
        amount = self._receipt.amount
        named = sorted(self._named, key=due_order)
        if 2 <= len(named) <= MAX_COMBINED:
            if sum((item.amount_open for item in named), Decimal(0)) == amount:
                yield tuple(named), 1
                return
            yield from _counted(ways_to_pay(named, amount))
        for item in named:
            yield from self._instalments(item)
        for item in self._one_per_partner():
            yield from _counted(ways_to_pay(self._index.items_of_partner(item), amount))

    def _instalments(
        self, item: OpenItem
    ) -> Iterator[tuple[tuple[OpenItem, ...], int]]:
        """The next instalments of the document, as many as were paid."""
        total = Decimal(0)
        taken: list[OpenItem] = []
        for part in self._index.instalments_of(item):
            total += part.amount_open
            taken.append(part)
            if len(taken) > 1 and total == self._receipt.amount:
                yield tuple(taken), 1

    def _one_per_partner(self) -> list[OpenItem]:
        """One candidate of each customer that the receipt refers to or comes from."""
        found: dict[tuple[str, str], OpenItem] = {}
        for item, pieces in self._weighed.values():
            heavy = {piece.group for piece in pieces if piece.weight >= 20} & {
                "reference",
                "payer",
            }
            if heavy and item.partner_key:
                found.setdefault((item.key[0], item.partner_key), item)
        return list(found.values())[:3]

    @staticmethod
    def _is_one_ledger(items: tuple[OpenItem, ...]) -> bool:
        """One ledger; and only Odoo can set a credit note off within one payment."""
        ledgers = {item.key[0] for item in items}
        signs = {item.amount_open > 0 for item in items}
        return len(ledgers) == 1 and (len(signs) == 1 or ledgers == {"odoo"})

    def _propose(self, items: tuple[OpenItem, ...], ways: int) -> Proposal:
        known = [
            self._weighed[item.key][1] for item in items if item.key in self._weighed
        ]
        refers = [_refers(pieces) for pieces in known]
        named = sum(map(bool, refers))
        documents = {item.document or str(item.key) for item in items}
        whole = named and (named == len(items) or len(documents) == 1)
        pieces: dict[str, Evidence] = {}
        for piece in (piece for found in known for piece in found):
            if piece.weight > 0 and piece.group in ("reference", "payer"):
                weight = piece.weight
                if piece.group == "reference" and not whole:
                    weight = min(weight, PARTLY_NAMED)
                pieces.setdefault(
                    f"{piece.code}{piece.values}",
                    Evidence(piece.code, piece.group, weight, piece.values),
                )
            elif piece.code == "name_differs":
                pieces.setdefault(piece.code, piece)
        values = {"count": str(len(items))}
        pieces["sum"] = Evidence("amounts_add_up", "amount", 40, values)
        # Less than one item may as well be a part of it: a credit note that nobody
        # wrote down does not prove that it was set off.
        is_set_off = len({item.amount_open > 0 for item in items}) > 1
        if ways > 1 or (is_set_off and named < len(items)):
            pieces["ways"] = Evidence("several_ways", "amount", BLOCKS, {})
        left_out = [item for item in self._named if item not in items]
        if left_out:
            values = {"number": ", ".join(item.numbers[0] for item in left_out[:3])}
            pieces["left"] = Evidence("named_not_paid", "reference", BLOCKS, values)
        if not any(pieces_of for pieces_of in refers) and len(known) < len(items):
            pieces.update(self._against_other())
        allocations = tuple(Allocation(item, item.amount_open) for item in items)
        return Proposal.of(allocations, pieces.values())

    # --- Less than everything, without a word what it is for -----------------------

    def in_order(self) -> Iterator[Proposal]:
        """The money as the law divides it where nobody said what it is for.

        NL, art. 6:44 BW: costs, then interest, then principal; the oldest first.
        """
        for items in self._unsaid():
            items = [item for item in items if item.amount_open > 0]
            total = sum((item.amount_open for item in items), Decimal(0))
            has_order = any(item.rank < 0 for item in items)
            if has_order and 0 < self._receipt.amount < total:
                if self._is_one_ledger(tuple(items)):
                    yield self._propose_in_order(items, total)

    def _unsaid(self) -> Iterator[list[OpenItem]]:
        """What a payer may have meant: all that is named, else all of a customer."""
        if len(self._named) > 1:
            if len({item.partner_key for item in self._named}) == 1:
                yield self._named
        elif not self._named:
            for item in self._one_per_partner():
                yield self._index.items_of_partner(item)

    def _propose_in_order(self, items: list[OpenItem], total: Decimal) -> Proposal:
        left = self._receipt.amount
        allocations = []
        for item in sorted(items, key=due_order):
            part = min(left, item.amount_open)
            if part > 0:
                allocations.append(Allocation(item, part))
                left -= part
        pieces = {
            f"{piece.code}{piece.values}": piece
            for item in items
            for piece in self._weighed.get(item.key, (item, []))[1]
            if piece.group in ("reference", "payer")
        }
        values = {"amount": str(self._receipt.amount), "open": str(total)}
        pieces["order"] = Evidence("order_of_law", "hint", 5, {})
        pieces["lower"] = Evidence("amount_lower", "amount", -20, values)
        return Proposal.of(tuple(allocations), pieces.values())

    def _against_other(self) -> dict[str, Evidence]:
        """A number on the receipt that is none of the items'."""
        for _item, pieces in self._weighed.values():
            for piece in pieces:
                if piece.code == "other_reference":
                    return {piece.code: piece}
        return {}


def _refers(pieces: Iterable[Evidence]) -> list[Evidence]:
    return [
        piece for piece in pieces if piece.group == "reference" and piece.weight > 0
    ]


def _counted(
    ways: list[tuple[OpenItem, ...]],
) -> Iterator[tuple[tuple[OpenItem, ...], int]]:
    for way in ways[:1]:
        yield way, len(ways)
