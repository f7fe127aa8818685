"""May a debtor be asked for what the bank charged for a returned direct debit?

Only what was really charged, once, and only with the bank's document; there is no flat
sum of our own. The rule ``return_fee`` says where the law lets it be passed on: 1 yes,
0 no; a country without the rule refuses.

    >>> from datetime import date
    >>> book = law.RuleBook([
    ...     law.Rule("DE", "consumer", "return_fee", Decimal(1), date(2014, 7, 29)),
    ...     law.Rule("NL", "consumer", "return_fee", Decimal(0), date(2012, 7, 1))])
    >>> claim = fees.Claim(7, date(2026, 1, 1), Decimal(15),
    ...     default_since=date(2026, 1, 20))
    >>> fee = ReturnFee(3, 7, Decimal("3.80"))
    >>> ask = fees.Ask("DE", "consumer", (claim,))
    >>> decide_return_fees(book, ask, (fee,), date(2026, 2, 1))[3].value
    Decimal('3.80')
    >>> decide_return_fees(book, ask, (fee,), date(2026, 1, 19)).code
    'DE-NOT-IN-DEFAULT'
    >>> ask = fees.Ask("NL", "consumer", (claim,))
    >>> decide_return_fees(book, ask, (fee,), date(2026, 2, 1)).code
    'NL-NO-BANK-FEE'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import fees, law

GRANTED = "DE-RETURNED-DEBIT"
NO_PROOF = "NO-PROOF-OF-FEE"
NL_FORBIDS = "NL-NO-BANK-FEE"
BE_FORBIDS = "BE-NO-BANK-FEE"
FORBIDS = {"NL": NL_FORBIDS, "BE": BE_FORBIDS}


@dataclass(frozen=True)
class ReturnFee:
    """What a bank charged because a debit came back.

    :param claim_id: the claim whose debit it was
    :param is_proven: the bank's document or line is stored
    """

    id: int
    claim_id: int
    amount: Decimal
    is_proven: bool = True


def _is_in_default(ask: fees.Ask, claim: fees.Claim, today: date) -> bool:
    """A consumer by § 286 BGB, a business from the day after the due date."""
    if ask.debtor == law.CONSUMER:
        return bool(claim.default_since and claim.default_since <= today)
    return claim.due < today


def decide_return_fees(
    book: law.RuleBook, ask: fees.Ask, returned: tuple[ReturnFee, ...], today: date
) -> dict[int, fees.Amount] | law.Refusal:
    """The fees that may be asked today, by id; or why none of them may.

    :param returned: fees that were not asked for yet
    """
    guard = fees.find_guard(ask)
    if guard:
        return guard
    allowed = book.get_value(ask.country, ask.debtor, "return_fee", today)
    if not allowed:
        known = allowed is not None and ask.country in FORBIDS
        return law.Refusal(FORBIDS[ask.country] if known else law.RULE_MISSING)
    claims = {claim.id: claim for claim in ask.claims if claim.open > 0}
    near = [fee for fee in returned if fee.claim_id in claims and fee.amount > 0]
    if not near:
        return law.Refusal(fees.NO_COST)
    late = [fee for fee in near if _is_in_default(ask, claims[fee.claim_id], today)]
    if not late:
        return law.Refusal(law.DE_DEFAULT)
    return {
        fee.id: fees.Amount(
            fee.amount, GRANTED, (fee.claim_id,), steps=(f"bank {fee.amount}",)
        )
        for fee in late
        if fee.is_proven
    } or law.Refusal(NO_PROOF)


def divide_costs(costs: list[tuple[Decimal, int]], count: int) -> Decimal | None:
    """What a service kept for each returned debit of a payout.

    :param costs: (amount, number of returns it is for), all above zero
    :param count: returned debits in the payout
    :return: ``None`` where it is not the same amount in whole cents for each

    >>> divide_costs([(Decimal("7.50"), 2)], 2)
    Decimal('3.75')
    >>> divide_costs([(Decimal("7.50"), 2), (Decimal("3.75"), 1)], 3)
    Decimal('3.75')
    >>> divide_costs([(Decimal("7.51"), 2)], 2) is None
    True
    >>> divide_costs([(Decimal("7.50"), 2)], 3) is None
    True
    """
    if sum(number for _amount, number in costs) != count or not count:
        return None
    units = {amount / number for amount, number in costs}
    each = units.pop()
    return each if not units and each == each.quantize(fees.CENT) else None
