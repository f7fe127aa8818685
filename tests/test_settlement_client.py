"""Mollie's settlements over real HTTP: the parts add up to what the bank gets."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from odoo.addons.connection_base.exceptions import ProviderError
from odoo.addons.moneybird_reconcile.clients.mollie_settlements import (
    MollieSettlementClient,
)

SINCE = datetime.now(tz=UTC) - timedelta(days=30)


def _make_client(sandbox, token="access_sandbox"):
    return MollieSettlementClient(api_key=token, base_url=f"{sandbox.url}/mollie")


def test_settlement_with_refund_chargeback_and_fees_adds_up(sandbox, sandbox_client):
    """C3: a payout is split into payments, refunds, chargebacks and fees with VAT."""
    rows = [
        {"amount": amount, "mode": "live", "description": "Contribution"}
        for amount in ("15.00", "20.00", "7.50")
    ]
    paid = sandbox_client.scene("mollie", payments=rows)["payments"]
    sandbox_client.scene(
        "mollie",
        refunds=[
            {"paymentId": paid[0], "amount": {"currency": "EUR", "value": "5.00"}}
        ],
        chargebacks=[{"paymentId": paid[2]}],
        settle={"fee": "0.3290", "reference": "1234567.2611.07"},
    )
    [facts] = _make_client(sandbox).iter_settlements(SINCE)
    assert facts.reference == "1234567.2611.07"
    assert sum(part.amount for part in facts.parts) == facts.amount
    kinds = [part.kind for part in facts.parts]
    assert sorted(kinds) == ["chargeback", "fee", *["payment"] * 3, "refund"]
    money = {part.external_id: part.amount for part in facts.parts if part.external_id}
    assert money[paid[0]] == Decimal("15.00")
    fee = facts.parts[-1]
    assert fee.amount_vat == Decimal("-0.21")
    assert fee.amount <= Decimal("-1.19")


def test_settlements_refuse_the_key_of_a_profile(sandbox, sandbox_client):
    with pytest.raises(ProviderError):
        list(_make_client(sandbox, "test_sandbox").iter_settlements(SINCE))


def test_settlement_says_for_how_many_chargebacks_a_fee_was_kept(
    sandbox, sandbox_client
):
    """What Mollie kept for returned direct debits may be asked (legal.md 3.2)."""
    rows = [
        {"amount": "15.00", "mode": "live", "description": "Contribution"}
        for _payment in range(3)
    ]
    paid = sandbox_client.scene("mollie", payments=rows)["payments"]
    sandbox_client.scene(
        "mollie",
        chargebacks=[{"paymentId": one} for one in paid[:2]],
        settle={"fee": "0.25", "return_fee": "7.50"},
    )
    [facts] = _make_client(sandbox).iter_settlements(SINCE)
    costs = {part.returns: part for part in facts.parts if part.kind == "fee"}
    assert sorted(costs) == [0, 2]
    assert costs[2].amount == Decimal("-18.15")
    assert costs[2].amount_vat == Decimal("-3.15")
