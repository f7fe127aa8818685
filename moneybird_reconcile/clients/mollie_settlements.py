"""Mollie's settlements: what was paid to the bank account, and from what.

Facts: https://github.com/mollie/openapi (specs.yaml of 2026-08-21). These refuse
API keys: an organisation access token (or OAuth with ``settlements.read``) is needed,
and there are only live ones. Not verified against a live account: how a reserve shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..engine.facts import FactError, to_amount
from ..engine.payout import PayoutFacts, PayoutPart, close_with_fees
from .mollie import MollieClient
from .mollie_time import parse_time

PAID_OUT = "paidout"
#: Lists of a settlement, and the sign with which their rows add to it. What is paid by
#: the Klarna methods stands under captures, with the id of its payment.
LISTS = {
    "payments": ("payment", 1),
    "captures": ("payment", 1),
    "refunds": ("refund", -1),
    "chargebacks": ("chargeback", -1),
}


class MollieSettlementClient(MollieClient):
    """Reads settlements with the token of an organisation."""

    def iter_settlements(self, since: datetime) -> Iterator[PayoutFacts]:
        """Settlements that were paid out, newest first, back to a moment.

        :raises FactError: one cannot be read
        """
        for rows in self._iter_list("settlements", since):
            for row in rows:
                if row.get("status") == PAID_OUT:
                    yield self._read_settlement(row)

    def _read_settlement(self, row: Mapping[str, Any]) -> PayoutFacts:
        settlement_id = str(row.get("id") or "")
        moment = parse_time(row.get("settledAt")) or parse_time(row.get("createdAt"))
        amount = row.get("amount")
        if not settlement_id or not isinstance(amount, Mapping):
            raise FactError("field_missing", field="amount")
        if moment is None:
            raise FactError("field_missing", field="settledAt")
        value = to_amount(amount.get("value"))
        parts = [
            part
            for kind in LISTS
            for rows in self._iter_list(kind, None, f"settlements/{settlement_id}/")
            for part in (_part(kind, one) for one in rows)
        ]
        return PayoutFacts(
            external_id=settlement_id,
            reference=str(row.get("reference") or settlement_id),
            date=moment.date(),
            amount=value,
            currency=str(amount.get("currency") or "").upper(),
            parts=close_with_fees(value, parts, _costs(row)),
        )


def _part(list_name: str, row: Mapping[str, Any]) -> PayoutPart:
    kind, sign = LISTS[list_name]
    amount = row.get("amount")
    if not isinstance(amount, Mapping):
        raise FactError("field_missing", field="amount")
    key = "paymentId" if list_name == "captures" else "id"
    return PayoutPart(
        kind, sign * abs(to_amount(amount.get("value"))), str(row.get(key) or "")
    )


def _costs(row: Mapping[str, Any]) -> Iterator[PayoutPart]:
    """Costs of all periods; a period is a month of a year."""
    years = row.get("periods")
    for months in years.values() if isinstance(years, Mapping) else ():
        for period in months.values() if isinstance(months, Mapping) else ():
            for cost in period.get("costs") or ():
                yield PayoutPart(
                    "fee",
                    -_value(cost, "amountGross"),
                    amount_vat=-_value(cost, "amountVat"),
                    name=str(cost.get("description") or ""),
                    returns=_count_returns(cost),
                )


def _count_returns(cost: Mapping[str, Any]) -> int:
    """Chargebacks that a cost is for; their method is ``chargeback``.

    Mollie's own invoices call them "Direct debit chargeback fees".
    """
    words = f"{cost.get('method') or ''} {cost.get('description') or ''}".lower()
    count = cost.get("count")
    if "chargeback" not in words or not isinstance(count, int):
        return 0
    return count


def _value(cost: Mapping[str, Any], key: str) -> Decimal:
    amount = cost.get(key)
    return to_amount(amount.get("value") if isinstance(amount, Mapping) else 0)
