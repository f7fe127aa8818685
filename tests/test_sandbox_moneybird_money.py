"""Moneybird's payments, bank lines, synchronization, limits and webhooks."""

import hashlib
import hmac
import json
import time

import pytest

from tests.sandbox.clock import CLOCK
from tests.sandbox.contract import Contract
from tests.sandbox.moneybird.scenes import ADMINISTRATION as ADM
from tests.sandbox.testing import http

FULL = {"Authorization": "Bearer sandbox-token"}
TODAY = CLOCK.today()


@pytest.fixture
def call(sandbox, sandbox_client):
    """Call the API below the administration; all must fit the official document."""
    base = f"{sandbox.url}/moneybird/api/v2"
    contract = Contract("moneybird", base)

    def ask(method, path, body=None, wrong=False, headers=FULL, **options):
        url = f"{base}/{ADM}{path}"
        answer = http.request(method, url, json=body, headers=headers, **options)
        return contract.check(answer, ask=not wrong)

    return ask


@pytest.fixture
def invoice(sandbox_client):
    """:return: path of an open sales invoice of 121.00"""

    def make(**values):
        row = {"contact": "Kantine Noord", "amount": "121.00", **values}
        made = sandbox_client.scene("moneybird", sales_invoices=[row])
        return f"/sales_invoices/{made['sales_invoices'][0]['id']}"

    return make


@pytest.fixture
def line(sandbox_client):
    """:return: path of a bank line"""

    def make(amount="121.00", **values):
        row = {"amount": amount, "message": "Factuur", **values}
        made = sandbox_client.scene("moneybird", mutations=[row])
        return f"/financial_mutations/{made['mutations'][0]}"

    return make


def payment(price="121.00", **values):
    return {"payment": {"payment_date": TODAY, "price": price, **values}}


def state(call, path):
    return call("GET", f"{path}.json").json()["state"]


# === PAYMENTS === #


def test_a_payment_is_booked_read_and_taken_back(call, invoice):
    path = invoice()
    body = payment(transaction_identifier="tr_1")
    made = call("POST", f"{path}/payments.json", body).json()
    assert made["ledger_account_id"]
    assert made["transaction_identifier"] == "tr_1"
    assert call("GET", f"/payments/{made['id']}.json").json() == made
    assert state(call, path) == "paid"
    gone = call("DELETE", f"{path}/payments/{made['id']}.json")
    assert gone.status_code == 204
    assert state(call, path) == "open"
    assert call("GET", f"/payments/{made['id']}.json").status_code == 404


def test_parts_add_up_and_too_much_is_taken(call, invoice):
    path = invoice()
    call("POST", f"{path}/payments.json", payment("21,00"))
    shown = call("GET", f"{path}.json").json()
    assert (shown["state"], shown["total_unpaid"]) == ("open", "100.0")
    call("POST", f"{path}/payments.json", payment(110))
    shown = call("GET", f"{path}.json").json()
    assert (shown["state"], shown["total_unpaid"]) == ("paid", "-10.0")


def test_an_empty_payment_is_refused_as_documented(call, invoice):
    answer = call("POST", f"{invoice()}/payments.json", {"payment": {}}, wrong=True)
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "payment_date": ["can't be blank", "is not a valid date"],
        "price": ["can't be blank", "is not a number"],
    }
    assert answer.json()["details"]["payment_date"][0] == {"error": "blank"}


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"price": "much"}, 422),
        ({"payment_date": "2026-02-30"}, 422),
        ({"manual_payment_action": "magic"}, 422),
        ({"manual_payment_action": "bank_transfer"}, 422),
        ({"financial_mutation_id": "999"}, 404),
        ({"ledger_account_id": "999"}, 404),
    ],
)
def test_a_wrong_payment_books_nothing(call, invoice, values, status):
    path = invoice()
    answer = call("POST", f"{path}/payments.json", payment(**values), wrong=True)
    assert answer.status_code == status
    assert call("GET", f"{path}.json").json()["payments"] == []


def test_drafts_and_unknown_invoices_take_no_payment(call, invoice):
    path = f"{invoice(state='draft')}/payments.json"
    assert call("POST", path, payment()).status_code == 422
    answer = call("POST", "/sales_invoices/999/payments.json", payment())
    assert answer.json() == {
        "error": "record not found",
        "symbolic": {"invoice_id": "not_found"},
    }


def test_a_closed_period_takes_no_payment(call, invoice, sandbox_client):
    path = invoice()
    locked = {"period_locked_until": TODAY}
    sandbox_client.scene("moneybird", administration=locked)
    answer = call("POST", f"{path}/payments.json", payment())
    assert answer.status_code == 422
    assert "locked" in str(answer.json()["error"]["payment_date"])


# === BANK LINES === #


def test_a_bank_line_is_linked_to_an_invoice_and_unlinked(call, invoice, line):
    path, mutation = invoice(), line()
    key = path.rsplit("/", 1)[1]
    body = {"booking_type": "SalesInvoice", "booking_id": key, "price_base": "121.0"}
    linked = call("PATCH", f"{mutation}/link_booking.json", body)
    assert (linked.status_code, type(linked.json())) == (200, int)
    shown = call("GET", f"{mutation}.json").json()
    assert (shown["state"], shown["amount_open"]) == ("processed", "0.0")
    assert state(call, path) == "paid"
    body = {"booking_type": "Payment", "booking_id": shown["payments"][0]["id"]}
    back = call("DELETE", f"{mutation}/unlink_booking.json", body).json()
    assert (back["state"], back["amount_open"]) == ("unprocessed", "121.0")
    assert state(call, path) == "open"


def test_a_bank_line_is_booked_on_a_ledger_account(call, line):
    mutation = line("-2.50")
    ledger = call("GET", "/ledger_accounts.json").json()[0]["id"]
    body = {"booking_type": "LedgerAccount", "booking_id": ledger}
    call("PATCH", f"{mutation}/link_booking.json", body)
    booking = call("GET", f"{mutation}.json").json()["ledger_account_bookings"][0]
    assert booking["price"] == "-2.5"
    body = {"booking_type": "LedgerAccountBooking", "booking_id": booking["id"]}
    back = call("DELETE", f"{mutation}/unlink_booking.json", body).json()
    assert back["ledger_account_bookings"] == []
    body = {"booking_type": "Cake", "booking_id": "1"}
    refused = call("PATCH", f"{mutation}/link_booking.json", body, wrong=True)
    assert refused.status_code == 400


def test_a_statement_brings_lines_and_none_twice(call):
    account = call("GET", "/financial_accounts.json").json()[0]["id"]
    rows = [
        {
            "date": TODAY,
            "amount": f"{n}.5",
            "message": "m",
            "account_servicer_transaction_id": f"T{n}",
        }
        for n in (1, 2)
    ]
    body = {"financial_account_id": account, "reference": "CCV week 47"}
    body["financial_mutations_attributes"] = rows
    wrapped = {"financial_statement": body}
    made = call("POST", "/financial_statements.json", wrapped)
    assert made.status_code == 201
    assert len(made.json()["financial_mutations"]) == 2
    again = call("POST", "/financial_statements.json", wrapped).json()
    assert again["financial_mutations"] == []
    path = f"/financial_statements/{made.json()['id']}.json"
    body = {"financial_statement": {"reference": "New"}}
    assert call("PATCH", path, body).json()["reference"] == "New"
    assert call("DELETE", path).status_code == 204
    assert call("GET", "/financial_mutations.json").json() == []
    empty = {"financial_statement": {"reference": ""}}
    assert call("POST", "/financial_statements.json", empty).status_code == 422


def test_many_bank_lines_must_be_synchronized(call, sandbox_client):
    rows = [{"amount": n + 1, "message": "m"} for n in range(101)]
    sandbox_client.scene("moneybird", mutations=rows)
    answer = call("GET", "/financial_mutations.json")
    assert answer.status_code == 400
    assert "use sync API" in answer.json()["error"]
    few = "/financial_mutations.json?filter=amount_from:100,mutation_type:credit"
    assert len(call("GET", few).json()) == 2
    assert len(call("GET", "/financial_mutations/synchronization.json").json()) == 101


# === SYNCHRONIZATION === #


def test_versions_show_what_changed_and_ids_bring_it(call, invoice, line):
    path = invoice()
    line()
    for name in ("contacts", "sales_invoices", "financial_mutations"):
        listed = call("GET", f"/{name}/synchronization.json").json()
        ids = [row["id"] for row in listed]
        full = call("POST", f"/{name}/synchronization.json", {"ids": ids}).json()
        assert [row["version"] for row in full] == [row["version"] for row in listed]
    before = call("GET", "/sales_invoices/synchronization.json").json()[0]["version"]
    call("POST", f"{path}/payments.json", payment())
    after = call("GET", "/sales_invoices/synchronization.json").json()[0]["version"]
    assert after > before


def test_a_synchronization_takes_a_hundred_ids(call):
    path = "/external_sales_invoices/synchronization.json"
    answer = call("POST", path, {}, wrong=True)
    assert answer.json() == {
        "error": "Ids is required",
        "symbolic": {"ids": "required"},
    }
    assert call("POST", path, {"ids": ["1"] * 100}).json() == []
    assert call("POST", path, {"ids": ["1"] * 101}, wrong=True).status_code == 400


# === SIGN-IN, SCOPES, RATE LIMIT === #


def test_each_scope_opens_its_own_doors(call, sandbox_client):
    tokens = [{"token": "sales-only", "scopes": ["sales_invoices"]}]
    sandbox_client.scene("moneybird", tokens=tokens)
    headers = {"Authorization": "Bearer sales-only"}
    assert call("GET", "/sales_invoices.json", headers=headers).status_code == 200
    for path, scope in (
        ("/financial_mutations.json", "bank"),
        ("/financial_accounts.json", "settings"),
        ("/webhooks.json", "settings"),
    ):
        answer = call("GET", path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"error": f"No access to {scope}"}


def test_strangers_and_strange_administrations_get_nothing(sandbox, call):
    base = f"{sandbox.url}/moneybird/api/v2"
    assert http.get(f"{base}/administrations.json").status_code == 401
    answer = http.get(f"{base}/12345/contacts.json", headers=FULL)
    assert answer.status_code == 404
    listed = http.get(f"{base}/administrations.json", headers=FULL)
    Contract("moneybird", base).check(listed)
    assert listed.json()[0]["id"] == ADM
    assert http.get(f"{base}/administrations", headers=FULL).ok


def test_an_oauth_token_has_the_scopes_it_asked_for(call, sandbox_client):
    made = sandbox_client.scene("moneybird", oauth={"issue": "sales_invoices bank"})
    issued = made["oauth"]["issued"]
    assert "expires_in" not in issued
    headers = {"Authorization": f"Bearer {issued['access_token']}"}
    assert call("GET", "/financial_mutations.json", headers=headers).ok
    assert call("GET", "/financial_accounts.json", headers=headers).status_code == 401


def test_the_rate_limit_counts_and_then_says_retry_later(call, sandbox_client):
    limit = {"calls": 3, "seconds": 300}
    sandbox_client.scene("moneybird", settings={"rate_limit": limit})
    answers = [call("GET", "/contacts.json") for _n in range(3)]
    left = [a.headers["RateLimit-RequestsRemaining"] for a in answers]
    assert left == ["2", "1", "0"]
    refused = call("GET", "/contacts.json")
    assert (refused.status_code, refused.json()) == (429, "Retry later")
    assert 290 < int(refused.headers["Retry-After"]) - time.time() <= 300
    assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]
    sandbox_client.scene("moneybird", settings={"retry_after": "seconds"})
    refused = call("GET", "/contacts.json")
    assert 290 <= int(refused.headers["Retry-After"]) <= 300


def test_the_documented_limit_is_150_in_five_minutes(call):
    headers = call("GET", "/contacts.json").headers
    assert headers["RateLimit-Limit"] == "150"
    assert headers["RateLimit-RequestsRemaining"] == "149"
    assert 298 <= int(headers["RateLimit-Remaining"]) <= 300


# === WEBHOOKS === #


def register(call, receiver, *events):
    body = {"url": receiver.url, "enabled_events": list(events)}
    return call("POST", "/webhooks.json", body).json()


def test_a_webhook_tells_a_payment_signed_and_with_its_key(call, invoice, receiver):
    path = invoice()
    made = register(call, receiver, "sales_invoice_state_changed", "payment")
    ping = json.loads(receiver.wait(1)[0][1])
    assert ping["webhook_id"] == made["id"]
    call("POST", f"{path}/payments.json", payment())
    got = receiver.wait(3)[1:]
    bodies = [json.loads(body) for _headers, body in got]
    actions = {body["action"] for body in bodies}
    paid = "sales_invoice_state_changed_to_paid"
    assert actions == {paid, "payment_registered"}
    assert {body["webhook_token"] for body in bodies} == {made["token"]}
    assert next(b for b in bodies if b["action"] == paid)["state"] == "paid"
    for headers, body in got:
        stamp, digest = headers["Moneybird-Signature"].split(",")
        signed = stamp.removeprefix("t=").encode() + b"." + body
        wanted = hmac.new(made["secret"].encode(), signed, hashlib.sha256)
        assert digest == f"v1={wanted.hexdigest()}"
        assert abs(int(stamp[2:]) - time.time()) < 60
    assert len({headers["Idempotency-Key"] for headers, _body in got}) == 2


def test_a_webhook_is_switched_off_and_on_and_removed(call, invoice, receiver):
    made = register(call, receiver, "payment")
    path = f"/webhooks/{made['id']}"
    off = call("PATCH", f"{path}/deactivate.json").json()
    assert off["deactivated_at"]
    assert "secret" not in off
    call("POST", f"{invoice()}/payments.json", payment())
    assert call("PATCH", f"{path}/activate.json").json()["deactivated_at"] is None
    call("POST", f"{invoice()}/payments.json", payment())
    receiver.wait(2)
    assert len(call("GET", "/webhooks.json").json()) == 1
    assert call("DELETE", f"{path}.json").status_code == 204
    assert call("GET", "/webhooks.json").json() == []
    assert len(receiver.hooks) == 2


def test_an_address_that_does_not_answer_200_is_not_registered(call, receiver):
    receiver.status = 404
    body = {"url": receiver.url, "enabled_events": ["payment"]}
    assert call("POST", "/webhooks.json", body).status_code == 400
    assert call("GET", "/webhooks.json").json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://localhost/x", "events": ["payment"]}, "events"),
        ({"enabled_events": ["payment"]}, "url"),
        ({"url": "http://localhost/x", "enabled_events": ["Pay!"]}, "enabled_events"),
    ],
)
def test_a_wrong_webhook_is_refused(call, body, field):
    answer = call("POST", "/webhooks.json", body, wrong=True)
    assert answer.status_code == 400
    assert field in answer.json()["symbolic"]


# === BOOK PAGE === #


def test_the_page_shows_invoices_with_payments_and_takes_one(
    sandbox, sandbox_client, invoice, line
):
    path = invoice(reference="Zaal 3")
    line(message="Betaling zaal")
    key = path.rsplit("/", 1)[1]
    url = f"{sandbox.url}/_book/moneybird"
    page = http.get(url).text
    for text in ("Kantine Noord", "Zaal 3", "Betaling zaal", "Register payment"):
        assert text in page
    assert http.post(f"{url}/pay", data={"id": key, "kind": "sales_invoice"}).ok
    assert sandbox_client.objects("moneybird", "sales_invoice")[0]["state"] == "paid"
    assert http.post(f"{url}/dance", data={"id": key}).status_code == 404
