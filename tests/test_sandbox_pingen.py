"""Pingen in the sandbox: account, files, letters from upload to sending."""

import re
import time
from datetime import datetime

import pytest
import requests

from tests.sandbox.pingen import samples
from tests.sandbox.pingen.scenes import ORGANISATION
from tests.sandbox.pingen.testing import Api, create_body, send_body


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


def codes(answer):
    return [error["code"] for error in answer.json()["errors"]]


def pointers(answer):
    return {error["source"].get("pointer") for error in answer.json()["errors"]}


# === IDENTITY === #


def test_token_needs_the_clients_secret(api):
    good = api.token_answer()
    assert good.json()["expires_in"] == 43200
    bad = api.token_answer(client_secret="wrong")
    assert bad.status_code == 401
    assert bad.json()["error"] == "invalid_client" and bad.json()["message"]


def test_call_without_or_with_expired_token_is_401(api):
    assert requests.get(api.base + "/organisations", timeout=5).status_code == 401
    api.control.scene("pingen", oauth={"expire": True})
    answer = api.get("/organisations")
    assert answer.status_code == 401
    assert codes(answer) == ["unauthenticated"]


def test_missing_scope_is_403(api):
    token = api.token_answer(scope="letter").json()["access_token"]
    answer = requests.get(
        f"{api.base}/organisations/{ORGANISATION}/webhooks",
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert answer.status_code == 403 and "webhook" in answer.text


def test_account_endpoints_show_user_and_organisation(api):
    assert api.get("/user").json()["data"]["type"] == "users"
    assert api.get("/user/associations").json()["meta"]["total"] == 1
    listed = api.get("/organisations").json()
    assert listed["data"][0]["id"] == ORGANISATION
    one = api.get(f"/organisations/{ORGANISATION}").json()["data"]["attributes"]
    assert one["billing_mode"] == "prepaid" and one["billing_balance"] == 250.0
    assert api.get("/organisations/unknown").status_code == 404
    assert api.get("/nowhere").status_code == 404


# === FILES === #


def test_upload_needs_its_signature_and_no_token(api):
    attributes = api.get("/file-upload").json()["data"]["attributes"]
    url = attributes["url"]
    assert requests.put(url, data=b"x", timeout=5).status_code == 200
    forged = re.sub(r"signature=\w", "signature=_", url)
    assert requests.put(forged, data=b"x", timeout=5).status_code == 403
    with_token = requests.put(url, data=b"x", headers=api.headers, timeout=5)
    assert with_token.status_code == 400
    api.control.clock(advance=3601)
    assert requests.put(url, data=b"x", timeout=5).status_code == 403


def test_create_refuses_a_wrong_file_signature(api):
    upload = api.upload()
    body = create_body({**upload, "url_signature": "something else"})
    answer = api.post(api.letters, json=body)
    assert answer.status_code == 422
    assert pointers(answer) == {"/data/attributes/file_url_signature"}


def test_letter_without_uploaded_file_is_invalid(api):
    attributes = api.get("/file-upload").json()["data"]["attributes"]
    made = api.post(api.letters, json=create_body(attributes))
    letter = api.wait_for(made.json()["data"]["id"], "invalid")
    assert "file_not_found" in api.event_codes(letter["id"])


# === CREATE AND CHECK === #


def test_create_answers_201_validating_then_valid(api):
    answer = api.create(samples.letter())
    made = answer.json()["data"]
    assert answer.status_code == 201
    assert made["attributes"]["status"] == "validating"
    assert made["attributes"]["file_pages"] is None
    letter = api.wait_for(made["id"], "valid")
    attributes = letter["attributes"]
    assert attributes["address"] == "J. Jansen\nDorpsstraat 12\n3511 AB Utrecht"
    assert attributes["country"] == "NL" and attributes["paper_types"] == ["normal"]
    assert attributes["fonts"] == [{"name": "Helvetica", "is_embedded": False}]
    abilities = letter["meta"]["abilities"]["self"]
    assert abilities["submit"] == "ok" and abilities["cancel"] == "state"
    assert datetime.strptime(attributes["created_at"], "%Y-%m-%dT%H:%M:%S%z")


def test_create_names_every_wrong_field(api):
    upload = api.upload()
    body = create_body(upload, address_position="middle", auto_send="yes")
    del body["data"]["attributes"]["file_original_name"]
    answer = api.post(api.letters, json=body)
    assert answer.status_code == 422
    assert pointers(answer) == {
        f"/data/attributes/{name}"
        for name in ("address_position", "auto_send", "file_original_name")
    }
    auto = api.post(api.letters, json=create_body(upload, auto_send=True))
    assert "/data/attributes/delivery_product" in pointers(auto)
    free = create_body(upload, meta_data={"odoo_id": 7})
    assert pointers(api.post(api.letters, json=free)) == {"/data/attributes/meta_data"}


def test_create_refuses_another_type_and_no_json(api):
    answer = api.post(api.letters, json={"data": {"type": "emails"}})
    assert answer.status_code == 409
    assert api.post(api.letters, data="{").status_code == 400


def test_recipient_in_meta_data_overrides_the_printed_address(api):
    recipient = {"name": "B. Bakker", "street": "Laan", "number": "3",
                 "zip": "1000", "city": "Brussel", "country": "BE"}  # fmt: skip
    made = api.create(samples.letter(), meta_data={"recipient": recipient})
    letter = api.wait_for(made.json()["data"]["id"], "valid")
    assert letter["attributes"]["address"] == "B. Bakker\nLaan 3\n1000 Brussel"
    assert letter["attributes"]["country"] == "BE"
    too_long = {"recipient": {**recipient, "name": "x" * 46, "country": "be"}}
    answer = api.create(samples.letter(), meta_data=too_long)
    assert pointers(answer) == {
        "/data/attributes/meta_data/recipient/name",
        "/data/attributes/meta_data/recipient/country",
    }


@pytest.mark.parametrize("prefix", ["deliveries/letters", "letters"])
def test_old_and_new_path_serve_the_same_letters(api, prefix):
    key = api.valid_letter()
    url = f"/organisations/{ORGANISATION}/{prefix}/{key}"
    assert api.get(url).json()["data"]["id"] == key


# === SEND, CANCEL, DELETE === #


def test_send_needs_a_valid_letter(api):
    api.control.scene("pingen", settings={"validation_delay": 30})
    key = api.create(samples.letter()).json()["data"]["id"]
    answer = api.patch(f"{api.letters}/{key}/send", json=send_body(key))
    assert answer.status_code == 409 and codes(answer) == ["letter_status"]


def test_send_charges_once_and_names_the_post_product(api):
    key = api.valid_letter()
    answer = api.patch(f"{api.letters}/{key}/send", json=send_body(key))
    attributes = answer.json()["data"]["attributes"]
    assert attributes["status"] == "submitted" and attributes["submitted_at"]
    assert attributes["delivery_product"] == "nlpost_priority"
    assert (attributes["price_value"], attributes["price_currency"]) == (1.65, "EUR")
    assert api.balance() == 248.35
    again = api.patch(f"{api.letters}/{key}/send", json=send_body(key))
    assert again.status_code == 409 and api.balance() == 248.35


def test_send_checks_fields_id_and_product(api):
    key = api.valid_letter()
    url = f"{api.letters}/{key}/send"
    wrong = send_body(key, print_mode="triplex", delivery_product="pigeon")
    assert pointers(api.patch(url, json=wrong)) == {
        "/data/attributes/print_mode",
        "/data/attributes/delivery_product",
    }
    assert api.patch(url, json=send_body("other")).status_code == 409
    premium = api.patch(url, json=send_body(key, delivery_product="premium"))
    assert codes(premium) == ["unable_to_find_delivery_product"]
    registered = api.patch(url, json=send_body(key, delivery_product="registered"))
    assert pointers(registered) == {"/data/attributes/meta_data/recipient"}


def test_auto_send_goes_by_itself(api):
    made = api.create(samples.letter(), **send_body("")["data"]["attributes"],
                      auto_send=True)  # fmt: skip
    letter = api.wait_for(made.json()["data"]["id"], "submitted")
    assert "auto_submitted" in api.event_codes(letter["id"])


def test_letter_waits_for_credits_and_goes_on_when_they_come(api):
    api.control.scene("pingen", organisation={"billing_balance": 1.0})
    key = api.sent_letter()
    assert api.status(key) == "awaiting_credits"
    organisation = api.get(f"/organisations/{ORGANISATION}").json()["data"]
    assert organisation["attributes"]["missing_credits"] == 0.65
    api.control.scene("pingen", credits={"amount": 10})
    assert api.status(key) == "submitted" and api.balance() == 9.35


def test_cancel_is_asynchronous_and_gives_the_money_back(api):
    key = api.sent_letter()
    answer = api.patch(f"{api.letters}/{key}/cancel")
    assert answer.status_code == 202 and answer.content == b""
    assert api.status(key) == "cancelling"
    api.wait_for(key, "cancelled")
    assert api.balance() == 250.0


def test_printed_letter_cannot_be_cancelled(api):
    key = api.sent_letter()
    api.control.scene("pingen", letter={"id": key, "status": "printing"})
    assert api.patch(f"{api.letters}/{key}/cancel").status_code == 409
    assert api.delete(f"{api.letters}/{key}").status_code == 409


def test_delete_removes_a_letter_that_was_not_sent(api):
    key = api.valid_letter()
    assert api.delete(f"{api.letters}/{key}").status_code == 204
    gone = api.get(f"{api.letters}/{key}")
    assert gone.status_code == 404 and codes(gone) == ["not_found"]


def test_paper_types_change_the_price(api):
    key = api.valid_letter()
    body = {"data": {"id": key, "type": "letters",
                     "attributes": {"paper_types": ["qr"]}}}  # fmt: skip
    changed = api.patch(f"{api.letters}/{key}", json=body).json()["data"]["attributes"]
    assert changed["paper_types"] == ["qr"] and changed["price_value"] == 1.69
    body["data"]["attributes"]["paper_types"] = ["qr", "qr"]
    assert api.patch(f"{api.letters}/{key}", json=body).status_code == 422


def test_file_is_a_redirect_to_storage_without_token(api):
    content = samples.letter()
    key = api.valid_letter(content)
    answer = api.get(f"{api.letters}/{key}/file", allow_redirects=False)
    assert answer.status_code == 302
    assert requests.get(answer.headers["Location"], timeout=5).content == content


# === PRICE === #


@pytest.mark.parametrize(
    ("country", "pages", "spectrum", "price"),
    [
        ("NL", 1, "grayscale", 1.65),
        ("NL", 1, "color", 1.74),
        ("NL", 4, "grayscale", 3.32),
        ("BE", 1, "grayscale", 1.97),
        ("DE", 2, "grayscale", 1.23),
        ("JP", 1, "grayscale", 2.3),
    ],
)
def test_price_calculator(api, country, pages, spectrum, price):
    answer = api.price(country, ["normal"] * pages, print_spectrum=spectrum)
    assert answer.json()["data"]["attributes"] == {"currency": "EUR", "price": price}


def test_price_calculator_refuses(api):
    assert pointers(api.price("nl", [])) == {
        "/data/attributes/country",
        "/data/attributes/paper_types",
    }
    none = api.price("NL", ["normal"], delivery_product="registered",
                     meta_data={"recipient": {"name": "A", "zip": "1", "city": "B",
                                              "country": "NL"}})  # fmt: skip
    assert codes(none) == ["unable_to_find_delivery_product"]


def test_validation_delay_can_be_set(api):
    api.control.scene("pingen", settings={"validation_delay": 30})
    key = api.create(samples.letter()).json()["data"]["id"]
    time.sleep(0.4)
    assert api.status(key) == "validating"
    api.control.clock(advance=31)
    assert api.status(key) == "valid"
