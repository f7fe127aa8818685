"""A payout in our own words: what a service paid to the bank, and from what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class PayoutPart:
    """One part; the amount has the sign it adds to the payout with.

    :param kind: ``payment``, ``refund``, ``chargeback``, ``fee`` or ``other``
    :param amount_vat: VAT in a fee, with the fee's sign
    :param returns: number of returned payments that a fee was kept for
    """

    kind: str
    amount: Decimal
    external_id: str = ""
    amount_vat: Decimal = Decimal(0)
    name: str = ""
    returns: int = 0


@dataclass(frozen=True)
class PayoutFacts:
    """A payout as the service tells it.

    :param reference: what stands on the bank line
    :param amount: what arrives on the bank
    """

    external_id: str
    reference: str
    date: date
    amount: Decimal
    currency: str
    parts: tuple[PayoutPart, ...]


def close_with_fees(
    amount: Decimal, parts: Iterable[PayoutPart], costs: Iterable[PayoutPart]
) -> tuple[PayoutPart, ...]:
    """Add the costs of a settlement to its payments, to the cent.

    Services give costs with four decimals and pay whole cents: each is rounded, and
    what rounding leaves goes to the first. What is more than a cent for each cost is no
    rounding; it becomes a part of its own that a person has to judge.

    >>> from decimal import Decimal as D
    >>> paid = PayoutPart("payment", D("10.00"), "tr_1")
    >>> costs = [PayoutPart("fee", D("-0.3872"), amount_vat=D("-0.0672"))]
    >>> [str(p.amount) for p in close_with_fees(D("9.61"), [paid], costs)]
    ['10.00', '-0.39']
    >>> [p.kind for p in close_with_fees(D("8.00"), [paid], costs)]
    ['payment', 'fee', 'other']
    """
    money = tuple(parts)
    fees = [
        replace(
            cost,
            amount=cost.amount.quantize(CENT),
            amount_vat=cost.amount_vat.quantize(CENT),
        )
        for cost in costs
    ]
    total = sum((part.amount for part in (*money, *fees)), Decimal(0))
    rest = amount - total
    if rest and fees and abs(rest) <= CENT * len(fees):
        first = fees[0]
        fees[0] = replace(first, amount=first.amount + rest)
        rest = Decimal(0)
    others = (PayoutPart("other", rest),) if rest else ()
    return (*money, *fees, *others)
