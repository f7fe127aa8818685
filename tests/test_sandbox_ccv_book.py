"""CCV in the sandbox: lists, idempotency, webhooks, payouts, scenes, the page."""

import json

import pytest
import requests

from tests.sandbox.ccv.testing import EXAMPLES, Api, refused

DAY = 86_400_000
FIRST = 1767225600000  # 1 January 2026


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


@pytest.fixture
def filled(api):
    """Five payments on five days: ideal, card, failed, pending, ideal."""
    common = {"amount": "10.00"}
    payments = [
        {**common, "created": FIRST, "merchantOrderReference": "A"},
        {"amount": 20, "created": FIRST + DAY, "method": "card", "brand": "amex"},
        {**common, "created": FIRST + 2 * DAY, "status": "failed",
         "failureCode": "expired"},
        {"amount": "30.00", "status": "pending", "created": FIRST + 3 * DAY},
        {"amount": 40, "merchantOrderReference": "A"},
    ]  # fmt: skip
    return api.control.scene("ccv", payments=payments)["payments"]


def references(answer):
    return [row["reference"] for row in answer.json()]


# === LISTS === #


def test_list_is_paged_by_reference_until_it_is_empty(api, filled):
    api.control.scene("ccv", settings={"page_size": 2})
    found, last = [], None
    while True:
        part = references(
            api.get("/transaction", **({"referenceAfter": last} if last else {}))
        )
        if not part:
            break
        found += part
        last = part[-1]
    assert found == filled
    before = api.get("/transaction", referenceBefore=filled[3])
    assert references(before) == filled[1:3]


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"merchantOrderReference": "A"}, [0, 4]),
        ({"status": "failed"}, [2]),
        ({"method": "card"}, [1]),
        ({"type": "refund"}, []),
        ({"amountMinimum": "20.00", "amountMaximum": "30"}, [1, 3]),
        ({"createdAfter": FIRST, "createdBefore": FIRST + 2 * DAY}, [1]),
        ({"paidout": "no"}, [0, 4]),
        ({"paidout": "never"}, [1, 2, 3]),
    ],
)
def test_list_filters(api, filled, params, places):
    found = references(api.get("/transaction", **params))
    assert found == [filled[place] for place in places]


def test_list_by_references_is_a_bare_array(api, filled):
    answer = api.get("/transaction", references=f"{filled[0]},{filled[4]},other")
    assert isinstance(answer.json(), list)
    assert references(answer) == [filled[0], filled[4]]
    refund = api.post("/refund", reference=filled[0]).json()["reference"]
    children = api.get("/transaction", originalReferences=filled[0])
    assert references(children) == [refund]


def test_list_refuses_what_it_does_not_know(api):
    refused(api.get("/transaction", colour="red"), 400, "processing_error")
    refused(api.get("/transaction", createdAfter="today"), 400, "processing_error")
    refused(api.get("/transaction", referenceAfter="X"), 404, "unknown_reference")
    assert api.get("/nowhere").status_code == 404


# === IDEMPOTENCY === #


def test_same_header_and_fields_give_the_first_answer(api):
    first = api.pay("one").json()
    assert api.pay("one", description="Other words", amount=9.99).json() == first
    assert api.pay("one", amount="10.00").json()["reference"] != first["reference"]
    assert api.pay("two").json()["reference"] != first["reference"]
    assert len(api.get("/transaction").json()) == 3


@pytest.mark.parametrize("path", ["/refund", "/capture", "/reversal"])
def test_key_counts_for_money_back_too(api, path):
    kind = "sale" if path == "/refund" else "authorise"
    sale = api.paid(transactionType=kind)
    first = api.post(path, "key", reference=sale["reference"], amount="9.99").json()
    again = api.post(path, "key", reference=sale["reference"], amount=9.99).json()
    assert again == first


def test_refused_request_leaves_the_key_free_and_long_keys_are_refused(api):
    refused(api.pay("key", currency="USD"), 400, "unsupported_currency")
    assert api.pay("key").status_code == 200
    refused(api.pay("k" * 51), 400, "processing_error")


def test_lost_answer_of_a_payment_is_found_by_our_reference(api):
    api.control.fault("ccv", "timeout_after", method="POST", path="/payment$")
    with pytest.raises(requests.ConnectionError):
        api.pay(merchantOrderReference="TX-7")
    found = api.get("/transaction", merchantOrderReference="TX-7").json()
    assert len(found) == 1


def test_too_many_calls_are_429(api):
    api.control.fault("ccv", "rate_limit", retry_after=2)
    answer = api.get("/method")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json()["type"] == "process_error"


# === WEBHOOKS === #


def test_webhook_is_an_id_and_nothing_else(api, receiver):
    payment = api.pay(webhookUrl=receiver.url + "?t=secret").json()
    api.answer(payment, "success")
    headers, body = receiver.wait()[0]
    assert json.loads(body) == {"id": payment["reference"]}
    assert set(json.loads(body)) == set(EXAMPLES["webhook_body"])
    assert headers["Content-Type"] == "application/json"
    assert "Signature" not in headers


def test_webhook_is_repeated_until_it_is_taken(api, receiver):
    receiver.status = 500
    payment = api.pay(webhookUrl=receiver.url).json()
    api.answer(payment, "fail")
    receiver.wait()
    receiver.status = 200
    api.control.flush_webhooks("ccv")
    assert len(receiver.wait(2)) == 2


def test_refund_has_a_webhook_of_its_own(api, receiver):
    sale = api.paid(method="ideal")
    refund = api.post(
        "/refund", reference=sale["reference"], webhookUrl=receiver.url
    ).json()
    assert json.loads(receiver.wait()[0][1]) == {"id": refund["reference"]}


def test_forged_webhook_names_an_unknown_payment(api, receiver):
    api.control.fault("ccv", "webhook_forged")
    payment = api.pay(webhookUrl=receiver.url).json()
    api.answer(payment, "success")
    forged = json.loads(receiver.wait()[0][1])["id"]
    refused(api.get("/transaction", reference=forged), 404, "unknown_reference")


# === PAYING OUT === #


def test_payout_marks_what_was_collected_and_gives_the_total(api, filled):
    api.post("/refund", reference=filled[0], amount="2.50")
    payout = api.control.scene("ccv", payout={"words": "CCV 2026-01"})["payout"]
    assert payout["amount"] == 47.5
    paid_out = api.get("/transaction", paidout="yes").json()
    assert {row["type"] for row in paid_out} == {"sale", "refund"}
    assert {row["paidoutReference"] for row in paid_out} == {payout["id"]}
    assert {row["unstructuredReference"] for row in paid_out} == {"CCV 2026-01"}
    assert isinstance(paid_out[0]["paidoutDate"], int)
    card = api.one(filled[1])
    assert "paidout" not in card
    after = api.get("/transaction", paidout="yes", paidoutAfter=payout["date"])
    assert after.json() == []
    assert api.control.scene("ccv", payout={})["payout"]["transactions"] == []


def test_payout_until_a_day_leaves_the_later_ones(api, filled):
    payout = api.control.scene("ccv", payout={"until": "2026-01-02"})["payout"]
    assert payout["transactions"] == [filled[0]]


# === SCENES AND PAGE === #


def test_mandate_is_read_by_its_own_account_only(api):
    key = api.control.scene("ccv", mandates=[{"iban": "NL91ABNA0417164300"}])[
        "mandates"
    ][0]
    assert api.get(f"/mandate/{key}").json()["status"] == "active"
    refused(api.get("/mandate/MAN1"), 404, "unknown_reference")


def test_scene_pays_a_landing_page_and_refunds(api):
    scene = api.control.scene(
        "ccv",
        payments=[
            {"amount": 12.5, "method": "landingpage", "child": "ideal"},
            {"amount": 5, "method": "landingpage", "status": "pending"},
            {
                "amount": 7,
                "method": "terminal",
                "entryMode": "instore",
                "details": {"consumerName": "J. Jansen"},
            },
        ],
    )["payments"]
    child = api.one(scene[0])["childReferenceId"]
    api.control.scene("ccv", refunds=[{"reference": child, "amount": "1.00"}])
    api.control.scene("ccv", finish={"reference": scene[1], "method": "card"})
    assert api.one(scene[1])["childReferenceId"].startswith("C")
    assert api.one(scene[2])["entryMode"] == "instore"
    assert api.one(scene[2])["details"]["consumerName"] == "J. Jansen"
    with pytest.raises(RuntimeError, match="no method"):
        api.control.scene("ccv", payments=[{"amount": 1, "method": "shells"}])
    with pytest.raises(RuntimeError, match="t_ or l_"):
        api.control.scene("ccv", accounts=[{"key": "x"}])


def test_page_shows_the_books_and_its_buttons_work(api, filled, sandbox):
    page = requests.get(f"{sandbox.url}/_book/ccv", timeout=10).text
    assert "Kantine" in page and filled[3] in page and "not yet" in page
    form = {"reference": filled[3], "status": "success"}
    requests.post(f"{sandbox.url}/_book/ccv/finish", data=form, timeout=10)
    assert api.one(filled[3])["status"] == "success"
    form = {"account": api.auth[0]}
    requests.post(f"{sandbox.url}/_book/ccv/payout", data=form, timeout=10)
    assert api.one(filled[3])["paidout"] == "yes"
    assert isinstance(Api(sandbox.url, api.control).get("/transaction").json(), list)
