"""Mollie's payments, customers and lists, held against the official document."""

import pytest

from tests.sandbox.contract import Contract
from tests.sandbox.mollie.customers import is_iban
from tests.sandbox.testing import http

TEST = {"Authorization": "Bearer test_0123456789"}
LIVE = {"Authorization": "Bearer live_0123456789"}
ORG = {"Authorization": "Bearer access_0123456789"}
BACK = "http://localhost:8069/back"
IBAN = "NL55INGB0000000000"


@pytest.fixture
def call(sandbox, sandbox_client):
    """Call the API; question and answer must fit the official document.

    With ``wrong`` true the question is wrong on purpose and is not checked.
    """
    base = f"{sandbox.url}/mollie"
    contract = Contract("mollie", base)

    def ask(method, path, body=None, headers=TEST, wrong=False, **options):
        answer = http.request(
            method, base + path, json=body, headers=headers, **options
        )
        return contract.check(answer, ask=not wrong)

    return ask


def order(**values):
    return {
        "description": "Contribution 2026",
        "amount": {"currency": "EUR", "value": "12.50"},
        "redirectUrl": BACK,
        **values,
    }


def leave_checkout(payment, status, method="ideal"):
    url = payment["_links"]["checkout"]["href"]
    data = {"status": status, "method": method}
    return http.post(url, data=data, allow_redirects=False)


@pytest.fixture
def customer(call):
    body = {"name": "Jan Jansen", "email": "jan@example.com"}
    return call("POST", "/v2/customers", body).json()


def add_mandate(call, customer, **values):
    body = {
        "method": "directdebit",
        "consumerName": "Jan Jansen",
        "consumerAccount": IBAN,
        **values,
    }
    return call("POST", f"/v2/customers/{customer['id']}/mandates", body).json()


# === ONE PAYMENT === #


def test_a_payment_is_made_paid_on_the_page_and_read(call):
    made = call("POST", "/v2/payments", order(metadata={"ref": "INV/1"})).json()
    assert made["status"] == "open"
    assert http.get(made["_links"]["checkout"]["href"]).status_code == 200
    left = leave_checkout(made, "paid")
    assert (left.status_code, left.headers["Location"]) == (303, BACK)
    paid = call("GET", f"/v2/payments/{made['id']}").json()
    assert paid["status"] == "paid"
    assert paid["method"] == "ideal"
    assert paid["metadata"] == {"ref": "INV/1"}
    assert paid["amountRemaining"] == paid["amount"]
    assert paid["paidAt"] >= made["createdAt"]
    assert "checkout" not in paid["_links"]


@pytest.mark.parametrize("status", ["failed", "canceled", "expired", "pending"])
def test_the_page_offers_each_other_end(call, status):
    made = call("POST", "/v2/payments", order(cancelUrl=f"{BACK}?no")).json()
    left = leave_checkout(made, status)
    where = f"{BACK}?no" if status == "canceled" else BACK
    assert left.headers["Location"] == where
    assert call("GET", f"/v2/payments/{made['id']}").json()["status"] == status


def test_going_back_leaves_the_payment_open(call):
    made = call("POST", "/v2/payments", order()).json()
    leave_checkout(made, "open")
    assert call("GET", f"/v2/payments/{made['id']}").json()["status"] == "open"


def test_a_paid_payment_never_changes_its_status(call):
    made = call("POST", "/v2/payments", order()).json()
    leave_checkout(made, "paid")
    assert leave_checkout(made, "failed").status_code == 422
    assert call("GET", f"/v2/payments/{made['id']}").json()["status"] == "paid"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 256}, "description"),
        ({"amount": None}, "amount"),
        ({"amount": {"currency": "EUR", "value": "12.5"}}, "amount"),
        ({"amount": {"currency": "EUR", "value": 12.50}}, "amount"),
        ({"amount": {"currency": "EUR", "value": "0.00"}}, "amount"),
        ({"amount": {"currency": "EUR", "value": "50000.01"}}, "amount"),
        ({"amount": {"currency": "euro", "value": "1.00"}}, "amount.currency"),
        ({"redirectUrl": None}, "redirectUrl"),
        ({"webhookUrl": "not a url"}, "webhookUrl"),
        ({"method": "shells"}, "method"),
        ({"locale": "xx_XX"}, "locale"),
        ({"metadata": "x" * 2000}, "metadata"),
        ({"sequenceType": "sometimes"}, "sequenceType"),
        ({"sequenceType": "first"}, "customerId"),
        ({"colour": "red"}, "colour"),
        ({"testmode": True}, "testmode"),
        ({"profileId": "pfl_1"}, "profileId"),
    ],
)
def test_a_wrong_field_is_named(call, change, field):
    answer = call("POST", "/v2/payments", order(**change), wrong=True)
    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_a_payment_can_be_changed_while_it_is_open(call):
    made = call("POST", "/v2/payments", order()).json()
    path = f"/v2/payments/{made['id']}"
    changed = call("PATCH", path, {"description": "Other"}).json()
    assert changed["description"] == "Other"
    leave_checkout(made, "paid")
    assert call("PATCH", path, {"description": "Late"}).status_code == 422


def test_only_what_is_cancelable_can_be_canceled(call):
    card = call("POST", "/v2/payments", order(method="creditcard")).json()
    transfer = call("POST", "/v2/payments", order(method="banktransfer")).json()
    assert not card["isCancelable"]
    assert call("DELETE", f"/v2/payments/{card['id']}").status_code == 422
    assert transfer["isCancelable"]
    done = call("DELETE", f"/v2/payments/{transfer['id']}")
    assert (done.status_code, done.json()["status"]) == (200, "canceled")


# === SIGN-IN AND MODES === #


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic x"}]
)
def test_without_a_key_nothing_opens(sandbox, headers):
    answer = http.get(f"{sandbox.url}/mollie/v2/payments", headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized Request")


def test_a_setting_lets_only_named_keys_in(sandbox, sandbox_client):
    sandbox_client.scene("mollie", settings={"keys": ["test_right_one"]})
    url = f"{sandbox.url}/mollie/v2/payments"
    right = {"Authorization": "Bearer test_right_one"}
    assert http.get(url, headers=TEST).status_code == 401
    assert http.get(url, headers=right).status_code == 200


def test_test_and_live_do_not_see_each_other(call):
    made = call("POST", "/v2/payments", order()).json()
    path = f"/v2/payments/{made['id']}"
    assert made["mode"] == "test"
    assert call("GET", path, headers=LIVE).status_code == 404
    assert call("GET", "/v2/payments", headers=LIVE).json()["count"] == 0
    assert call("GET", path, headers=ORG).status_code == 404
    assert call("GET", f"{path}?testmode=true", headers=ORG).status_code == 200


def test_an_organisation_says_profile_and_mode_with_each_payment(call):
    refused = call("POST", "/v2/payments", order(), headers=ORG)
    assert refused.json()["field"] == "profileId"
    body = order(profileId="pfl_SandboxClub", testmode=True)
    made = call("POST", "/v2/payments", body, headers=ORG).json()
    assert (made["mode"], made["profileId"]) == ("test", "pfl_SandboxClub")


def test_organisation_profile_and_methods_answer(call):
    assert call("GET", "/v2/organizations/me", headers=ORG).json()["id"] == (
        "org_1234567"
    )
    assert call("GET", "/v2/organizations/me").status_code == 403
    assert call("GET", "/v2/profiles/me").json()["mode"] == "test"
    every = call("GET", "/v2/methods").json()
    recurring = call("GET", "/v2/methods?sequenceType=recurring").json()
    assert every["count"] > recurring["count"]


# === LISTS === #


def test_pages_follow_each_other_to_the_end_and_back(sandbox_client, call):
    rows = [{"amount": n + 1, "description": f"n{n}"} for n in range(7)]
    ids = sandbox_client.scene("mollie", payments=rows)["payments"]
    seen, path, previous = [], "/v2/payments?limit=3", None
    while path:
        page = call("GET", path).json()
        assert page["count"] == len(page["_embedded"]["payments"])
        seen += [payment["id"] for payment in page["_embedded"]["payments"]]
        previous = page["_links"]["previous"]
        following = page["_links"]["next"]
        path = following and following["href"].split("/mollie")[1]
    assert seen == ids[::-1]
    back = call("GET", previous["href"].split("/mollie")[1]).json()
    assert [p["id"] for p in back["_embedded"]["payments"]] == seen[3:6]
    oldest = call("GET", "/v2/payments?limit=1&sort=asc").json()
    assert oldest["_embedded"]["payments"][0]["id"] == ids[0]


@pytest.mark.parametrize("query", ["limit=0", "limit=251", "limit=x", "from=tr_none"])
def test_a_wrong_page_is_refused(call, query):
    assert call("GET", f"/v2/payments?{query}", wrong=True).status_code == 400


# === CUSTOMERS, MANDATES, RECURRING === #


def test_a_customer_lives_changes_and_is_gone(call, customer):
    path = f"/v2/customers/{customer['id']}"
    assert call("PATCH", path, {"name": "J. Jansen"}).json()["name"] == "J. Jansen"
    assert call("GET", path).json()["email"] == "jan@example.com"
    assert call("GET", "/v2/customers").json()["count"] == 1
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 410
    assert call("GET", "/v2/customers").json()["count"] == 0
    refused = call("POST", "/v2/customers", {"email": "nobody"}, wrong=True)
    assert refused.json()["field"] == "email"


def test_a_first_payment_leaves_a_mandate_for_the_next_ones(call, customer):
    body = order(sequenceType="first", customerId=customer["id"])
    first = call("POST", "/v2/payments", body).json()
    leave_checkout(first, "paid")
    paid = call("GET", f"/v2/payments/{first['id']}").json()
    mandates = call("GET", f"/v2/customers/{customer['id']}/mandates").json()
    mandate = mandates["_embedded"]["mandates"][0]
    assert paid["mandateId"] == mandate["id"]
    assert (mandate["status"], mandate["method"]) == ("valid", "directdebit")


def test_a_recurring_payment_needs_a_valid_mandate(call, customer):
    body = order(sequenceType="recurring", customerId=customer["id"], redirectUrl=None)
    refused = call("POST", "/v2/payments", body)
    assert (refused.status_code, refused.json()["field"]) == (422, "customerId")
    mandate = add_mandate(call, customer)
    made = call("POST", "/v2/payments", body).json()
    assert (made["status"], made["mandateId"]) == ("pending", mandate["id"])
    path = f"/v2/customers/{customer['id']}/mandates/{mandate['id']}"
    assert call("GET", path).json()["status"] == "valid"
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).json()["status"] == "invalid"
    assert call("POST", "/v2/payments", body).status_code == 422


def test_a_mandate_needs_a_name_and_an_account_that_can_be(call, customer):
    path = f"/v2/customers/{customer['id']}/mandates"
    body = {"method": "directdebit", "consumerName": "J", "consumerAccount": "NL00X"}
    assert call("POST", path, body).json()["field"] == "consumerAccount"
    body = {"method": "directdebit", "consumerName": "", "consumerAccount": IBAN}
    assert call("POST", path, body).json()["field"] == "consumerName"
    body["method"] = "creditcard"
    assert call("POST", path, body).json()["field"] == "method"
    assert is_iban("BE68539007547034")
    assert not is_iban("BE68539007547035")


def test_a_scene_decides_what_becomes_of_the_next_charge(
    sandbox_client, call, customer
):
    add_mandate(call, customer)
    sandbox_client.scene("mollie", outcomes=[{"status": "failed", "reason": "MD01"}])
    path = f"/v2/customers/{customer['id']}/payments"
    body = order(sequenceType="recurring", redirectUrl=None)
    failed = call("POST", path, body).json()
    assert failed["status"] == "failed"
    assert failed["details"]["bankReasonCode"] == "MD01"
    assert call("POST", path, body).json()["status"] == "pending"
    assert call("GET", path).json()["count"] == 2
