"""The matching rules: an ordered list of small functions, one piece of evidence each.

A rule takes the receipt, its clues, one open item and the index, and returns one
:class:`Evidence` or None. Weights: a reference alone never reaches the threshold, nor
do amount and name together; a difference in the amount always needs a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import references as refs
from .facts import Evidence, OpenItem, Receipt
from .names import STRONG, WEAK, normalise_iban, similarity

if TYPE_CHECKING:
    from .matcher import OpenItemIndex

RULES_VERSION = 1
EARLY_DAYS = 14


@dataclass(frozen=True)
class Clues:
    """What can be read from a receipt, worked out once for all candidates."""

    structured: dict[str, str]
    order_refs: frozenset[str]
    spellings: frozenset[str]
    iban: str


def read_clues(receipt: Receipt) -> Clues:
    """Read everything a receipt says that could point at an open item."""
    found = refs.find_structured(receipt.texts)
    orders = {refs.normalise_reference(value) for value in receipt.order_refs}
    return Clues(
        structured={reference.value: reference.kind for reference in found},
        order_refs=frozenset(value for value in orders if refs.is_telling(value)),
        spellings=refs.spellings((*receipt.texts, *receipt.order_refs)),
        iban=normalise_iban(receipt.payer_iban),
    )


def rule_structured(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """A structured reference with a right check digit stands on the item."""
    for value in item.structured:
        key = refs.normalise_reference(value)
        if key in clues.structured:
            return Evidence("structured_found", "reference", 60, {"reference": key})
    return None


def rule_number(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """The document number is written on the receipt, in any spelling."""
    for number in filter(refs.is_telling, item.numbers):
        keys = clues.spellings.intersection(refs.number_keys(number))
        if any(not refs.looks_like_date(key) for key in keys):
            return Evidence("number_found", "reference", 50, {"number": number})
        short = refs.short_number_key(number)
        if keys or (short in clues.spellings and len(index.by_short[short]) == 1):
            return Evidence("number_part_found", "reference", 35, {"number": number})
    return None


def rule_order(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """The order or transaction reference is the same, sign for sign."""
    for value in item.order_refs:
        if refs.normalise_reference(value) in clues.order_refs:
            return Evidence("order_found", "reference", 50, {"reference": value})
    return None


def rule_amount(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """The amount is what is open; anything else speaks against."""
    if receipt.currency != item.currency:
        values = {"receipt": receipt.currency, "item": item.currency}
        return Evidence("currency_differs", "amount", -40, values)
    values = {"amount": str(abs(receipt.amount)), "open": str(abs(item.amount_open))}
    if receipt.amount == item.amount_open:
        return Evidence("amount_equal", "amount", 40, values)
    if abs(receipt.amount) < abs(item.amount_open):
        return Evidence("amount_lower", "amount", -20, values)
    return Evidence("amount_higher", "amount", -25, values)


def rule_payer_account(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """The payer's account is one that this customer is known to pay from."""
    if clues.iban and clues.iban in item.ibans:
        tail = clues.iban[-4:]
        return Evidence("iban_known", "payer", 35, {"tail": tail})
    return None


def rule_payer_name(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """The payer's name is like the customer's, or clearly another."""
    if not receipt.payer_name or not item.partner_name:
        return None
    likeness = similarity(receipt.payer_name, item.partner_name)
    values = {"payer": receipt.payer_name, "customer": item.partner_name}
    if likeness >= STRONG:
        return Evidence("name_equal", "payer", 20, values)
    if likeness >= WEAK:
        return Evidence("name_similar", "payer", 10, values)
    known = clues.iban and clues.iban in item.ibans
    return None if known else Evidence("name_differs", "payer", -10, values)


def rule_too_early(
    receipt: Receipt, clues: Clues, item: OpenItem, index: OpenItemIndex
) -> Evidence | None:
    """Money that came long before the document was made (shops invoice afterwards)."""
    if item.date and (item.date - receipt.date).days > EARLY_DAYS:
        values = {"paid": receipt.date.isoformat(), "made": item.date.isoformat()}
        return Evidence("before_document", "date", -5, values)
    return None


Rule = Callable[[Receipt, Clues, OpenItem, "OpenItemIndex"], "Evidence | None"]
PAIR_RULES: tuple[Rule, ...] = (
    rule_structured,
    rule_number,
    rule_order,
    rule_amount,
    rule_payer_account,
    rule_payer_name,
    rule_too_early,
)
