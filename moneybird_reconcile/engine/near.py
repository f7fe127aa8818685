"""What an open item must have in common with a receipt to be a candidate for it.

The index finds candidates by exact keys; these are coarser and can be compared in a
database: whatever the index would find is near, and some more. With what is near, and
all else that is open for the same customers, the matcher proposes what it would propose
with all open items.

>>> from datetime import date
>>> from decimal import Decimal
>>> near = Near.of([Receipt(1, Decimal("15.00"), "EUR", date(2026, 11, 22),
...     texts=("Factuur INV-2026-00042",), payer_name="Jan de Vries")])
>>> near.amounts == {("EUR", Decimal("15.00"))}, sorted(near.words)
(True, ['VRIES'])
>>> digit_key("INV/2026/00042") in near.digits, "INV202600042" in near.glued
(True, True)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .difference import gross_of
from .facts import Receipt
from .index import MAX_FUZZY
from .names import family_words
from .rules import read_clues

#: of items of one amount more than this are never told apart by it
MOST_OF_AMOUNT = MAX_FUZZY + 1

_DIGITS = re.compile(r"[0-9]+")


def digit_key(value: str) -> str:
    """The runs of digits in a number without leading zeros, letters left out.

    >>> digit_key("INV/2026/00042"), digit_key("=2026.0042"), digit_key("Dues")
    ('2026.42', '2026.42', '')
    """
    return ".".join(run.lstrip("0") or "0" for run in _DIGITS.findall(value))


@dataclass(frozen=True)
class Near:
    """Keys of some receipts.

    :param amounts: (currency, amount without its sign)
    :param digits: digits of every number that is written, see :func:`digit_key`
    :param glued: references and numbers without spaces and signs
    :param words: words of the payers' names
    :param ibans: accounts of the payers
    """

    amounts: frozenset[tuple[str, Decimal]]
    digits: frozenset[str]
    glued: frozenset[str]
    words: frozenset[str]
    ibans: frozenset[str]

    @classmethod
    def of(cls, receipts: Iterable[Receipt]) -> Near:
        """Collect the keys of receipts."""
        amounts: set[tuple[str, Decimal]] = set()
        glued: set[str] = set()
        words: set[str] = set()
        ibans: set[str] = set()
        for receipt in receipts:
            clues = read_clues(receipt)
            amounts.add((receipt.currency, abs(receipt.amount)))
            gross = gross_of(receipt)
            if gross:
                amounts.add((gross.currency, gross.amount))
            if receipt.amount_original is not None:
                original = abs(receipt.amount_original)
                amounts.add((receipt.currency_original, original))
            glued |= clues.spellings | clues.structured.keys()
            glued |= clues.order_refs | clues.end_to_end_ids | clues.transaction_ids
            words |= family_words(receipt.payer_name)
            ibans.add(clues.iban)
        digits = frozenset(map(digit_key, glued)) - {""}
        glued_only = frozenset(key for key in glued if key.isalnum())
        return cls(
            frozenset(amounts),
            digits,
            glued_only,
            frozenset(words),
            frozenset(ibans - {""}),
        )
