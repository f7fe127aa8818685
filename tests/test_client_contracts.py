"""What our own clients ask, and what they are answered, is as the vendors document it.

The sandbox's tests hold the sandbox against the OpenAPI documents; here the calls are
those of the product, made by its clients.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from odoo.addons.connection_base.clients.transport import make_session, once_policy
from odoo.addons.moneybird_reconcile.clients.mollie import MollieClient
from odoo.addons.moneybird_reconcile.clients.mollie_settlements import (
    MollieSettlementClient,
)
from odoo.addons.moneybird_reconcile.clients.moneybird import (
    KINDS,
    MoneybirdClient,
    MoneybirdPayment,
)
from odoo.addons.moneybird_reconcile.exceptions import ScopeError

from tests.sandbox.contract import Contract, ContractError
from tests.sandbox.moneybird.scenes import ADMINISTRATION

SINCE = datetime.now(tz=UTC) - timedelta(days=30)
TODAY = datetime.now(tz=UTC).date()


@pytest.fixture
def make(sandbox, sandbox_client):
    """Make a client whose calls are all held against the document of the service.

    :return: of the function: the client and the list of what it called
    """

    def build(kind, service, document_path, **options):
        base_url = f"{sandbox.url}/{service}"
        contract = Contract(service, f"{base_url}{document_path}")
        calls = []

        def check(answer, **_options):
            contract.check(answer)
            calls.append((answer.request.method, urlsplit(answer.url).path))

        session = make_session(base_url, once_policy())
        session.hooks["response"].append(check)
        return kind(base_url=base_url, session=session, **options), calls

    return build


@pytest.fixture
def mollie(make):
    return make(MollieClient, "mollie", "", api_key="test_0123456789")


@pytest.fixture
def moneybird(make):
    return make(
        MoneybirdClient,
        "moneybird",
        "/api/v2",
        token="sandbox-token",
        administration=ADMINISTRATION,
    )


def _paid(sandbox_client, **values):
    row = {"amount": "15.00", "description": "Contribution", **values}
    return sandbox_client.scene("mollie", payments=[row])["payments"][0]


def test_reading_payments_and_what_came_back_of_them(mollie, sandbox_client):
    client, calls = mollie
    payment = _paid(sandbox_client)
    money = {"currency": "EUR", "value": "5.00"}
    made = sandbox_client.scene(
        "mollie",
        refunds=[{"paymentId": payment, "amount": money}],
        chargebacks=[{"paymentId": _paid(sandbox_client)}],
    )
    client.check_key()
    assert client.get_payment(payment).amount == Decimal("15.00")
    refund = client.get_return(payment, made["refunds"][0])
    assert refund.amount == Decimal("-5.00")
    assert [row.kind for row in client.list_returns(payment)] == ["refund"]
    rows = [row for page in client.iter_all(SINCE) for row in page]
    assert len(rows) == 4
    assert len(calls) == 8


def test_reading_settlements(make, sandbox_client):
    client, calls = make(MollieSettlementClient, "mollie", "", api_key="access_sandbox")
    _paid(sandbox_client, mode="live")
    sandbox_client.scene("mollie", settle={"fee": "0.3290"})
    [facts] = client.iter_settlements(SINCE)
    assert sum(part.amount for part in facts.parts) == facts.amount
    assert any("/settlements/" in path for _method, path in calls)


@pytest.mark.parametrize("kind", KINDS)
def test_open_items_are_listed_read_and_paid(kind, moneybird, sandbox_client):
    client, calls = moneybird
    rows = {
        "sales_invoice": {"contact": "Kantine", "amount": "121.00"},
        "external_sales_invoice": {
            "contact": "Kantine",
            "amount": "121.00",
            "reference": "E-1",
        },
    }
    resource, _states = KINDS[kind]
    made = sandbox_client.scene("moneybird", {resource: [rows[kind]]})
    number = made[resource][0]["id"]
    ledger = client.list_ledger_accounts()[0]["id"]
    assert number in client.list_open_versions(kind)
    [[row]] = client.iter_items(kind, [number])
    assert row["id"] == number
    for identifier, account in (("tr_1", ""), ("tr_2", ledger)):
        payment = MoneybirdPayment(
            date=TODAY,
            amount=Decimal("21.00"),
            identifier=identifier,
            ledger_account=account,
        )
        client.create_payment(kind, number, payment)
    found = client.find_payment(kind, number, "tr_1")
    client.delete_payment(kind, number, str(found["id"]))
    assert client.get_item(kind, number).amount_open == Decimal("100.00")
    assert {method for method, _path in calls} == {"GET", "POST", "DELETE"}


def test_administrations_and_webhooks(make, moneybird, receiver):
    client, _calls = make(
        MoneybirdClient, "moneybird", "/api/v2", token="sandbox-token"
    )
    assert client.list_administrations()[0]["id"] == ADMINISTRATION
    client, calls = moneybird
    hook = client.create_webhook(receiver.url, ["payment_registered"])
    client.delete_webhook(str(hook["id"]))
    assert [method for method, _path in calls] == ["POST", "DELETE"]


def test_refusals_are_as_documented_too(moneybird, sandbox_client):
    client, _calls = moneybird
    sandbox_client.scene("moneybird", tokens=[{"token": "poor", "scopes": ["bank"]}])
    client._auth._token = "poor"
    with pytest.raises(ScopeError):
        client.list_open_versions("sales_invoice")


def test_a_call_that_is_not_documented_is_found(moneybird):
    client, _calls = moneybird
    with pytest.raises(ContractError, match="invoices_of_nobody"):
        client.get_json(f"/api/v2/{ADMINISTRATION}/invoices_of_nobody.json")
    payment = MoneybirdPayment(date(2026, 1, 1), Decimal(1), "tr_1")
    body = {"payment": {**payment.to_body()["payment"], "price": [1]}}
    with pytest.raises(ContractError, match="price"):
        client.post_json(
            f"/api/v2/{ADMINISTRATION}/sales_invoices/1/payments.json", json=body
        )
