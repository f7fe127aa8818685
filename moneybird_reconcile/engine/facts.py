"""The words of the trade: a receipt, an open item, evidence, a proposal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

STAGE_WAITING = "waiting"
STAGE_PAID = "paid"
STAGE_LOST = "lost"
STAGE_UNKNOWN = "unknown"

INDEPENDENT = frozenset({"reference", "amount", "payer"})
FURTHER = 5


class FactError(ValueError):
    """A service or a file says something that cannot be read.

    :param code: reason code, a key of ``REASONS`` in the addon
    :param values: what the sentence of that reason needs
    """

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class ReceiptFacts:
    """What a service tells about one payment, in our own words.

    :param provider: ``ccv`` or ``mollie``
    :param external_id: the id of the payment at the service
    :param kind: ``payment``, ``refund`` or another word of the service (shown as it is)
    :param amount: signed; money that leaves us is negative
    :param currency: three upper-case letters
    :param moment: when it was paid (or made), with its time zone
    :param status: the service's own word
    :param stage: ``waiting`` (not yet paid), ``paid``, ``lost`` (will never be paid)
        or ``unknown`` (a status this version does not know: shown, never guessed)
    """

    provider: str
    external_id: str
    kind: str
    amount: Decimal
    currency: str
    moment: dt.datetime
    status: str
    stage: str
    method: str = ""
    payer_name: str = ""
    payer_iban: str = ""
    description: str = ""
    order_reference: str = ""
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """One receipt as the matcher sees it.

    :param key: whatever finds the receipt again
    :param texts: everything the payer or the service wrote, one string each
    :param order_refs: order references, compared as a whole
    :param end_to_end_ids: what the payer's bank handed through, compared as a whole
    :param transaction_ids: ids of the payment at its service, compared as a whole
    :param fee: what the source says it withheld, zero when it says nothing
    :param amount_original: what the payer paid in ``currency_original`` before the
        source changed it, None when it says nothing
    :param differences: (kind, ledger) of the differences an account is chosen for:
        kind is ``fee`` or ``currency``
    :param rates: how much of another currency one of this receipt's was worth that day
    """

    key: int
    amount: Decimal
    currency: str
    date: dt.date
    texts: tuple[str, ...] = ()
    order_refs: tuple[str, ...] = ()
    end_to_end_ids: tuple[str, ...] = ()
    transaction_ids: tuple[str, ...] = ()
    payer_name: str = ""
    payer_iban: str = ""
    fee: Decimal = Decimal(0)
    amount_original: Decimal | None = None
    currency_original: str = ""
    differences: frozenset[tuple[str, str]] = frozenset()
    rates: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenItem:
    """One open item, in Odoo or elsewhere.

    :param key: ledger and id, for example ``("odoo", 12)``
    :param amount_open: signed, what is still due; a credit note is negative
    :param numbers: the document's numbers in their official spelling
    :param structured: structured references on the document
    :param order_refs: order references that led to the document
    :param transaction_refs: ids of payments at a service that were made for it
    :param document: what the instalments of one document have in common
    :param instalment: which one this is, counted from 1; 0 when it is not one of many
    :param instalments: how many the document has
    :param rank: below 0 for what the law pays before the rest: costs and interest
    :param ibans: accounts of this customer → how often each paid before (0: never yet,
        but it stands on the customer)
    """

    key: tuple[str, int]
    amount_open: Decimal
    amount_total: Decimal
    currency: str
    date: dt.date | None = None
    date_due: dt.date | None = None
    numbers: tuple[str, ...] = ()
    structured: tuple[str, ...] = ()
    order_refs: tuple[str, ...] = ()
    transaction_refs: tuple[str, ...] = ()
    document: str = ""
    instalment: int = 0
    instalments: int = 0
    partner_key: str = ""
    partner_name: str = ""
    ibans: Mapping[str, int] = field(default_factory=dict)
    rank: int = 0


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, told as a code with values (the model makes words of it).

    :param code: for example ``amount_equal``
    :param group: evidence of one group is never independent of each other:
        ``reference``, ``amount``, ``payer``; ``date`` and ``hint`` prove nothing alone
    :param weight: points; negative when it speaks against, zero when it only tells
    """

    code: str
    group: str
    weight: int
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Allocation:
    """How much of a receipt goes to one open item (signed like the receipt).

    An item in another currency is paid whole; the amount is what is open in its own.
    """

    item: OpenItem
    amount: Decimal


@dataclass(frozen=True)
class Proposal:
    """A possible match: where the money goes, why, and what speaks against it.

    :param weight: the score before it is cut to 0…100, to compare candidates by
    :param difference: what explains that the items come to another sum than the
        receipt, and goes on an account of its own: ``fee``, ``currency`` or nothing
    """

    allocations: tuple[Allocation, ...]
    evidence: tuple[Evidence, ...]
    against: tuple[Evidence, ...] = ()
    weight: int = 0
    automatic: bool = False
    difference: str = ""

    @classmethod
    def of(
        cls,
        allocations: tuple[Allocation, ...],
        pieces: Iterable[Evidence],
        difference: str = "",
    ) -> Proposal:
        """Weigh the pieces.

        Evidence of one group says the same thing twice: the heaviest piece counts, each
        further one adds a little.

        >>> pieces = (Evidence("a", "payer", 35), Evidence("b", "payer", 20),
        ...     Evidence("c", "amount", 40), Evidence("d", "date", -5))
        >>> Proposal.of((), pieces).score
        75
        """
        weight = 0
        heaviest: dict[str, int] = {}
        evidence, against = [], []
        for piece in pieces:
            if piece.weight < 0:
                against.append(piece)
                weight += piece.weight
                continue
            evidence.append(piece)
            known = heaviest.get(piece.group)
            heaviest[piece.group] = max(known or 0, piece.weight)
            weight += 0 if known is None else FURTHER
        return cls(
            allocations,
            tuple(evidence),
            tuple(against),
            weight + sum(heaviest.values()),
            difference=difference,
        )

    @property
    def score(self) -> int:
        """How sure this is, 0 to 100."""
        return max(0, min(100, self.weight))

    @property
    def keys(self) -> frozenset[tuple[str, int]]:
        """Keys of the items that would be paid."""
        return frozenset(allocation.item.key for allocation in self.allocations)

    @property
    def groups(self) -> frozenset[str]:
        """Independent groups that speak for the match."""
        return INDEPENDENT & {piece.group for piece in self.evidence}


def to_amount(value: object, code: str = "amount_unreadable") -> Decimal:
    """Read an amount as services write it: a string, an integer or a JSON number.

    >>> to_amount("10.00"), to_amount(9.99), to_amount(3)
    (Decimal('10.00'), Decimal('9.99'), Decimal('3'))
    >>> to_amount("NaN")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    FactError: amount_unreadable

    :raises FactError: when it is no finite number
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise FactError(code, value=str(value)[:40])
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise FactError(code, value=str(value)[:40]) from error
    if not amount.is_finite() or abs(amount) > Decimal("1e12"):
        raise FactError(code, value=str(value)[:40])
    return amount
