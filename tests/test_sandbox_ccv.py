"""CCV in the sandbox: keys, payments, pages, refunds, captures."""

import base64

import pytest
import requests

from tests.sandbox.ccv.scenes import KEY, SECOND_KEY
from tests.sandbox.ccv.testing import (
    EXAMPLES,
    ORDER,
    REFERENCE,
    Api,
    assert_shape,
    refused,
)


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


# === KEYS === #


@pytest.mark.parametrize("auth", [None, ("t_unknown", ""), (KEY, "password"), ("", "")])
def test_wrong_key_is_401(api, auth):
    answer = requests.get(f"{api.base}/api/v1/method", auth=auth, timeout=5)
    refused(answer, 401, "bad_credentials")


def test_user_agent_is_mandatory(api):
    token = base64.b64encode(f"{KEY}:".encode()).decode()
    headers = {"User-Agent": "", "Authorization": f"Basic {token}"}
    url = f"{api.base}/api/v1/method"
    refused(requests.get(url, headers=headers, timeout=5), 400, "processing_error")


def test_accounts_have_books_of_their_own(api):
    other = Api(api.base.removesuffix("/ccv"), api.control, SECOND_KEY)
    payment = api.pay().json()
    unknown = other.get("/transaction", reference=payment["reference"])
    refused(unknown, 404, "unknown_reference")
    assert other.get("/transaction").json() == []
    api.control.scene(
        "ccv", accounts=[{"key": "l_third", "name": "Live", "methods": []}]
    )
    third = Api(api.base.removesuffix("/ccv"), api.control, "l_third")
    assert third.get("/method").json() == []


def test_methods_are_a_list_with_options(api):
    methods = {row["method"]: row["options"] for row in api.get("/method").json()}
    assert {"brand": "visa"} in methods["card"]
    assert set(methods["ideal"][0]) == {
        "issuerid", "issuerdescription", "grouptype", "group",
    }  # fmt: skip


# === PAYMENTS === #


def test_payment_answers_pending_with_a_page(api):
    answer = api.pay()
    payment = answer.json()
    assert answer.status_code == 200
    assert_shape(EXAMPLES["payment_created"], payment)
    assert payment["status"] == "pending" and payment["currency"] == "eur"
    assert payment["amount"] == 9.99 and REFERENCE.fullmatch(payment["reference"])
    assert payment["reference"][0] == "C"
    assert "9.99" in requests.get(payment["payUrl"], timeout=5).text


def test_success_on_the_page_leads_back_and_fills_the_transaction(api):
    payment = api.pay(storeInVault="yes").json()
    assert api.answer(payment, "success") == ORDER["returnUrl"]
    transaction = api.one(payment["reference"])
    assert_shape(EXAMPLES["transaction_success"], transaction)
    assert transaction["status"] == "success" and transaction["brand"] == "visa"
    assert transaction["details"]["vaultAccessToken"]
    assert_shape(EXAMPLES["transaction_success"]["details"], transaction["details"])
    again = requests.get(payment["payUrl"], allow_redirects=False, timeout=5)
    assert again.headers["Location"] == ORDER["returnUrl"]


@pytest.mark.parametrize(
    ("button", "status", "code"),
    [
        ("fail", "failed", "rejected"),
        ("insufficient", "failed", "insufficient_funds"),
        ("cancel", "failed", "cancelled"),
        ("manual", "manualintervention", None),
    ],
)
def test_buttons_of_the_page(api, button, status, code):
    payment = api.pay().json()
    api.answer(payment, button)
    transaction = api.one(payment["reference"])
    assert (transaction["status"], transaction.get("failureCode")) == (status, code)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"amount": "9,99"}, "processing_error", "amount"),
        ({"amount": -1}, "processing_error", "amount"),
        ({"amount": "1.001"}, "processing_error", "amount"),
        ({"amount": None}, "processing_error", "amount"),
        ({"currency": "USD"}, "unsupported_currency", "currency"),
        ({"method": "giropay"}, "invalid_config", "method"),
        ({"method": "klarna"}, "invalid_config", "transactionType"),
        ({"returnUrl": ""}, "processing_error", "returnUrl"),
        ({"language": "nl"}, "processing_error", "language"),
        ({"brand": "diners"}, "invalid_config", "brand"),
        ({"description": "x" * 256}, "processing_error", "description"),
        ({"metadata": {"a": 1}}, "processing_error", "metadata"),
        ({"webhookUrl": "http://example.org/x"}, "processing_error", "webhookUrl"),
    ],
)
def test_payment_refuses_wrong_fields(api, change, code, field):
    assert refused(api.pay(**change), 400, code)["field"] == field


def test_pending_payment_can_be_cancelled_once(api):
    payment = api.pay().json()
    url = f"/cancel?reference={payment['reference']}"
    assert api.post(url).json()["failureCode"] == "cancelled"
    refused(api.post(url), 400, "rejected")
    other = api.pay().json()
    requests.get(other["cancelUrl"], allow_redirects=False, timeout=5)
    assert api.one(other["reference"])["failureCode"] == "cancelled"


def test_forgotten_payment_expires(api):
    short = api.pay().json()
    long = api.pay(method="landingpage", details={"expirationDuration": "P14D"}).json()
    api.control.clock(advance=86401)
    assert api.one(short["reference"])["failureCode"] == "expired"
    assert api.one(long["reference"])["status"] == "pending"
    api.control.clock(advance=13 * 86400)
    assert api.one(long["reference"])["failureCode"] == "expired"


def test_landing_page_makes_a_child_that_is_refunded(api):
    parent = api.pay(method="landingpage").json()
    api.answer(parent, "success", method="ideal")
    parent = api.one(parent["reference"])
    child = api.one(parent["childReferenceId"])
    assert (parent["status"], parent["method"]) == ("success", "landingpage")
    assert (child["status"], child["method"]) == ("success", "ideal")
    assert child["merchantOrderReference"] == parent["merchantOrderReference"]
    refused(api.post("/refund", reference=parent["reference"]), 400, "rejected")
    assert api.post("/refund", reference=child["reference"]).status_code == 200


# === REFUND, CAPTURE, REVERSAL === #


def test_refund_has_the_documented_shape(api):
    sale = api.paid(method="ideal")
    refund = api.post(
        "/refund", reference=sale["reference"], description="Refund of Order 123456"
    ).json()
    assert_shape(EXAMPLES["refund_created"], refund)
    assert refund["originalReference"] == sale["reference"]
    assert (refund["amount"], refund["type"]) == (9.99, "refund")
    assert api.one(sale["reference"])["status"] == "success"
    related = api.get("/transaction", reference=sale["reference"],
                      includeRelatedTransactions="true").json()  # fmt: skip
    assert related["relatedTransactions"][0]["reference"] == refund["reference"]


def test_refund_up_to_120_percent(api):
    sale = api.paid(method="ideal")
    answer = api.post("/refund", reference=sale["reference"], amount="11.99")
    error = refused(answer, 400, "refund_limit")
    assert error["message"] == EXAMPLES["error_refund_limit"]["message"]
    for amount in ("5.00", "6.98"):
        assert api.post("/refund", reference=sale["reference"], amount=amount).ok
    refused(
        api.post("/refund", reference=sale["reference"], amount="0.01"),
        400, "refund_limit",
    )  # fmt: skip


def test_refund_needs_open_balance_where_that_is_checked(api):
    api.control.scene("ccv", settings={"balance_check": True})
    sale = api.paid(method="ideal")
    api.control.scene("ccv", payout={})
    answer = api.post("/refund", reference=sale["reference"], amount="9.99")
    error = refused(answer, 400, "unsufficient_balance")
    assert_shape(EXAMPLES["error_balance"], error)
    assert error["message"].endswith("due to insufficient open amount")


def test_refund_of_unknown_unpaid_or_unnamed_is_refused(api):
    refused(api.post("/refund", reference="C1"), 404, "unknown_reference")
    pending = api.pay().json()
    refused(api.post("/refund", reference=pending["reference"]), 400, "rejected")
    assert refused(api.post("/refund"), 400, "processing_error")["field"] == "reference"


def test_refund_can_be_pending_and_fail_later(api):
    api.control.scene("ccv", settings={"refund_status": "pending"})
    sale = api.paid(method="ideal")
    refund = api.post("/refund", reference=sale["reference"]).json()
    assert refund["status"] == "pending"
    end = {"reference": refund["reference"], "status": "failed",
           "failureCode": "card_refused"}  # fmt: skip
    api.control.scene("ccv", finish=end)
    assert api.one(refund["reference"])["failureCode"] == "card_refused"


def test_authorised_amount_is_captured_in_parts_or_reversed(api):
    held = api.paid(transactionType="authorise")
    assert held["type"] == "authorise"
    refused(api.post("/refund", reference=held["reference"]), 400, "rejected")
    first = api.post("/capture", reference=held["reference"], amount="4.00").json()
    assert (first["type"], first["amount"]) == ("capture", 4.0)
    assert api.post("/capture", reference=held["reference"]).json()["amount"] == 5.99
    refused(
        api.post("/capture", reference=held["reference"], amount="0.01"),
        400, "rejected",
    )  # fmt: skip
    refused(api.post("/reversal", reference=held["reference"]), 400, "rejected")
    assert api.post("/refund", reference=first["reference"]).json()["amount"] == 4.0
    other = api.paid(transactionType="authorise")
    gone = api.post("/reversal", reference=other["reference"]).json()
    assert (gone["type"], gone["amount"]) == ("reversal", 9.99)
    refused(api.post("/capture", reference=other["reference"]), 400, "rejected")
