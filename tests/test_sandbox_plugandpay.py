"""Plug&Pay in the sandbox: sign-in with the choice of a tenant, lists, filters."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.plugandpay.scenes import SECOND_TOKEN, TENANT
from tests.sandbox.plugandpay.testing import Api, filled, ids

VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-of-pkce"
BACK = "http://localhost:8069/connection/oauth/callback"


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


@pytest.fixture
def shop(api):
    return filled(api)


# === SIGN-IN === #


def authorize(api, **values):
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    query = {
        "client_id": "7",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "",
        "state": "s1",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "step": "select_tenant",
    }
    return requests.post(
        f"{api.base}/oauth/authorize",
        params=query,
        data={**query, "answer": "allow", "tenant_id": 102, **values},
        allow_redirects=False,
        timeout=5,
    )


def token(api, **values):
    data = {"client_id": 7, "client_secret": "sandbox-secret", **values}
    return requests.post(f"{api.base}/oauth/token", json=data, timeout=5)


def by_code(api, code, **values):
    start = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code,
             "code_verifier": VERIFIER, "tenant_id": 102}  # fmt: skip
    return token(api, **{**start, **values})


def code_of(answer):
    return {k: v[0] for k, v in parse_qs(
        urlsplit(answer.headers["Location"]).query).items()}  # fmt: skip


def test_authorize_page_lets_choose_a_tenant(api):
    query = {"client_id": "7", "redirect_uri": BACK, "response_type": "code",
             "code_challenge": "x", "code_challenge_method": "S256"}  # fmt: skip
    page = requests.get(f"{api.base}/oauth/authorize", params=query, timeout=5).text
    assert "Sandbox club" in page and "Sandbox publisher" in page
    back = code_of(authorize(api))
    assert back["state"] == "s1" and back["tenant_id"] == "102" and back["code"]
    assert code_of(authorize(api, answer="deny"))["error"] == "access_denied"
    assert authorize(api, tenant_id=999).status_code == 422


def test_code_needs_verifier_secret_and_its_tenant(api):
    code = code_of(authorize(api))["code"]
    for wrong in (
        {"code_verifier": "other"},
        {"tenant_id": TENANT},
        {"redirect_uri": BACK + "/x"},
    ):
        answer = by_code(api, code, **wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert by_code(api, code, client_secret="x").status_code == 401
    good = by_code(api, code).json()
    assert good["token_type"] == "Bearer" and good["refresh_token"]
    part = good["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["exp"] - claims["iat"] == good["expires_in"] == 3600
    assert by_code(api, code).status_code == 400
    signed_in = Api(api.base.removesuffix("/plugandpay"), api.control,
                    good["access_token"])  # fmt: skip
    tenant = signed_in.data("/v2/auth/tenants/me")
    assert tenant == {"id": 102, "name": "Sandbox publisher"}


def test_token_expires_is_refreshed_once_and_revoked(api):
    good = by_code(api, code_of(authorize(api))["code"]).json()
    api.control.clock(advance=3601)
    api.token = good["access_token"]
    assert api.get("/v2/orders").status_code == 401
    again = {"grant_type": "refresh_token", "refresh_token": good["refresh_token"],
             "tenant_id": 102}  # fmt: skip
    assert token(api, **{**again, "tenant_id": TENANT}).status_code == 400
    new = token(api, **again).json()
    assert token(api, **again).json()["error"] == "invalid_grant"
    api.token = new["access_token"]
    assert api.get("/v2/orders").status_code == 200
    assert api.post("/v2/auth/oauth/revoke", {}).status_code == 204
    assert api.get("/v2/orders").status_code == 401


def test_personal_tokens_belong_to_one_tenant(api, shop):
    other = Api(api.base.removesuffix("/plugandpay"), api.control, SECOND_TOKEN)
    assert other.data("/v2/orders") == []
    assert other.get(f"/v2/orders/{shop['orders'][0]}").status_code == 404
    api.scene(tokens=[{"token": "mine"}])
    api.token = "mine"
    assert api.data("/v2/auth/tenants/me")["id"] == TENANT


def test_errors_without_token_unknown_path_and_wrong_user_agent(api):
    answer = requests.get(f"{api.base}/v2/orders", timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})
    assert api.get("/v2/customers").status_code == 404
    assert "message" in api.get("/v2/orders/1").json()
    api.scene(settings={"user_agent": "CustomApiCall/2"})
    assert api.get("/v2/orders").status_code == 403
    headers = {"User-Agent": "CustomApiCall/2"}
    assert api.call("GET", "/v2/orders", headers).status_code == 200


def test_limit_answers_429_with_retry_after(api):
    api.scene(settings={"rate_limit": 2})
    first = api.get("/v2/orders")
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remaining"] == "1"
    api.get("/v2/products")
    answer = api.get("/v2/orders")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) <= 60
    assert answer.json() == {"message": "Too Many Attempts."}


# === LISTS === #


def test_list_has_the_paginators_envelope(api, shop):
    page = api.get("/v2/orders", limit=3, page=2).json()
    assert page["meta"]["last_page"] == 2 and page["meta"]["total"] == 4
    assert (page["meta"]["from"], page["meta"]["per_page"]) == (4, 3)
    assert page["links"]["next"] is None and page["links"]["prev"].endswith("page=1")
    assert len(page["data"]) == 1
    assert api.data("/v2/orders", page=9) == []
    assert api.get("/v2/orders", limit="many").status_code == 422


def test_includes_only_when_asked(api, shop):
    key = ids(api.get("/v2/orders", source="recurring"))[0]
    plain = api.data(f"/v2/orders/{key}")
    assert set(plain) == {
        "id", "amount", "amount_with_tax", "created_at", "updated_at", "deleted_at",
        "customer_id", "invoice_number", "invoice_status", "is_first", "is_hidden",
        "mode", "reference", "source", "product_group",
    }  # fmt: skip
    assert (plain["amount"], plain["amount_with_tax"]) == ("75.00", "90.75")
    assert plain["created_at"] == "2026-10-30T00:00:00.000000Z"
    full = api.data(f"/v2/orders/{key}", include="billing,items,payment,subscriptions")
    assert set(full) - set(plain) == {"billing", "items", "payment"}
    item = full["items"][0]
    assert item["subscription"] == {"id": shop["subscriptions"][0]}
    assert item["tax"]["rate"] == {"id": 1, "country": "NL", "percentage": "21.0"}
    assert "subscription" not in api.data(f"/v2/orders/{key}", include="items")[
        "items"
    ][0]  # fmt: skip
    answer = api.get("/v2/orders", include="items,colour")
    assert answer.status_code == 400 and "colour" in answer.json()["message"]


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"payment_status": "open"}, 1),
        ({"payment_status": "open,paid"}, 4),
        ({"source": "recurring"}, 1),
        ({"email": "JAN@example.org"}, 2),
        ({"q": "de-Wit"}, 2),
        ({"country": "BE"}, 2),
        ({"contract_type": "subscription"}, 2),
        ({"product_tag": "books"}, 2),
        ({"since_paid_at": "2026-10-01 00:00:00", "until_paid_at": "2026-10-10"}, 1),
        ({"since_invoice_date": "2026-10-05"}, 2),
        ({"invoice_status": "concept"}, 1),
        ({"is_first": "0"}, 1),
        ({"mode": "test"}, 0),
        ({"is_deleted": "1"}, 0),
    ],
)
def test_filters_of_orders(api, shop, params, count):
    assert len(ids(api.get("/v2/orders", **params))) == count


def test_orders_are_sorted(api, shop):
    upwards = api.data("/v2/orders", sort="invoice_number", direction="asc")
    numbers = [row["invoice_number"] for row in upwards]
    assert numbers == [None, "20260001", "20260002", "20260003"]
    assert api.get("/v2/orders", sort="colour").status_code == 422
    assert api.get("/v2/orders", since_paid_at="soon").status_code == 422


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"status": "active"}, [0]),
        ({"status": "active,cancelled"}, [0, 1]),
        ({"has_orders": "1"}, [0]),
        ({"billing_schedule_next_at": "2026-11-30"}, [0]),
        ({"billing_schedule_interval": "yearly"}, []),
        ({"since_created_at": "2026-06-01"}, [0]),
        ({"q": "smit"}, [1]),
        ({"country": "NL", "type": "subscription", "is_trial": "false"}, [0]),
    ],
)
def test_filters_of_subscriptions(api, shop, params, places):
    found = ids(api.get("/v2/subscriptions", **params))
    assert found == [shop["subscriptions"][place] for place in places]


def test_rates_checkouts_and_portal_settings(api):
    rates = api.data("/v2/tax-rates")
    assert rates[0] == {"id": 1, "country": "NL", "percentage": "21.0"}
    assert api.data("/v2/checkouts") == []
    changed = api.call("PUT", "/v2/portal/settings", json={"is_enabled": True})
    assert changed.json()["data"] == {"is_enabled": True}
