"""Customers who owe money: the world that labelled receipts are made from.

The generator knows nothing of the matcher; check digits are worked out a second time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.moneybird_reconcile.engine.facts import OpenItem

TODAY = date(2026, 11, 20)
FIRST = (
    *("Jan", "Piet", "Anna", "Fatima", "Kees", "Lotte", "Mohammed", "Sophie", "Bram"),
    *("Noor", "Daan", "Emma", "Jürgen", "Heike", "Zoë", "Thomas", "Julia", "Youssef"),
    *("Saskia", "Wim", "Els", "Ruben", "Chloé", "Stefan", "Petra", "Ahmed", "Ingrid"),
)
LAST = (
    *("de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Yilmaz", "Müller"),
    *("Schmidt", "Peeters", "Janssens", "van Dijk", "Smit", "Mulder", "Bos", "Vos"),
    *("El Amrani", "Hendriks", "Dekker", "Willems", "Claes", "Schneider", "Fischer"),
    *("Kuipers", "Postma", "Hofstra", "Wouters", "Maas", "Gerritsen", "Özdemir"),
)
DUES = tuple(map(Decimal, ("15.00", "22.50", "45.00", "60.00", "120.00")))
NOISE = (
    *("contributie 2026", "bedankt!", "Mitgliedsbeitrag", "cotisation", "lidmaatschap"),
    *("PAS012 20-11-2026 12:30", "zie mail", "graag verwerken", "van mij", "nov 2026"),
)
Allocations = tuple[tuple[tuple[str, int], Decimal], ...]


def rf_reference(body: str) -> str:
    """RF creditor reference of a text (ISO 11649)."""
    digits = "".join(str(int(char, 36)) for char in f"{body}RF00".upper())
    return f"RF{98 - int(digits) % 97:02d}{body}"


def belgian_reference(number: int) -> str:
    """Belgian structured communication: ten digits and their remainder by 97."""
    text = f"{number:010d}{number % 97 or 97:02d}"
    return f"+++{text[:3]}/{text[3:7]}/{text[7:]}+++"


def dutch_reference(number: int) -> str:
    """Dutch betalingskenmerk of sixteen digits: weights 2 4 8 5 10 9 7 3 6 1."""
    body = f"{number:015d}"
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
    total = sum(int(d) * weights[p % 10] for p, d in enumerate(reversed(body)))
    check = 11 - total % 11
    return f"{ {10: 1, 11: 0}.get(check, check) }{body}"


class World:
    """Customers, their accounts, and what they owe."""

    def __init__(self, seed: int, customers: int, per_customer: int = 3) -> None:
        self.random = random.Random(seed)  # noqa: S311 - test data, repeatable
        self.items: dict[tuple[str, int], OpenItem] = {}
        self.names: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.by_partner: defaultdict[str, list[OpenItem]] = defaultdict(list)
        self._number = 0
        for number in range(customers):
            self._add_customer(str(number), per_customer)
        self.used: set[tuple[str, int]] = set()
        self.free = list(self.items.values())
        self.random.shuffle(self.free)
        self.amount_of: defaultdict[tuple[str, Decimal], int] = defaultdict(int)
        for item in self.items.values():
            last = self.last_name(item.partner_name)
            self.amount_of[last, item.amount_open] += 1

    # --- What is open -------------------------------------------------------------

    def _add_customer(self, partner: str, per_customer: int) -> None:
        rand = self.random
        self.names[partner] = f"{rand.choice(FIRST)} {rand.choice(LAST)}"
        self.accounts[partner] = (
            f"NL{rand.randrange(10, 99)}INGB{rand.randrange(10**10):010d}"
        )
        knows = rand.random() < 0.6
        ibans = {self.accounts[partner]: rand.randrange(4)} if knows else {}
        for _invoice in range(rand.randrange(1, 2 * per_customer)):
            parts = rand.choice((2, 3, 4)) if rand.random() < 0.06 else 1
            self._add_document(partner, parts, ibans)

    def _add_document(self, partner: str, parts: int, ibans: dict[str, int]) -> None:
        rand = self.random
        self._number += 1
        number = self._number
        usual = rand.random() < 0.6
        amount = (
            rand.choice(DUES) if usual else Decimal(rand.randrange(500, 60000)) / 100
        )
        if rand.random() < 0.04:
            amount = -amount
        made = TODAY - timedelta(days=rand.randrange(3, 90))
        structured = {
            0: (rf_reference(f"{number:08d}"),),
            1: (belgian_reference(number * 37 + 11),),
            2: (dutch_reference(number * 7919 + 5),),
        }.get(rand.randrange(5), ())
        for part in range(1, parts + 1):
            key = ("odoo", len(self.items) + 1)
            item = OpenItem(
                key,
                amount,
                amount * parts,
                "EUR",
                date=made,
                date_due=made + timedelta(days=30 * part),
                numbers=(f"INV/2026/{number:05d}",),
                structured=structured,
                order_refs=(f"S{number + 10000:05d}",) if number % 3 == 0 else (),
                transaction_refs=(f"tr_{number:06d}aX",) if number % 5 == 0 else (),
                document=f"move/{number}",
                instalment=part if parts > 1 else 0,
                instalments=parts if parts > 1 else 0,
                partner_key=partner,
                partner_name=self.names[partner],
                ibans=ibans,
            )
            self.items[key] = item
            self.by_partner[partner].append(item)

    @staticmethod
    def last_name(name: str) -> str:
        return name.split(" ", 1)[1]

    # --- Choosing -------------------------------------------------------------------

    def take(self, fits: Callable[[OpenItem], bool]) -> OpenItem:
        """The next item nobody has paid yet that fits; each is used once."""
        for place in range(len(self.free) - 1, -1, -1):
            item = self.free[place]
            if item.key in self.used:
                del self.free[place]
            elif fits(item):
                self.used.add(item.key)
                return item
        raise LookupError("the world is too small for so many receipts")

    @staticmethod
    def is_plain(item: OpenItem) -> bool:
        return item.amount_open > 0 and item.instalments == 0

    def is_known(self, item: OpenItem) -> bool:
        return self.is_plain(item) and bool(item.ibans)

    def alone(self, item: OpenItem) -> bool:
        """The payer's account and the amount point at this item alone."""
        same = [
            other
            for other in self.by_partner[item.partner_key]
            if other.amount_open == item.amount_open
        ]
        return len(same) == 1
