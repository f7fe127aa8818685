"""Mollie's refunds, chargebacks, settlements, webhooks and book page."""

import hashlib
import hmac
import json
from decimal import Decimal

import pytest

from tests.sandbox.contract import Contract
from tests.sandbox.testing import http

TEST = {"Authorization": "Bearer test_0123456789"}
ORG = {"Authorization": "Bearer access_0123456789"}


@pytest.fixture
def call(sandbox, sandbox_client):
    """Call the API; question and answer must fit the official document."""
    base = f"{sandbox.url}/mollie"
    contract = Contract("mollie", base)

    def ask(method, path, body=None, headers=TEST, wrong=False, **options):
        answer = http.request(
            method, base + path, json=body, headers=headers, **options
        )
        return contract.check(answer, ask=not wrong)

    return ask


@pytest.fixture
def paid(sandbox_client):
    """:return: ids of paid payments of these amounts"""

    def make(*amounts, **values):
        rows = [{"amount": a, "description": "Contribution", **values} for a in amounts]
        return sandbox_client.scene("mollie", payments=rows)["payments"]

    return make


def refund(amount="5.00", description="Back"):
    amount = {"currency": "EUR", "value": amount}
    return {"amount": amount, "description": description, "metadata": None}


# === REFUNDS AND CHARGEBACKS === #


def test_a_refund_is_made_counted_and_moves_on(sandbox_client, call, paid):
    key = paid("12.50")[0]
    made = call("POST", f"/v2/payments/{key}/refunds", refund()).json()
    assert made["status"] == "pending"
    payment = call("GET", f"/v2/payments/{key}?embed=refunds").json()
    assert payment["status"] == "paid"
    assert payment["amountRefunded"]["value"] == "5.00"
    assert payment["amountRemaining"]["value"] == "7.50"
    assert payment["_embedded"]["refunds"][0]["id"] == made["id"]
    one = call("GET", f"/v2/payments/{key}/refunds/{made['id']}").json()
    assert one["paymentId"] == key
    assert call("GET", f"/v2/payments/{key}/refunds").json()["count"] == 1
    assert call("GET", "/v2/refunds").json()["count"] == 1


def test_a_refund_cannot_be_more_than_what_is_left(call, paid):
    path = f"/v2/payments/{paid('12.50')[0]}/refunds"
    assert call("POST", path, refund("10.00")).status_code == 201
    answer = call("POST", path, refund("2.51", "More"))
    assert (answer.status_code, answer.json()["field"]) == (422, "amount")


def test_an_open_payment_has_nothing_to_refund(sandbox_client, call):
    row = {"amount": 1, "description": "x", "status": "open"}
    key = sandbox_client.scene("mollie", payments=[row])["payments"][0]
    assert call("POST", f"/v2/payments/{key}/refunds", refund()).status_code == 422


def test_two_equal_refunds_in_a_row_are_a_conflict(sandbox_client, call, paid):
    path = f"/v2/payments/{paid('50.00')[0]}/refunds"
    assert call("POST", path, refund()).status_code == 201
    assert call("POST", path, refund()).status_code == 409
    sandbox_client.clock(advance=60)
    assert call("POST", path, refund()).status_code == 201
    sandbox_client.clock(reset=True)


def test_a_waiting_refund_can_be_canceled_and_gives_the_amount_free(call, paid):
    key = paid("12.50")[0]
    made = call("POST", f"/v2/payments/{key}/refunds", refund()).json()
    path = f"/v2/payments/{key}/refunds/{made['id']}"
    assert call("DELETE", path, wrong=True).status_code == 204
    payment = call("GET", f"/v2/payments/{key}").json()
    assert payment["amountRemaining"]["value"] == "12.50"
    assert call("DELETE", path, wrong=True).status_code == 422


def test_a_chargeback_takes_all_and_leaves_the_payment_paid(sandbox_client, call, paid):
    key = paid("12.50", method="directdebit")[0]
    rows = [{"paymentId": key, "reason": "MS03", "description": "No reason"}]
    made = sandbox_client.scene("mollie", chargebacks=rows)["chargebacks"][0]
    payment = call("GET", f"/v2/payments/{key}?embed=chargebacks").json()
    assert payment["status"] == "paid"
    assert payment["amountChargedBack"]["value"] == "12.50"
    assert payment["_embedded"]["chargebacks"][0]["id"] == made
    one = call("GET", f"/v2/payments/{key}/chargebacks/{made}").json()
    assert one["reason"]["code"] == "MS03"
    assert call("GET", f"/v2/payments/{key}/chargebacks").json()["count"] == 1
    assert call("GET", "/v2/chargebacks").json()["count"] == 1


# === SETTLEMENTS === #


def test_settlements_open_only_to_the_organisation(sandbox_client, call):
    assert call("GET", "/v2/settlements").status_code == 403
    assert call("GET", "/v2/settlements", headers=ORG).status_code == 200
    made = sandbox_client.scene("mollie", oauth={"issue": "payments.read"})
    token = made["oauth"]["issued"]["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert call("GET", "/v2/settlements", headers=headers).status_code == 403


def test_a_settlement_adds_up_and_lists_its_parts(sandbox_client, call, paid):
    one, two, three = paid("100.00", "50.00", "20.00", mode="live")
    sandbox_client.scene(
        "mollie",
        refunds=[{"paymentId": one, "amount": "30.00"}],
        chargebacks=[{"paymentId": two}],
        settle={"fee": "0.25", "reference": "1234567.2611.07"},
    )
    page = call("GET", "/v2/settlements", headers=ORG).json()
    settlement = page["_embedded"]["settlements"][0]
    fees = (Decimal("0.25") * 3 * Decimal("1.21")).quantize(Decimal("0.01"))
    assert Decimal(settlement["amount"]["value"]) == Decimal("90.00") - fees
    assert settlement["reference"] == "1234567.2611.07"
    path = f"/v2/settlements/{settlement['id']}"
    assert call("GET", path, headers=ORG).json() == settlement

    def listed(name):
        page = call("GET", f"{path}/{name}", headers=ORG).json()
        return page["_embedded"][name]

    assert [p["id"] for p in listed("payments")] == [three, two, one]
    assert listed("payments")[0]["settlementAmount"]["value"] == "20.00"
    assert len(listed("refunds")) == len(listed("chargebacks")) == 1
    assert listed("captures") == []
    shown = call("GET", f"/v2/payments/{one}", headers=ORG).json()
    assert shown["settlementId"] == settlement["id"]


def test_what_is_settled_is_not_settled_again(sandbox_client, call, paid):
    paid("10.00", mode="live")
    paid("99.00", mode="test")
    waiting = call("GET", "/v2/settlements/open", headers=ORG).json()
    assert waiting["amount"]["value"] == "10.00"
    first = sandbox_client.scene("mollie", settle={"fee": 0})["settle"]
    second = sandbox_client.scene("mollie", settle={"fee": 0})["settle"]
    assert (first["amount"]["value"], second["amount"]["value"]) == ("10.00", "0.00")
    assert call("GET", "/v2/settlements/next", headers=ORG).status_code == 200
    year = first["createdAt"][:4]
    for query, count in ((f"year={year}", 2), ("year=1999", 0), ("limit=1", 1)):
        page = call("GET", f"/v2/settlements?{query}", headers=ORG).json()
        assert page["count"] == count


# === WEBHOOKS === #


def test_the_classic_webhook_posts_only_an_id(sandbox_client, receiver):
    row = {"amount": 1, "description": "x", "status": "open"}
    row["webhookUrl"] = f"{receiver.url}?ref=INV-1"
    key = sandbox_client.scene("mollie", payments=[row])["payments"][0]
    sandbox_client.scene("mollie", status=[{"id": key, "status": "paid"}])
    headers, body = receiver.wait(1)[0]
    assert body == f"id={key}".encode()
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "X-Mollie-Signature" not in headers


def test_a_forged_classic_webhook_names_a_payment_that_is_not(
    sandbox_client, receiver, call
):
    sandbox_client.fault("mollie", "webhook_forged")
    row = {"amount": 1, "description": "x", "announce": True}
    row["webhookUrl"] = receiver.url
    key = sandbox_client.scene("mollie", payments=[row])["payments"][0]
    _headers, body = receiver.wait(1)[0]
    named = body.decode().removeprefix("id=")
    assert named != key
    assert call("GET", f"/v2/payments/{named}").status_code == 404


def test_an_event_webhook_lives_is_signed_and_can_be_read_again(
    sandbox_client, receiver, call, paid
):
    body = {"name": "Books", "url": receiver.url, "eventTypes": ["payment.paid"]}
    body["testmode"] = True
    made = call("POST", "/v2/webhooks", body, headers=ORG).json()
    path = f"/v2/webhooks/{made['id']}"
    key = paid("10.00", announce=True)[0]
    headers, raw = receiver.wait(1)[0]
    event = json.loads(raw)
    digest = hmac.new(made["webhookSecret"].encode(), raw, hashlib.sha256)
    assert headers["X-Mollie-Signature"] == f"sha256={digest.hexdigest()}"
    assert (event["type"], event["entityId"]) == ("payment.paid", key)
    again = call("GET", f"/v2/events/{event['id']}?testmode=true", headers=ORG)
    assert again.json() == event
    shown = call("GET", f"{path}?testmode=true", headers=ORG).json()
    assert "webhookSecret" not in shown
    listed = call("GET", "/v2/webhooks?testmode=true", headers=ORG).json()
    assert listed["count"] == 1
    changed = call("PATCH", path, {"name": "New", "testmode": True}, headers=ORG)
    assert changed.json()["name"] == "New"
    assert call("POST", f"{path}/ping", {"testmode": True}, headers=ORG).ok
    assert json.loads(receiver.wait(2)[1][1])["type"] == "hook.ping"
    gone = call("DELETE", path, {"testmode": True}, headers=ORG)
    assert gone.status_code == 204


def test_event_webhooks_refuse_api_keys_and_unknown_events(call):
    body = {"name": "x", "url": "http://localhost/x", "eventTypes": ["payment.paid"]}
    assert call("POST", "/v2/webhooks", body).status_code == 403
    body["eventTypes"] = ["payment.eaten"]
    answer = call("POST", "/v2/webhooks", body, headers=ORG, wrong=True)
    assert (answer.status_code, answer.json()["field"]) == (422, "eventTypes")


def test_a_token_can_be_given_back(sandbox, sandbox_client):
    made = sandbox_client.scene("mollie", oauth={"issue": "payments.read"})
    token = made["oauth"]["issued"]["access_token"]
    body = {"token_type_hint": "access_token", "token": token}
    assert http.delete(f"{sandbox.url}/mollie/oauth2/tokens", json=body).ok
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{sandbox.url}/mollie/v2/payments"
    assert http.get(url, headers=headers).status_code == 401


# === BOOK PAGE === #


def test_the_page_moves_payments_refunds_and_settlements(sandbox, sandbox_client, paid):
    def press(action, **form):
        url = f"{sandbox.url}/_book/mollie/{action}"
        return http.post(url, data=form, allow_redirects=False).status_code

    row = {"amount": "8.00", "description": "Kantine", "status": "open", "mode": "live"}
    key = sandbox_client.scene("mollie", payments=[row])["payments"][0]
    page = http.get(f"{sandbox.url}/_book/mollie").text
    assert "Kantine" in page
    assert press("status", id=key, status="paid") == 303
    assert press("settle") == 303
    assert press("chargeback", id=key) == 303
    assert press("status", id=key, status="open") == 422
    assert press("dance") == 404
    url = f"{sandbox.url}/_book/mollie/status"
    refused = http.post(url, data={"id": key, "status": "open"})
    assert "A payment that is paid cannot become open" in refused.text
    payment = sandbox_client.objects("mollie", "payment")[0]
    assert payment["settlementId"].startswith("stl_")
    assert payment["amountChargedBack"]["value"] == "8.00"
    page = http.get(f"{sandbox.url}/_book/mollie").text
    assert "charged back" in page


def test_texts_of_others_cannot_break_the_page(sandbox, sandbox_client):
    row = {"amount": 1, "description": "<script>alert(1)</script>"}
    sandbox_client.scene("mollie", payments=[row])
    page = http.get(f"{sandbox.url}/_book/mollie").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
