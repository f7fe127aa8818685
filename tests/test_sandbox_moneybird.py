"""Moneybird's invoices, payments and bank lines, held against the official document."""

from datetime import date, timedelta

import pytest

from tests.sandbox.clock import CLOCK
from tests.sandbox.contract import Contract
from tests.sandbox.moneybird.scenes import ADMINISTRATION as ADM
from tests.sandbox.testing import http

FULL = {"Authorization": "Bearer sandbox-token"}
TODAY = CLOCK.today()


@pytest.fixture
def call(sandbox, sandbox_client):
    """Call the API below the administration; all must fit the official document.

    With ``wrong`` true the question is wrong on purpose and is not checked.
    """
    sandbox_client.scene("moneybird", settings={"rate_limit": False})
    base = f"{sandbox.url}/moneybird/api/v2"
    contract = Contract("moneybird", base)

    def ask(method, path, body=None, wrong=False, headers=FULL, **options):
        url = f"{base}/{ADM}{path}"
        answer = http.request(method, url, json=body, headers=headers, **options)
        return contract.check(answer, ask=not wrong)

    return ask


@pytest.fixture
def invoice(sandbox_client):
    """:return: id of an invoice of the scene"""

    def make(kind="sales_invoices", **values):
        row = {"contact": "Kantine Noord", "amount": "121.00", **values}
        if kind != "sales_invoices":
            row.setdefault("reference", "E-1")
        return sandbox_client.scene("moneybird", **{kind: [row]})[kind][0]["id"]

    return make


def payment(price="121.00", **values):
    return {"payment": {"payment_date": TODAY, "price": price, **values}}


# === CONTACTS === #


def test_a_contact_lives_changes_is_archived_and_found(call):
    body = {"contact": {"company_name": "Kantine Zuid", "customer_id": "7007"}}
    made = call("POST", "/contacts.json", body)
    assert made.status_code == 201
    key = made.json()["id"]
    assert call("GET", f"/contacts/{key}.json").json()["country"] == "NL"
    found = call("GET", "/contacts/customer_id/7007.json").json()
    assert found["id"] == key
    body = {"contact": {"city": "Utrecht"}}
    changed = call("PATCH", f"/contacts/{key}.json", body).json()
    assert changed["city"] == "Utrecht"
    assert changed["version"] > made.json()["version"]
    assert len(call("GET", "/contacts.json?query=zuid").json()) == 1
    assert call("GET", "/contacts.json?query=noord").json() == []
    assert call("PATCH", f"/contacts/{key}/archive.json").status_code == 204
    assert call("GET", f"/contacts/{key}.json").json()["archived"]
    assert call("GET", "/contacts.json").json() == []
    assert len(call("GET", "/contacts.json?include_archived=true").json()) == 1
    assert call("DELETE", f"/contacts/{key}.json").status_code == 204
    assert call("GET", f"/contacts/{key}.json").status_code == 404


def test_a_contact_needs_a_name_and_its_own_number(call):
    refused = call("POST", "/contacts.json", {"contact": {"city": "Utrecht"}})
    assert refused.status_code == 422
    body = {"contact": {"lastname": "Bos", "customer_id": "K-1"}}
    call("POST", "/contacts.json", body)
    twin = call("POST", "/contacts.json", body)
    assert "customer_id" in twin.json()["error"]


def test_a_contact_with_invoices_cannot_be_deleted(call, invoice):
    key = invoice()
    contact = call("GET", f"/sales_invoices/{key}.json").json()["contact_id"]
    url = f"/contacts/{contact}.json"
    assert call("DELETE", url).status_code == 400
    assert call("GET", url).status_code == 200


def test_contacts_can_be_filtered_by_change(call, invoice, sandbox_client):
    invoice()
    late = "2999-01-01T00:00:00Z"
    assert (
        call("GET", f"/contacts/filter.json?filter=updated_after:{late}").json() == []
    )
    early = "2000-01-01T00:00:00Z"
    found = call("GET", f"/contacts/filter.json?filter=created_after:{early}").json()
    assert len(found) == 1


# === SALES INVOICES === #


def create(call, wrong=False, **values):
    contact = call("POST", "/contacts.json", {"contact": {"lastname": "Bos"}}).json()
    line = {"description": "Huur zaal", "price": "100,50", "amount": "2 x"}
    body = {"contact_id": contact["id"], "details_attributes": [line], **values}
    return call("POST", "/sales_invoices.json", {"sales_invoice": body}, wrong=wrong)


def test_an_invoice_goes_from_draft_to_open_to_paid(call):
    made = create(call, reference="Zaal 3").json()
    assert (made["state"], made["invoice_id"]) == ("draft", None)
    assert made["total_price_excl_tax"] == "201.0"
    assert made["total_price_incl_tax"] == "243.21"
    assert made["tax_totals"][0]["tax_amount"] == "42.21"
    path = f"/sales_invoices/{made['id']}"
    body = {"sales_invoice_sending": {"delivery_method": "Manual"}}
    sent = call("PATCH", f"{path}/send_invoice.json", body).json()
    assert sent["state"] == "open"
    assert sent["invoice_id"] == f"{TODAY[:4]}-0001"
    assert len(sent["payment_reference"]) == 25
    paid = call("POST", f"{path}/payments.json", payment("243.21"))
    assert paid.status_code == 201
    shown = call("GET", f"{path}.json").json()
    assert (shown["state"], shown["paid_at"]) == ("paid", TODAY)
    assert shown["total_unpaid"] == "0.0"
    assert shown["payments"][0]["id"] == paid.json()["id"]


def test_prices_may_include_the_tax(call):
    made = create(call, prices_are_incl_tax=True).json()
    assert made["total_price_incl_tax"] == "201.0"
    assert made["total_price_excl_tax"] == "166.12"


def test_an_invoice_is_found_by_number_and_reference_but_not_as_draft(call, invoice):
    key = invoice(reference="K/2026.1", invoice_id="2026-0042")
    invoice(state="draft", reference="D-1")
    found = call("GET", "/sales_invoices/find_by_invoice_id/2026-0042.json").json()
    assert found["id"] == key
    found = call("GET", "/sales_invoices/find_by_reference/D-1.json").json()
    assert found["state"] == "draft"
    missing = call("GET", "/sales_invoices/find_by_invoice_id/1337.json")
    assert missing.status_code == 404
    assert missing.json() == {
        "error": "Sales invoice with invoice_id: 1337 was not found",
        "symbolic": {"invoice_id": "not_found"},
    }


def test_an_invoice_past_its_due_date_is_late(call, invoice):
    day = (date.fromisoformat(TODAY) - timedelta(days=20)).isoformat()
    key = invoice(invoice_date=day, due_days=14)
    shown = call("GET", f"/sales_invoices/{key}.json").json()
    assert (shown["state"], shown["invoice_date"]) == ("late", day)
    body = payment()
    call("POST", f"/sales_invoices/{key}/payments.json", body)
    assert call("GET", f"/sales_invoices/{key}.json").json()["state"] == "paid"


def test_an_open_invoice_becomes_late_when_its_day_passes(
    call, invoice, sandbox_client
):
    key = invoice(due_days=7)
    before = call("GET", f"/sales_invoices/{key}.json").json()
    sandbox_client.clock(advance=9 * 86400)
    after = call("GET", f"/sales_invoices/{key}.json").json()
    sandbox_client.clock(reset=True)
    assert (before["state"], after["state"]) == ("open", "late")
    assert after["version"] > before["version"]


def test_an_invoice_can_be_written_off_changed_and_deleted(call, invoice):
    key = invoice()
    path = f"/sales_invoices/{key}"
    body = {"sales_invoice": {"reference": "New"}}
    assert call("PATCH", f"{path}.json", body).json()["reference"] == "New"
    off = call("PATCH", f"{path}/mark_as_uncollectible.json", {}).json()
    assert off["state"] == "uncollectible"
    assert call("PATCH", f"{path}.json", body).status_code == 400
    assert call("DELETE", f"{path}.json").status_code == 204
    assert call("GET", f"{path}.json").status_code == 404


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"contact_id": None}, 422),
        ({"contact_id": "999"}, 404),
        ({"details_attributes": [{"description": "x", "price": "much"}]}, 422),
        ({"details_attributes": [{"price": "1", "tax_rate_id": "999"}]}, 422),
    ],
)
def test_a_wrong_invoice_is_refused(call, values, status):
    assert create(call, wrong=True, **values).status_code == status


def test_a_used_up_plan_answers_402(call, sandbox_client):
    sandbox_client.scene("moneybird", settings={"plan_limit": True})
    answer = create(call)
    assert answer.status_code == 402
    assert answer.json()["symbolic"] == {"administration": "limit_reached"}


# === EXTERNAL SALES INVOICES === #


def test_an_external_invoice_is_made_and_paid(call):
    line = {"description": "Bestelling 1001", "price": 12.10}
    body = {"reference": "1001", "prices_are_incl_tax": True}
    body["details_attributes"] = [line]
    made = call(
        "POST", "/external_sales_invoices.json", {"external_sales_invoice": body}
    )
    assert made.status_code == 201
    path = f"/external_sales_invoices/{made.json()['id']}"
    assert made.json()["state"] == "open"
    call("POST", f"{path}/payments.json", payment("12.10"))
    shown = call("GET", f"{path}.json").json()
    assert shown["state"] == "paid"
    assert shown["payments"][0]["invoice_type"] == "ExternalSalesInvoice"
    assert len(call("GET", "/external_sales_invoices.json").json()) == 1


def test_an_external_invoice_needs_a_reference(call):
    body = {"external_sales_invoice": {"reference": " "}}
    answer = call("POST", "/external_sales_invoices.json", body)
    assert answer.status_code == 422
    assert answer.json()["error"] == {"reference": ["can't be blank"]}


# === LISTS === #


def test_without_a_filter_only_this_year_is_shown(call, invoice):
    invoice(invoice_date="2024-03-01")
    new = invoice()
    plain = call("GET", "/sales_invoices.json").json()
    assert [row["id"] for row in plain] == [new]
    late = call("GET", "/sales_invoices.json?filter=state:open|late").json()
    assert len(late) == 2
    year = "/sales_invoices.json?filter=state:all,period:20240101..20241231"
    assert len(call("GET", year).json()) == 1
    assert len(call("GET", "/sales_invoices.json?filter=period:202403..202404").json())


def test_pages_are_linked_by_header(call, sandbox_client):
    rows = [{"contact": "Kantine", "amount": n + 1} for n in range(5)]
    sandbox_client.scene("moneybird", sales_invoices=rows)
    seen, path = [], "/sales_invoices.json?per_page=2&filter=state:all"
    pages = 0
    while path:
        answer = call("GET", path)
        seen += [row["id"] for row in answer.json()]
        link = answer.links.get("next")
        path = link and link["url"].split(ADM)[1]
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (5, 5, 3)
    assert "prev" in answer.links


@pytest.mark.parametrize(
    "query",
    [
        "per_page=101",
        "per_page=0",
        "page=x",
        "filter=state",
        "filter=state:happy",
        "filter=colour:red",
        "filter=period:soon",
        "filter=period:20240131..20240231",
    ],
)
def test_a_wrong_list_question_is_400(call, query):
    answer = call("GET", f"/sales_invoices.json?{query}", wrong=True)
    assert answer.status_code == 400
    assert "does not have a valid value" in answer.json()["error"]


def test_accounts_rates_and_ledgers_are_listed(call):
    ledgers = call("GET", "/ledger_accounts.json").json()
    assert {"Kruisposten CCV", "Omzet"} <= {row["name"] for row in ledgers}
    one = call("GET", f"/ledger_accounts/{ledgers[0]['id']}.json").json()
    assert one == ledgers[0]
    assert len(call("GET", "/financial_accounts.json").json()) == 3
    assert len(call("GET", "/tax_rates.json").json()) == 3
