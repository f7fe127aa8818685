"""OAuth pages and tokens, as a client of any vendor meets them."""

import base64
import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.testing import http

BACK = "http://localhost:8069/connection/oauth/callback"
CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-0123456789"
ASK = {
    "client_id": "sandbox-client",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "payments.read payments.write",
    "state": "s-1",
}


def challenge(verifier=VERIFIER):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture
def authorize(sandbox, sandbox_client):
    """Ask as the browser does. :return: the answer, redirects not followed"""

    def ask(answer=None, **values):
        url = f"{sandbox.url}/mollie/oauth2/authorize"
        values = {k: v for k, v in {**ASK, **values}.items() if v is not None}
        if answer is None:
            return http.get(url, params=values, allow_redirects=False)
        data = {**values, "answer": answer}
        return http.post(url, data=data, allow_redirects=False)

    return ask


@pytest.fixture
def token(sandbox):
    """Ask the token endpoint. :return: the answer"""

    def ask(auth=None, **values):
        url = f"{sandbox.url}/mollie/oauth2/tokens"
        return http.post(url, data={**CLIENT, **values}, auth=auth)

    return ask


@pytest.fixture
def rules(sandbox):
    """Change the vendor's rules for one test."""
    oauth = sandbox.services["mollie"].oauth
    before = oauth.rules

    def change(**values):
        oauth.rules = replace(before, **values)

    yield change
    oauth.rules = before


def came_back(answer):
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(BACK)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {key: values[0] for key, values in query.items()}


def get_code(authorize, **values):
    return came_back(authorize(answer="allow", **values))["code"]


def by_code(code, **values):
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        **values,
    }


def by_refresh(value):
    return {"grant_type": "refresh_token", "refresh_token": value}


# === AUTHORIZE === #


def test_the_page_asks_and_shows_what_for(authorize):
    page = authorize()
    assert page.status_code == 200
    assert "payments.write" in page.text
    assert re.findall(r'name="answer" value="(\w+)"', page.text) == ["allow", "deny"]


def test_allow_gives_a_code_and_the_state_back(authorize):
    back = came_back(authorize(answer="allow"))
    assert back["state"] == "s-1"
    assert len(back["code"]) > 20


def test_deny_tells_so(authorize):
    assert came_back(authorize(answer="deny")) == {
        "error": "access_denied",
        "state": "s-1",
    }


def test_auto_allows_without_a_click(authorize):
    assert came_back(authorize(auto="1"))["code"]


@pytest.mark.parametrize(
    "values",
    [
        {"client_id": "stranger"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": None},
    ],
)
def test_a_stranger_or_a_strange_address_never_gets_a_redirect(authorize, values):
    answer = authorize(answer="allow", **values)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_registered_address_must_fit_exactly(sandbox_client, authorize):
    client = {**CLIENT, "redirect_uris": [BACK]}
    sandbox_client.scene("mollie", oauth={"clients": [client]})
    assert authorize(answer="allow").status_code == 302
    assert authorize(answer="allow", redirect_uri=f"{BACK}/").status_code == 400


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        (
            {"code_challenge": "x", "code_challenge_method": "plain"},
            "invalid_request",
        ),
    ],
)
def test_wrong_questions_go_back_with_an_error(authorize, values, error):
    assert came_back(authorize(answer="allow", **values))["error"] == error


def test_pkce_can_be_required(authorize, rules):
    rules(pkce_required=True)
    assert came_back(authorize(answer="allow"))["error"] == "invalid_request"


# === TOKENS === #


def test_a_code_gives_a_token_that_opens_the_api_once(sandbox, authorize, token):
    code = get_code(authorize)
    answer = token(**by_code(code))
    assert answer.status_code == 200
    found = answer.json()
    assert found["token_type"] == "bearer"
    assert found["expires_in"] == 3600
    assert found["scope"] == ASK["scope"]
    url = f"{sandbox.url}/mollie/v2/payments?testmode=true"
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert http.get(url, headers=headers).status_code == 200
    assert token(**by_code(code)).json()["error"] == "invalid_grant"


def test_the_client_can_sign_in_with_basic(sandbox, authorize):
    code = get_code(authorize)
    url = f"{sandbox.url}/mollie/oauth2/tokens"
    auth = tuple(CLIENT.values())
    assert http.post(url, json=by_code(code), auth=auth).status_code == 200


def test_a_wrong_client_secret_is_refused(authorize, token):
    answer = token(**by_code(get_code(authorize)), client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_pkce_wants_the_verifier_of_the_challenge(authorize, token):
    asked = {"code_challenge": challenge(), "code_challenge_method": "S256"}
    wrong = by_code(get_code(authorize, **asked), code_verifier="another" * 8)
    assert token(**wrong).json()["error"] == "invalid_grant"
    without = by_code(get_code(authorize, **asked))
    assert token(**without).json()["error"] == "invalid_grant"
    right = by_code(get_code(authorize, **asked), code_verifier=VERIFIER)
    assert token(**right).status_code == 200


def test_the_token_question_must_name_the_same_address(authorize, token):
    values = by_code(get_code(authorize), redirect_uri=f"{BACK}2")
    assert token(**values).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_ten_minutes(sandbox_client, authorize, token):
    code = get_code(authorize)
    sandbox_client.clock(advance=700)
    answer = token(**by_code(code))
    sandbox_client.clock(reset=True)
    assert answer.json()["error"] == "invalid_grant"


def test_a_refresh_gives_a_new_token_and_keeps_the_refresh_token(authorize, token):
    old = token(**by_code(get_code(authorize))).json()
    new = token(**by_refresh(old["refresh_token"])).json()
    assert new["access_token"] != old["access_token"]
    assert new["refresh_token"] == old["refresh_token"]


def test_where_the_vendor_rotates_the_old_refresh_token_is_dead(
    authorize, token, rules
):
    rules(rotate=True)
    old = token(**by_code(get_code(authorize))).json()
    new = token(**by_refresh(old["refresh_token"])).json()
    assert new["refresh_token"] != old["refresh_token"]
    again = token(**by_refresh(old["refresh_token"]))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert token(**by_refresh(new["refresh_token"])).status_code == 200


def test_client_credentials_work_only_where_the_vendor_has_them(token, rules):
    asked = {"grant_type": "client_credentials", "scope": "payments.read"}
    assert token(**asked).json()["error"] == "unsupported_grant_type"
    rules(grants=("client_credentials",))
    answer = token(**asked).json()
    assert answer["access_token"]
    assert "refresh_token" not in answer


def test_control_can_expire_revoke_and_issue_tokens(sandbox, sandbox_client):
    def opens(value):
        url = f"{sandbox.url}/mollie/v2/payments?testmode=true"
        headers = {"Authorization": f"Bearer {value}"}
        return http.get(url, headers=headers).status_code == 200

    for word in ("expire", "revoke"):
        made = sandbox_client.scene("mollie", oauth={"issue": "payments.read"})
        value = made["oauth"]["issued"]["access_token"]
        assert opens(value)
        sandbox_client.scene("mollie", oauth={word: True})
        assert not opens(value)


def test_a_token_ends_when_its_time_is_over(sandbox, sandbox_client):
    made = sandbox_client.scene("mollie", oauth={"issue": "payments.read"})
    url = f"{sandbox.url}/mollie/v2/payments?testmode=true"
    value = made["oauth"]["issued"]["access_token"]
    sandbox_client.clock(advance=3601)
    answer = http.get(url, headers={"Authorization": f"Bearer {value}"})
    sandbox_client.clock(reset=True)
    assert answer.status_code == 401


def test_tokens_and_clients_never_show_in_the_book(sandbox_client):
    made = sandbox_client.scene("mollie", oauth={"issue": "payments.read"})
    book = str(sandbox_client.book("mollie"))
    assert made["oauth"]["issued"]["access_token"] not in book
    assert "sandbox-secret" not in book
