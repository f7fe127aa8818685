"""What is left between a receipt and what it pays: a fee, or another currency.

Where an account is chosen for it, the item is proposed as paid whole and the rest goes
on that account. Only a fee that the source itself states, to the cent, may lead to a
match without a person; what merely looks like a fee, and each change of currency, has a
piece against it that blocks.

>>> from datetime import date
>>> receipt = Receipt(1, Decimal("14.71"), "EUR", date(2026, 11, 22),
...     fee=Decimal("0.29"), differences=frozenset({("fee", "odoo")}))
>>> gross_of(receipt).amount
Decimal('15.00')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from .facts import Allocation, Evidence, OpenItem, Proposal, Receipt

FEE = "fee"
CURRENCY = "currency"
#: code of what a rule saw → the difference that explains it
EXPLAINED = {
    "fee_perhaps": FEE,
    "currency_converted": CURRENCY,
    "currency_rate": CURRENCY,
}
#: whoever chose an account for fees is asked about the fee first, then about a part
ASKED_FIRST = 2


def gross_of(receipt: Receipt) -> Receipt | None:
    """The receipt before the fee that its source states, None when it states none."""
    has_account = any(kind == FEE for kind, _ledger in receipt.differences)
    if not has_account or receipt.fee <= 0 or receipt.amount <= 0:
        return None
    return replace(receipt, amount=receipt.amount + receipt.fee, fee=Decimal(0))


def with_fee(receipt: Receipt, found: Iterable[Proposal]) -> Iterator[Proposal]:
    """Proposals of the gross receipt that come to it exactly, with the fee told.

    :param receipt: what came in
    :param found: proposals for :func:`gross_of` of it
    """
    gross = receipt.amount + receipt.fee
    told = Evidence(
        "fee_stated",
        "difference",
        0,
        {"amount": str(receipt.amount), "fee": str(receipt.fee), "gross": str(gross)},
    )
    for proposal in found:
        total = sum((row.amount for row in proposal.allocations), Decimal(0))
        ledgers = {row.item.key[0] for row in proposal.allocations}
        has_accounts = all((FEE, name) in receipt.differences for name in ledgers)
        if total == gross and has_accounts and "amount" in proposal.groups:
            pieces = (*proposal.evidence, *proposal.against, told)
            yield Proposal.of(proposal.allocations, pieces, FEE)


def explained(
    receipt: Receipt, item: OpenItem, pieces: Iterable[Evidence]
) -> Proposal | None:
    """The item as paid whole, where a difference in the amount has an explanation.

    :return: None when nothing explains it, or no account is chosen for that
    """
    pieces = list(pieces)
    for place, piece in enumerate(pieces):
        kind = EXPLAINED.get(piece.code)
        if kind and (kind, item.key[0]) in receipt.differences:
            if kind == FEE:
                pieces[place] = replace(piece, weight=piece.weight + ASKED_FIRST)
            return Proposal.of((Allocation(item, item.amount_open),), pieces, kind)
    return None
