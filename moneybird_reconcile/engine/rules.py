"""The matching rules: an ordered list of small functions, one piece of evidence each.

A rule takes a :class:`Look` (the receipt, its clues, one open item, the index) and
returns one :class:`Evidence` or None. Weights: without a reference the threshold of 90
is never reached, nor by a reference alone; a difference in the amount always needs a
person, however small it is and whatever explains it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from . import references as refs
from .facts import Evidence, OpenItem, Receipt
from .names import STRONG, WEAK, normalise_iban, similarity

if TYPE_CHECKING:
    from .index import OpenItemIndex

RULES_VERSION = 3
EARLY_DAYS = 14
NEAR_DAYS = 5
#: from here on a piece that speaks against keeps a match from being automatic
BLOCKS = -15
#: a service that withholds its fee rarely keeps more than this
FEE_SHARE = Decimal("0.03")
FEE_FLAT = Decimal("0.50")
#: a bank's own rate is rarely farther than this from the rate of the day
RATE_SHARE = Decimal("0.05")


@dataclass(frozen=True)
class Clues:
    """What can be read from a receipt, worked out once for all candidates.

    :param loose: numbers on the receipt that are long enough to be somebody's
    """

    structured: dict[str, str]
    order_refs: frozenset[str]
    end_to_end_ids: frozenset[str]
    transaction_ids: frozenset[str]
    spellings: frozenset[str]
    loose: tuple[str, ...]
    iban: str


class Look(NamedTuple):
    """One receipt held against one open item."""

    receipt: Receipt
    clues: Clues
    item: OpenItem
    book: OpenItemIndex


def _whole(values: tuple[str, ...]) -> frozenset[str]:
    keys = (refs.normalise_reference(value) for value in values)
    return frozenset(key for key in keys if refs.is_telling(key))


def read_clues(receipt: Receipt) -> Clues:
    """Read everything a receipt says that could point at an open item."""
    written = (*receipt.texts, *receipt.order_refs, *receipt.end_to_end_ids)
    found = refs.find_structured(written)
    return Clues(
        structured={reference.value: reference.kind for reference in found},
        order_refs=_whole(receipt.order_refs),
        end_to_end_ids=_whole(receipt.end_to_end_ids),
        transaction_ids=_whole(receipt.transaction_ids),
        spellings=refs.spellings(written),
        loose=refs.loose_numbers(receipt.texts),
        iban=normalise_iban(receipt.payer_iban),
    )


def rule_structured(look: Look) -> Evidence | None:
    """A structured reference with a right check digit stands on the item."""
    for value in look.item.structured:
        key = refs.normalise_reference(value)
        if key in look.clues.structured:
            return Evidence("structured_found", "reference", 60, {"reference": key})
    return None


def rule_transaction(look: Look) -> Evidence | None:
    """The payment at the service is the one that was made for this document."""
    if not look.clues.transaction_ids:
        return None
    for value in look.item.transaction_refs:
        if refs.normalise_reference(value) in look.clues.transaction_ids:
            return Evidence("transaction_found", "reference", 60, {"reference": value})
    return None


def rule_end_to_end(look: Look) -> Evidence | None:
    """The end-to-end id is a reference of this document, sign for sign."""
    known = look.clues.end_to_end_ids
    if not known:
        return None
    item = look.item
    for value in (*item.numbers, *item.order_refs, *item.transaction_refs):
        if refs.normalise_reference(value) in known:
            return Evidence("end_to_end_found", "reference", 50, {"reference": value})
    return None


def rule_number(look: Look) -> Evidence | None:
    """The document number is written on the receipt, in any spelling."""
    spellings = look.clues.spellings
    if spellings.isdisjoint(look.book.words_of(look.item)):
        return None
    for number in filter(refs.is_telling, look.item.numbers):
        keys = spellings.intersection(refs.number_keys(number))
        if any(not refs.looks_like_date(key) for key in keys):
            return Evidence("number_found", "reference", 50, {"number": number})
        short = refs.short_number_key(number)
        alone = short in spellings and look.book.documents_of_short(short) == 1
        if keys or alone:
            return Evidence("number_part_found", "reference", 35, {"number": number})
    return None


def rule_order(look: Look) -> Evidence | None:
    """The order reference is the same, sign for sign, or written in the text."""
    for value in look.item.order_refs:
        key = refs.normalise_reference(value)
        if key in look.clues.order_refs:
            return Evidence("order_found", "reference", 50, {"reference": value})
        if refs.is_telling(key) and key in look.clues.spellings and key.isalnum():
            if any(char.isalpha() for char in key):
                return Evidence("order_found", "reference", 50, {"reference": value})
    return None


def rule_amount(look: Look) -> Evidence | None:
    """The amount is what is open; anything else speaks against, and is explained."""
    receipt, item = look.receipt, look.item
    if receipt.currency != item.currency:
        return _other_currency(receipt, item)
    values = {"amount": str(abs(receipt.amount)), "open": str(abs(item.amount_open))}
    if receipt.amount == item.amount_open:
        return _equal_amount(look, values)
    short = abs(item.amount_open) - abs(receipt.amount)
    if short < 0:
        return Evidence("amount_higher", "amount", -25, values)
    if receipt.fee and short == abs(receipt.fee):
        values["fee"] = str(abs(receipt.fee))
        return Evidence("fee_withheld", "amount", BLOCKS, values)
    if short <= max(FEE_FLAT, abs(item.amount_open) * FEE_SHARE):
        values["fee"] = str(short)
        return Evidence("fee_perhaps", "amount", -18, values)
    return Evidence("amount_lower", "amount", -20, values)


def _other_currency(receipt: Receipt, item: OpenItem) -> Evidence:
    values = {"receipt": receipt.currency, "item": item.currency}
    original = (receipt.currency_original, receipt.amount_original)
    if original == (item.currency, item.amount_open):
        values["amount"] = f"{abs(item.amount_open)} {item.currency}"
        return Evidence("currency_converted", "amount", BLOCKS, values)
    worth = _worth(receipt, item)
    if worth and abs(abs(receipt.amount) - worth) <= worth * RATE_SHARE:
        values["amount"] = f"{abs(receipt.amount)} {receipt.currency}"
        values["open"] = f"{abs(item.amount_open)} {item.currency}"
        values["worth"] = f"{worth} {receipt.currency}"
        return Evidence("currency_rate", "amount", -17, values)
    return Evidence("currency_differs", "amount", -40, values)


def _worth(receipt: Receipt, item: OpenItem) -> Decimal | None:
    """What is open of an item, in the receipt's currency, at the rate of its day."""
    rate = receipt.rates.get(item.currency)
    if not rate:
        return None
    return (abs(item.amount_open) / rate).quantize(receipt.amount)


def _equal_amount(look: Look, values: dict[str, str]) -> Evidence:
    item = look.item
    if item.instalments < 2:
        return Evidence("amount_equal", "amount", 40, values)
    values |= {"number": str(item.instalment), "count": str(item.instalments)}
    if look.book.is_first_instalment(item):
        return Evidence("instalment_equal", "amount", 40, values)
    return Evidence("instalment_later", "amount", 25, values)


def rule_payer_account(look: Look) -> Evidence | None:
    """The payer's account is one that this customer is known to pay from.

    When it is known to be another customer's a person looks, whatever is written: a
    reference may be copied, and a name of the same family is like this one.
    """
    iban = look.clues.iban
    if not iban:
        return None
    if iban not in look.item.ibans:
        if not look.book.is_known_account(iban):
            return None
        return Evidence("iban_of_other", "payer", BLOCKS, {"tail": iban[-4:]})
    count = look.item.ibans[iban]
    values = {"tail": iban[-4:], "count": str(count)}
    return Evidence("iban_seen" if count else "iban_known", "payer", 35, values)


def rule_payer_name(look: Look) -> Evidence | None:
    """The payer's name is like the customer's, or clearly another."""
    payer, customer = look.receipt.payer_name, look.item.partner_name
    if not payer or not customer:
        return None
    likeness = similarity(payer, customer)
    values = {"payer": payer, "customer": customer}
    if likeness >= STRONG:
        return Evidence("name_equal", "payer", 20, values)
    if likeness >= WEAK:
        return Evidence("name_similar", "payer", 10, values)
    known = look.clues.iban and look.clues.iban in look.item.ibans
    return None if known else Evidence("name_differs", "payer", -10, values)


def rule_date(look: Look) -> Evidence | None:
    """Paid about when it is due; or long before the document was made."""
    item, day = look.item, look.receipt.date
    if item.date and (item.date - day).days > EARLY_DAYS:
        values = {"paid": day.isoformat(), "made": item.date.isoformat()}
        return Evidence("before_document", "date", -5, values)
    if item.date_due and abs((item.date_due - day).days) <= NEAR_DAYS:
        return Evidence("near_due", "date", 5, {"due": item.date_due.isoformat()})
    return None


Rule = Callable[[Look], "Evidence | None"]
PAIR_RULES: tuple[Rule, ...] = (
    rule_structured,
    rule_transaction,
    rule_end_to_end,
    rule_number,
    rule_order,
    rule_amount,
    rule_payer_account,
    rule_payer_name,
    rule_date,
)


def weigh(look: Look) -> list[Evidence]:
    """All evidence of one receipt and one item, what speaks against it included.

    When nothing refers to the item but the receipt carries another number, that is
    said: it may be the number of a document that was paid before.
    """
    pieces = [piece for rule in PAIR_RULES if (piece := rule(look)) is not None]
    if any(piece.group == "reference" for piece in pieces):
        return pieces
    loose = look.clues.loose
    typo = refs.typed_wrong(loose, look.item.numbers)
    if typo:
        values = {"written": typo, "number": look.item.numbers[0]}
        pieces.append(Evidence("number_similar", "hint", 4, values))
    others = (*look.clues.structured, *loose)
    if others:
        values = {"reference": others[0]}
        pieces.append(Evidence("other_reference", "reference", BLOCKS, values))
    return pieces
