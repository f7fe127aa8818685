"""Plug&Pay in the sandbox: writing orders, subscriptions, products, rules; the page."""

import json
from urllib.parse import parse_qs

import pytest
import requests

from tests.sandbox.plugandpay.scenes import TENANT
from tests.sandbox.plugandpay.testing import EVA, Api, filled, ids

BILLING = {
    "address": {"street": "Laan", "housenumber": "2", "zipcode": "3500 AA",
                "city": "Utrecht", "country": "NL"},
    "contact": {"email": "new@example.org", "firstname": "Noor", "lastname": "Bos"},
}  # fmt: skip


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


@pytest.fixture
def shop(api):
    return filled(api)


def errors(answer):
    assert answer.status_code == 422, answer.text
    return set(answer.json()["errors"])


# === ORDERS === #


def test_order_is_made_paid_and_gets_its_invoice_number(api):
    body = {
        "billing": BILLING,
        "items": [{"label": "Losse les", "amount": "10.00", "quantity": 1,
                   "tax": {"rate": {"id": 2}}}],
        "payment": {"type": "manual", "status": "open"},
        "comments": ["by hand"],
        "tags": ["lesson"],
    }  # fmt: skip
    url = "/v2/orders?include=items,payment,comments,tags,billing,taxes"
    answer = api.post(url, body)
    order = answer.json()["data"]
    assert answer.status_code == 201
    assert (order["amount"], order["amount_with_tax"]) == ("10.00", "10.90")
    assert order["invoice_number"] is None and order["source"] == "api"
    assert order["comments"][0]["value"] == "by hand" and order["tags"] == ["lesson"]
    payment = f"/v2/orders/{order['id']}/payment"
    assert api.data(payment)["status"] == "open"
    paid = api.patch(payment, {"status": "paid"}).json()["data"]
    assert paid["paid_at"] and paid["transaction_id"].startswith("tr_")
    final = api.data(f"/v2/orders/{order['id']}")
    assert final["invoice_status"] == "final" and final["invoice_number"]
    again = api.patch(payment, {"status": "paid", "type": "manual"}).json()["data"]
    assert again["paid_at"] == paid["paid_at"]


def test_order_refuses_with_every_field_named(api):
    assert errors(api.post("/v2/orders", {})) == {
        "billing.contact.email", "billing.contact.firstname",
        "billing.contact.lastname", "items",
    }  # fmt: skip
    body = {
        "billing": {"contact": {**BILLING["contact"], "email": "nobody"}},
        "items": [{"product_id": 9}, {"label": "x", "amount": "ten"},
                  {"label": "x", "amount": "1", "tax": {"rate": {"id": 99}}}],
        "payment": {"status": "done"},
    }  # fmt: skip
    assert errors(api.post("/v2/orders", body)) == {
        "billing.contact.email", "items.0.product_id", "items.1.amount",
        "items.2.tax.rate.id", "payment.status",
    }  # fmt: skip
    answer = api.call("POST", "/v2/orders", data="{")
    assert answer.status_code == 400


def test_order_changes_and_soft_delete(api, shop):
    key = shop["orders"][1]
    url = f"/v2/orders/{key}"
    changed = api.patch(
        f"{url}?include=billing,tags",
        {"billing": {"contact": {"lastname": "Smits"}}, "tags": ["odoo"]},
    ).json()["data"]
    contact = changed["billing"]["contact"]
    assert (contact["firstname"], contact["lastname"]) == ("Jan", "Smits")
    assert api.get("/v2/orders", q="odoo").json()["meta"]["total"] == 1
    assert errors(api.patch(f"{url}/payment", {"status": "x"})) == {"status"}
    answer = api.delete(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(url).status_code == 404
    assert ids(api.get("/v2/orders", is_deleted="1")) == [key]


def test_payment_link_has_a_page(api, shop):
    key = shop["orders"][1]
    url = api.data(f"/v2/orders/{key}/payment")["url"]
    assert "21.80" in requests.get(url, timeout=5).text
    assert "paid" in requests.post(url, timeout=5).text
    assert api.data(f"/v2/orders/{key}/payment")["status"] == "paid"


def test_test_mode_orders_have_numbers_of_their_own(api, shop):
    order = {"contact": EVA["email"], "product": "Boek", "mode": "test"}
    key = api.scene(orders=[order])["orders"][0]
    assert api.data(f"/v2/orders/{key}")["invoice_number"].endswith("-T")


# === SUBSCRIPTIONS === #


def test_subscription_shows_schedule_price_and_product(api, shop):
    key = shop["subscriptions"][0]
    url = f"/v2/subscriptions/{key}"
    assert "billing" not in api.data(url)
    found = api.data(url, include="billing,meta,pricing,product,tags,trial")
    assert found["status"] == "active" and found["cancelled_at"] is None
    schedule = found["billing"]["schedule"]
    assert schedule["interval"] == "monthly" and schedule["next_at"] == "2026-11-30"
    assert schedule["latest_at"] == "2026-10-30" and schedule["latest"] == 2
    assert found["pricing"]["amount_with_tax"] == "90.75"
    assert found["product"]["title"] == "Lidmaatschap"
    assert set(found["billing"]["payment_options"]) == {
        "customer_id", "mandate_id", "provider", "iban", "name", "transaction_id",
        "type",
    }  # fmt: skip


def test_termination_date_cancels_and_can_be_taken_back(api, shop):
    key = shop["subscriptions"][0]
    url = f"/v2/subscriptions/{key}"
    end = {"billing": {"schedule": {"termination_at": "2098-01-31"}}}
    cancelled = api.patch(url, end).json()["data"]
    assert cancelled["status"] == "cancelled" and cancelled["cancelled_at"]
    end["billing"]["schedule"]["termination_at"] = None
    assert api.patch(url, end).json()["data"]["status"] == "active"


def test_cancelled_subscription_ends_on_its_date(api, shop):
    key = shop["subscriptions"][0]
    api.scene(terminate={"subscription": key, "at": "2026-12-31"})
    api.control.clock(now="2027-01-01T00:00:01+00:00")
    assert api.data(f"/v2/subscriptions/{key}")["status"] == "ended"
    past = {"billing": {"schedule": {"termination_at": "2020-01-01"}}}
    other = f"/v2/subscriptions/{shop['subscriptions'][1]}"
    assert api.patch(other, past).json()["data"]["status"] == "ended"


def test_subscription_delete_and_refused_cancel(api, shop):
    key = shop["subscriptions"][0]
    url = f"/v2/subscriptions/{key}"
    assert errors(api.patch(url, {"status": "cancelled"})) == {"status"}
    api.scene(settings={"refuse_cancel": True})
    end = {"billing": {"schedule": {"termination_at": "2098-01-31"}}}
    assert api.patch(url, end).status_code == 403
    assert api.delete(url).status_code == 403
    api.scene(settings={"refuse_cancel": False})
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


def test_subscription_is_made_and_changed(api, shop):
    body = {"billing": BILLING, "product": {"id": shop["products"][0]},
            "pricing": {"amount": "50.00", "quantity": 2}}  # fmt: skip
    made = api.post("/v2/subscriptions?include=pricing", body)
    assert made.status_code == 201
    assert made.json()["data"]["pricing"]["amount_with_tax"] == "60.50"
    key = made.json()["data"]["id"]
    changed = api.patch(
        f"/v2/subscriptions/{key}?include=pricing,billing",
        {"pricing": {"amount": "60.00"}, "billing": {"contact": {"lastname": "Bosch"}}},
    ).json()["data"]
    assert changed["pricing"]["amount"] == "60.00"
    assert changed["pricing"]["quantity"] == 2
    assert changed["billing"]["contact"]["lastname"] == "Bosch"
    renewed = api.scene(renew=[key])["renew"][0]
    assert api.data(f"/v2/orders/{renewed}")["amount"] == "120.00"
    assert "product.id" in errors(api.post("/v2/subscriptions", {}))
    wrong = {"billing": {"schedule": {"termination_at": "soon", "interval": "weekly"}}}
    assert errors(api.patch(f"/v2/subscriptions/{key}", wrong)) == {
        "billing.schedule.termination_at", "billing.schedule.interval",
    }  # fmt: skip


# === PRODUCTS === #


def test_products_are_made_changed_filtered_and_deleted(api):
    price = {"interval": "yearly", "regular": {"amount": "100.00"}}
    body = {"title": "Jaarboek", "type": "subscription",
            "pricing": {"prices": [price]}, "tax": {"rate": {"id": 2}}}  # fmt: skip
    made = api.post("/v2/products?include=pricing,tax_rates", body).json()["data"]
    regular = made["pricing"]["prices"][0]["regular"]
    assert regular == {"amount": "100.00", "amount_with_tax": "109.00"}
    assert made["tax_rates"][0]["percentage"] == "9.0"
    url = f"/v2/products/{made['id']}"
    assert api.patch(url, {"title": "Boek"}).json()["data"]["title"] == "Boek"
    assert ids(api.get("/v2/products", type="subscription", q="boek")) == [made["id"]]
    assert errors(api.post("/v2/products", {"type": "x"})) == {"title", "type"}
    assert api.delete(url).status_code == 204
    assert api.data("/v2/products") == []


# === RULES === #


def rule(url, **values):
    return {"name": "Odoo", "trigger_type": "order_paid", "condition_data": {},
            "action_type": "call_webhook", "action_data": {"hook_url": url},
            "driver": "webhook", **values}  # fmt: skip


def test_rules_are_made_changed_and_deleted(api):
    made = api.post("/v2/rules", rule("https://example.org/hook"))
    key = made.json()["data"]["id"]
    assert made.status_code == 201 and made.json()["data"]["readonly"] is False
    changed = api.patch(f"/v2/rules/{key}", {"name": "Other"}).json()["data"]
    assert changed["name"] == "Other"
    assert ids(api.get("/v2/rules", driver="webhook", group="product")) == [key]
    assert api.delete(f"/v2/rules/{key}").status_code == 204
    many = [api.post("/v2/rules", rule("https://x.org")).json()["data"]["id"]
            for _turn in range(2)]  # fmt: skip
    assert errors(api.delete("/v2/rules", {})) == {"ids"}
    assert api.delete("/v2/rules", {"ids": many}).status_code == 204
    assert api.data("/v2/rules") == []
    body = {**rule(""), "action_data": {"url": "https://x.org"}, "driver": "x"}
    assert errors(api.post("/v2/rules", body)) == {"action_data.hook_url", "driver"}


def test_paid_order_calls_the_hook_with_ids_only(api, shop, receiver):
    key = shop["orders"][1]
    condition = {"product_id": [shop["products"][1]], "is_first": True}
    made = api.post("/v2/rules", rule(receiver.url, condition_data=condition))
    other = {"product_id": [shop["products"][0]]}
    api.post("/v2/rules", rule(receiver.url, condition_data=other))
    api.scene(pay={"order": key})
    headers, body = receiver.wait()[0]
    document = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert set(document) == {"event", "rule_id", "sent_at", "tenant_id"}
    assert document["event"] == {"trigger_type": "order_paid", "triggerable_id": key,
                                 "triggerable_type": "order"}  # fmt: skip
    assert document["rule_id"] == made.json()["data"]["id"]
    assert document["tenant_id"] == TENANT
    api.control.flush_webhooks("plugandpay")
    assert len(receiver.hooks) == 1


def test_invoice_calls_its_rule_as_a_form_and_forged_ones_can_be_sent(
    api, shop, receiver
):
    body = rule(receiver.url, trigger_type="order_invoice_created")
    api.post("/v2/rules", body)
    api.control.fault("plugandpay", "webhook_forged")
    made = api.scene(renew=[shop["subscriptions"][0]])["renew"][0]
    forged = json.loads(receiver.wait()[0][1])["event"]["triggerable_id"]
    assert forged != made and api.get(f"/v2/orders/{forged}").status_code == 404
    api.scene(settings={"webhook_format": "form"})
    api.control.fault("plugandpay", "webhook_forged", skip=1)
    made = api.scene(renew=[shop["subscriptions"][0]])["renew"][0]
    headers, body = receiver.wait(2)[1]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode())["triggerable_id"] == [str(made)]
    api.scene(renew=[shop["subscriptions"][0]])
    assert b"triggerable_id=999999" in receiver.wait(3)[2][1]


# === SCENES AND PAGE === #


def test_scene_refuses_what_is_not_there(api):
    for scene, words in (
        ({"orders": [{"contact": "who", "product": 1}]}, "no contact"),
        ({"orders": [{"contact": EVA, "product": "What"}]}, "no product"),
        ({"renew": [5]}, "no active subscription"),
        ({"pay": {"order": 5}}, "no order"),
        ({"terminate": {"subscription": 5, "at": "2027-01-01"}}, "no subscription"),
    ):
        with pytest.raises(RuntimeError, match=words):
            api.scene(**scene)


def test_page_shows_the_shop_and_its_buttons_work(api, shop, sandbox):
    base = f"{sandbox.url}/_book/plugandpay"
    page = requests.get(base, timeout=10).text
    assert "Eva de Wit" in page and "20260001" in page and "Lidmaatschap" in page
    requests.post(f"{base}/pay", data={"id": shop["orders"][1]}, timeout=10)
    assert api.data(f"/v2/orders/{shop['orders'][1]}/payment")["status"] == "paid"
    key = shop["subscriptions"][0]
    requests.post(f"{base}/renew", data={"id": key}, timeout=10)
    assert len(ids(api.get("/v2/orders", contract_id=key))) == 3
    form = {"id": key, "at": "2099-01-01"}
    requests.post(f"{base}/terminate", data=form, timeout=10)
    assert api.data(f"/v2/subscriptions/{key}")["status"] == "cancelled"
