"""Open items, findable by everything a payer may write; nobody goes through all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz, process

from . import references as refs
from .facts import OpenItem, Receipt
from .names import WEAK, family_words, normalise_iban, normalise_name
from .rules import Clues

MAX_NAMED = 20
MAX_ALIKE = 10
MAX_OF_PARTNER = 12
MAX_FUZZY = 200
FEW = 3

Lists = defaultdict[str, list[OpenItem]]


class OpenItemIndex:
    """The open items of one company.

    :param items: everything that may be paid
    """

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self.items: dict[tuple[str, int], OpenItem] = {}
        self._words: dict[tuple[str, int], tuple[str, ...]] = {}
        self._by_structured: Lists = defaultdict(list)
        self._by_number: Lists = defaultdict(list)
        self._by_short: Lists = defaultdict(list)
        self._by_whole: Lists = defaultdict(list)
        self._by_iban: Lists = defaultdict(list)
        self._by_name: Lists = defaultdict(list)
        self._by_partner: Lists = defaultdict(list)
        self._by_document: Lists = defaultdict(list)
        self._by_name_amount: defaultdict[tuple[str, Decimal], list[OpenItem]]
        self._by_name_amount = defaultdict(list)
        self._by_amount: defaultdict[tuple[str, Decimal], list[OpenItem]]
        self._by_amount = defaultdict(list)
        for item in items:
            self._add(item)
        self._number_words = self._by_number.keys() | self._by_short.keys()

    def _add(self, item: OpenItem) -> None:
        self.items[item.key] = item
        for value in item.structured:
            self._by_structured[refs.normalise_reference(value)].append(item)
        self._add_numbers(item)
        for value in (*item.order_refs, *item.transaction_refs):
            if refs.is_telling(value):
                self._by_whole[refs.normalise_reference(value)].append(item)
        self._add_person(item)
        if item.document and item.instalments > 1:
            self._by_document[item.document].append(item)
        self._by_amount[item.currency, abs(item.amount_open)].append(item)

    def _add_numbers(self, item: OpenItem) -> None:
        words: list[str] = []
        for number in filter(refs.is_telling, item.numbers):
            for key in refs.number_keys(number):
                self._by_number[key].append(item)
                words.append(key)
            short = refs.short_number_key(number)
            if short:
                self._by_short[short].append(item)
                words.append(short)
        self._words[item.key] = tuple(words)

    def _add_person(self, item: OpenItem) -> None:
        for iban in item.ibans:
            self._by_iban[normalise_iban(iban)].append(item)
        amount = abs(item.amount_open)
        for word in family_words(item.partner_name):
            self._by_name[word].append(item)
            self._by_name_amount[word, amount].append(item)
        if item.partner_key:
            self._by_partner[f"{item.key[0]}/{item.partner_key}"].append(item)

    # --- Questions of the rules -----------------------------------------------------

    def words_of(self, item: OpenItem) -> tuple[str, ...]:
        """Every spelling under which a number of the item is looked up."""
        return self._words[item.key]

    def is_known_account(self, iban: str) -> bool:
        """Tell whether a customer with open items is known to pay from this account."""
        return iban in self._by_iban

    def documents_of_short(self, short: str | None) -> int:
        """How many documents have these digits behind their prefix."""
        items = self._by_short.get(short or "", ())
        return len({item.document or str(item.key) for item in items})

    def is_first_instalment(self, item: OpenItem) -> bool:
        """Tell whether no instalment of the document is due before this one."""
        return all(
            (other.date_due or date.max, other.instalment)
            >= (item.date_due or date.max, item.instalment)
            for other in self._by_document.get(item.document, ())
        )

    def instalments_of(self, item: OpenItem) -> list[OpenItem]:
        """Open instalments of the same document, first due first."""
        return sorted(self._by_document.get(item.document, ()), key=due_order)

    def items_of_partner(self, item: OpenItem) -> list[OpenItem]:
        """What is open for the same customer in the same ledger, first due first.

        Empty when it is too much to be told apart by amounts.
        """
        if not item.partner_key:
            return []
        found = self._by_partner[f"{item.key[0]}/{item.partner_key}"]
        if len(found) > MAX_OF_PARTNER:
            return []
        return sorted(
            (other for other in found if other.currency == item.currency), key=due_order
        )

    # --- Candidates -----------------------------------------------------------------

    def pointed_at(self, receipt: Receipt, clues: Clues) -> list[OpenItem]:
        """Items that the receipt names, and those of customers with its account."""
        found: dict[tuple[str, int], OpenItem] = {}
        for items in self._named(clues):
            for item in items:
                found.setdefault(item.key, item)
        if clues.iban:
            for item in self._by_iban.get(clues.iban, ())[:MAX_NAMED]:
                found.setdefault(item.key, item)
        return list(found.values())

    def alike(self, receipt: Receipt) -> list[OpenItem]:
        """Items of customers with the payer's name, and some of the same amount."""
        found: dict[tuple[str, int], OpenItem] = {}
        for items in self._alike(receipt):
            for item in items:
                found.setdefault(item.key, item)
        return list(found.values())

    def _named(self, clues: Clues) -> Iterator[list[OpenItem]]:
        for key in clues.structured:
            yield self._by_structured.get(key, [])[:MAX_NAMED]
        wholes = clues.order_refs | clues.end_to_end_ids | clues.transaction_ids
        for key in wholes:
            yield self._by_whole.get(key, [])[:MAX_NAMED]
        for key in clues.spellings & self._by_whole.keys():
            yield self._by_whole[key][:MAX_NAMED]
        for key in clues.spellings & self._number_words:
            yield self._by_number.get(key, [])[:MAX_NAMED]
            yield self._by_short.get(key, [])[:MAX_NAMED]

    def _alike(self, receipt: Receipt) -> Iterator[Iterable[OpenItem]]:
        amount = abs(receipt.amount)
        for word in family_words(receipt.payer_name):
            yield self._by_name_amount.get((word, amount), ())[:MAX_ALIKE]
            yield self._by_name.get(word, ())[:FEW]
        yield self._by_amount.get((receipt.currency, amount), ())[:FEW]
        if receipt.amount_original is not None:
            key = (receipt.currency_original, abs(receipt.amount_original))
            yield self._by_amount.get(key, ())[:FEW]
        yield self._sounding_alike(receipt)

    def _sounding_alike(self, receipt: Receipt) -> Iterator[OpenItem]:
        """Items of this amount whose customer's name is nearly the payer's."""
        name = normalise_name(receipt.payer_name)
        equal = self._by_amount.get((receipt.currency, abs(receipt.amount)), [])
        if not name or not FEW < len(equal) <= MAX_FUZZY:
            return
        names = [normalise_name(item.partner_name) for item in equal]
        for _name, _score, place in process.extract(
            name, names, scorer=fuzz.token_sort_ratio, score_cutoff=WEAK, limit=FEW
        ):
            yield equal[place]


def due_order(item: OpenItem) -> tuple[int, date, date, int, tuple[str, int]]:
    """Order in which open items are paid when nothing else decides: oldest first.

    What the law pays before the rest goes first (NL, art. 6:44 BW).
    """
    due = item.date_due or item.date or date.max
    return item.rank, due, item.date or date.max, item.instalment, item.key
