"""Receipts whose right answer is known: made from open items, then spoilt as people do.

How to use::

    receipts = Labeller(World(seed=1, customers=4000)).receipts(5000)

A label says what is right (items and amounts, or nothing) and whether it can be
decided at all from what stands on the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from odoo.addons.moneybird_reconcile.engine.facts import OpenItem, Receipt

from tests.labelled_world import DUES, NOISE, TODAY, World

Allocations = tuple[tuple[tuple[str, int], Decimal], ...]


@dataclass(frozen=True)
class Labelled:
    """One receipt with its right answer.

    :param truth: (key, amount) of every item it pays; empty when it pays none
    :param decidable: whether two independent facts on it point at the truth alone
    """

    receipt: Receipt
    kind: str
    truth: Allocations
    decidable: bool


class Labeller:
    """Makes receipts of a world, each with its label; no item is used twice."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = world.random
        self._take = world.take

    # --- Receipts -------------------------------------------------------------------

    def receipts(self, count: int) -> list[Labelled]:
        """That many labelled receipts, in random order."""
        made: list[Labelled] = []
        kinds = [name for name, share in KINDS.items() for _ in range(share)]
        while len(made) < count:
            kind = self.random.choice(kinds)
            made += getattr(self, f"_make_{kind}")()
        made = made[:count]
        self.random.shuffle(made)
        return [
            replace(row, receipt=replace(row.receipt, key=number))
            for number, row in enumerate(made)
        ]

    def _receipt(
        self, item: OpenItem, amount: Decimal, text: str = "", **values
    ) -> Receipt:
        rand = self.random
        if rand.random() < 0.7:
            values.setdefault("payer_name", self._spelled(item.partner_name))
        if rand.random() < 0.6:
            values.setdefault("payer_iban", self.world.accounts[item.partner_key])
        texts = [text] if text else []
        if rand.random() < 0.5:
            texts.append(rand.choice(NOISE))
        day = TODAY - timedelta(days=rand.randrange(5))
        return Receipt(0, amount, "EUR", day, texts=tuple(texts), **values)

    def _spelled(self, name: str) -> str:
        first, last = name.split(" ", 1)
        return self.random.choice(
            (name, f"{first[0]}. {last}", f"Hr {first[0]} {last}", name.upper())
        )

    def _number_of(self, item: OpenItem) -> str:
        """The number as people write it."""
        prefix, year, digits = item.numbers[0].split("/")
        return self.random.choice(
            (
                item.numbers[0],
                f"factuur {prefix}-{year}-{digits}",
                f"{prefix.lower()} {year} {int(digits)}",
                f"betr.{prefix}{year}{digits}",
                f"rekening {prefix}.{year}.{digits} bedankt",
                f"{year}/{digits}",
                f"{prefix} {year} / {digits}",
            )
        )

    @staticmethod
    def _label(
        kind: str, receipt: Receipt, *items: OpenItem, decidable=True
    ) -> Labelled:
        truth = tuple((item.key, item.amount_open) for item in items)
        return Labelled(receipt, kind, truth, decidable)

    def _make_number(self) -> list[Labelled]:
        item = self._take(self.world.is_plain)
        receipt = self._receipt(item, item.amount_open, self._number_of(item))
        return [self._label("number", receipt, item)]

    def _make_structured(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_plain(r) and bool(r.structured))
        written = item.structured[0]
        if self.random.random() < 0.4 and written.startswith("RF"):
            written = " ".join(written[at : at + 4] for at in range(0, len(written), 4))
        receipt = self._receipt(item, item.amount_open, written)
        return [self._label("structured", receipt, item)]

    def _make_whole_reference(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_plain(r) and bool(r.order_refs))
        where = self.random.choice(("order_refs", "end_to_end_ids"))
        receipt = self._receipt(item, item.amount_open, **{where: item.order_refs})
        return [self._label("whole reference", receipt, item)]

    def _make_transaction(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_plain(r) and bool(r.transaction_refs))
        ids = {"transaction_ids": item.transaction_refs}
        receipt = self._receipt(item, item.amount_open, **ids)
        return [self._label("transaction", receipt, item)]

    def _make_credit_note(self) -> list[Labelled]:
        item = self._take(lambda r: r.amount_open < 0 and not r.instalments)
        receipt = self._receipt(item, item.amount_open, self._number_of(item))
        return [self._label("credit note", receipt, item)]

    def _make_slip_in_prefix(self) -> list[Labelled]:
        item = self._take(self.world.is_plain)
        wrong = item.numbers[0].replace(
            "INV", self.random.choice(("IVN", "INVV", "NV"))
        )
        name = {"payer_name": self._spelled(item.partner_name)}
        receipt = self._receipt(item, item.amount_open, wrong, **name)
        return [self._label("slip in prefix", receipt, item)]

    def _make_letter_for_digit(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_plain(r) and "00" in r.numbers[0])
        receipt = self._receipt(
            item, item.amount_open, item.numbers[0].replace("2026/00", "2O26/OO")
        )
        return [self._label("letter for digit", receipt, item)]

    def _make_slip_in_number(self) -> list[Labelled]:
        """Two digits swapped: it may be somebody else's number now."""
        item = self._take(lambda r: self.world.is_known(r) and self.world.alone(r))
        digits = list(item.numbers[0])
        digits[-1], digits[-2] = digits[-2], digits[-1]
        who = {
            "payer_name": item.partner_name,
            "payer_iban": self.world.accounts[item.partner_key],
        }
        receipt = self._receipt(item, item.amount_open, "".join(digits), **who)
        decidable = "".join(digits) == item.numbers[0]
        return [self._label("slip in number", receipt, item, decidable=decidable)]

    def _make_part(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_plain(r) and r.amount_open > 20)
        amount = (item.amount_open / 3).quantize(Decimal("0.01"))
        receipt = self._receipt(item, amount, self._number_of(item))
        return [Labelled(receipt, "part", ((item.key, amount),), True)]

    def _make_too_much(self) -> list[Labelled]:
        item = self._take(self.world.is_plain)
        receipt = self._receipt(item, item.amount_open + 5, self._number_of(item))
        return [self._label("too much", receipt, item)]

    def _make_fee(self) -> list[Labelled]:
        item = self._take(self.world.is_plain)
        fee = Decimal("0.29")
        told = {"fee": fee} if self.random.random() < 0.5 else {}
        amount = item.amount_open - fee
        receipt = self._receipt(item, amount, self._number_of(item), **told)
        return [Labelled(receipt, "fee", ((item.key, amount),), True)]

    def _make_together_named(self) -> list[Labelled]:
        items = self._several()
        text = " ".join(self._number_of(item) for item in items)
        total = sum((item.amount_open for item in items), Decimal(0))
        receipt = self._receipt(items[0], total, text)
        return [self._label("together, named", receipt, *items)]

    def _make_together_unnamed(self) -> list[Labelled]:
        """All that is open of a customer whose account is known, without a word."""
        while True:
            item = self._take(self.world.is_known)
            items = self.world.by_partner[item.partner_key]
            if 2 <= len(items) <= 8 and all(map(self.world.is_plain, items)):
                break
        self.world.used.update(row.key for row in items)
        total = sum((row.amount_open for row in items), Decimal(0))
        who = {"payer_iban": self.world.accounts[item.partner_key]}
        receipt = self._receipt(item, total, **who)
        return [self._label("together, unnamed", receipt, *items)]

    def _several(self) -> list[OpenItem]:
        while True:
            first = self._take(self.world.is_plain)
            others = [
                item
                for item in self.world.by_partner[first.partner_key]
                if self.world.is_plain(item) and item.key not in self.world.used
            ][: self.random.randrange(1, 4)]
            if others:
                self.world.used.update(item.key for item in others)
                return [first, *others]

    def _make_parts_of_one(self) -> list[Labelled]:
        """Two or three receipts that name the item and together pay it."""
        item = self._take(lambda r: self.world.is_plain(r) and r.amount_open > 30)
        count = self.random.choice((2, 3))
        part = (item.amount_open / count).quantize(Decimal("0.01"))
        amounts = [part] * (count - 1)
        amounts.append(item.amount_open - sum(amounts, Decimal(0)))
        return [
            Labelled(
                self._receipt(item, amount, item.numbers[0]),
                "parts of one",
                ((item.key, amount),),
                True,
            )
            for amount in amounts
        ]

    def _make_instalment(self) -> list[Labelled]:
        item = self._take(lambda r: r.amount_open > 0 and r.instalment == 1)
        receipt = self._receipt(item, item.amount_open, self._number_of(item))
        return [self._label("instalment", receipt, item)]

    def _make_all_instalments(self) -> list[Labelled]:
        item = self._take(lambda r: r.amount_open > 0 and r.instalment == 1)
        items = [
            row
            for row in self.world.by_partner[item.partner_key]
            if row.document == item.document
        ]
        total = sum((row.amount_open for row in items), Decimal(0))
        receipt = self._receipt(item, total, self._number_of(item))
        return [self._label("all instalments", receipt, *items)]

    def _make_account_only(self) -> list[Labelled]:
        item = self._take(lambda r: self.world.is_known(r) and self.world.alone(r))
        who = {"payer_iban": self.world.accounts[item.partner_key]}
        receipt = self._receipt(item, item.amount_open, **who)
        return [self._label("account and amount", receipt, item)]

    def _make_name_only(self) -> list[Labelled]:
        def alone(item):
            last = self.world.last_name(item.partner_name)
            return (
                self.world.is_plain(item)
                and self.world.amount_of[last, item.amount_open] == 1
            )

        item = self._take(alone)
        receipt = self._receipt(
            item,
            item.amount_open,
            payer_name=self._spelled(item.partner_name),
            payer_iban="",
        )
        return [self._label("name and amount", receipt, item)]

    def _make_other_currency(self) -> list[Labelled]:
        item = self._take(self.world.is_plain)
        receipt = self._receipt(
            item,
            (item.amount_open * Decimal("0.92")).quantize(Decimal("0.01")),
            self._number_of(item),
            amount_original=item.amount_open,
            currency_original="EUR",
        )
        receipt = replace(receipt, currency="GBP")
        truth = ((item.key, min(receipt.amount, item.amount_open)),)
        return [Labelled(receipt, "other currency", truth, True)]

    # --- Decoys: what looks right and is not -----------------------------------------

    def _make_number_of_another(self) -> list[Labelled]:
        """Somebody pays his own, but writes the number of another's equal invoice."""
        item = self._take(self.world.is_known)
        other = (
            next(
                row
                for row in self.world.free
                if row.amount_open == item.amount_open
                and row.partner_name != item.partner_name
                and not row.instalments
            )
            if item.amount_open in DUES
            else None
        )
        if other is None:
            return []
        named = other.structured[0] if other.structured else other.numbers[0]
        who = {
            "payer_name": item.partner_name,
            "payer_iban": self.world.accounts[item.partner_key],
        }
        receipt = self._receipt(item, item.amount_open, named, **who)
        return [self._label("number of another", receipt, item, decidable=False)]

    def _make_paid_before(self) -> list[Labelled]:
        """Paid twice: the number is not open any more, another equal invoice is."""
        item = self._take(self.world.is_known)
        who = {
            "payer_name": item.partner_name,
            "payer_iban": self.world.accounts[item.partner_key],
        }
        text = f"INV/2025/{self.random.randrange(10**5):05d}"
        receipt = self._receipt(item, item.amount_open, text, **who)
        return [self._label("paid before", receipt, decidable=False)]

    def _make_gift(self) -> list[Labelled]:
        """A gift of a known customer, as large as what he owes."""
        item = self._take(self.world.is_known)
        who = {
            "payer_name": item.partner_name,
            "payer_iban": self.world.accounts[item.partner_key],
        }
        receipt = self._receipt(item, item.amount_open, "gift", **who)
        return [self._label("gift", receipt, decidable=False)]

    def _make_stranger(self) -> list[Labelled]:
        """An amount that many owe, from nobody we know, with other figures."""
        rand = self.random
        text = rand.choice(
            ("20261120", "tel 0612345678", "12", "pas 2026 nr 7", "NL02INGB0001234567")
        )
        receipt = Receipt(
            0,
            rand.choice(DUES),
            "EUR",
            TODAY,
            texts=(text,),
            payer_name="Q. Onbekend",
            payer_iban=f"DE{rand.randrange(10**20):020d}",
        )
        return [self._label("stranger", receipt, decidable=False)]

    def _make_two_named_one_paid(self) -> list[Labelled]:
        items = self._several()[:2]
        if items[0].amount_open != items[1].amount_open:
            return []
        text = " ".join(item.numbers[0] for item in items)
        receipt = self._receipt(items[0], items[0].amount_open, text)
        return [self._label("two named, one paid", receipt, decidable=False)]


#: how often each kind is made, in parts
KINDS = {
    "number": 18,
    "structured": 16,
    "whole_reference": 7,
    "transaction": 5,
    "credit_note": 2,
    "slip_in_prefix": 4,
    "letter_for_digit": 3,
    "slip_in_number": 3,
    "part": 4,
    "too_much": 3,
    "fee": 2,
    "together_named": 5,
    "together_unnamed": 2,
    "parts_of_one": 2,
    "instalment": 2,
    "all_instalments": 1,
    "account_only": 7,
    "name_only": 3,
    "other_currency": 1,
    "number_of_another": 4,
    "paid_before": 4,
    "gift": 3,
    "stranger": 4,
    "two_named_one_paid": 2,
}
