"""Pingen in the sandbox: a look at the PDF, lists, keys, limits, webhooks, page."""

import hashlib
import hmac
import json

import pytest
import requests

from tests.sandbox import documents
from tests.sandbox.pingen import samples
from tests.sandbox.pingen.scenes import ORGANISATION
from tests.sandbox.pingen.testing import Api, create_body

LONG = "A name so long that it runs out of the window of every envelope there is"
GERMAN = ("Müller GmbH", "Hauptstraße 1", "10115 Berlin", "DEUTSCHLAND")


@pytest.fixture
def api(sandbox, sandbox_client):
    return Api(sandbox.url, sandbox_client)


# === THE LOOK AT THE PDF === #


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (samples.letter(pages=14), "valid", "content_passed_inspection"),
        (samples.letter(pages=15), "invalid", "file_too_many_pages"),
        (samples.letter(GERMAN, pages=15), "valid", "content_passed_inspection"),
        (b"%PDF-1.4 broken", "invalid", "invalid_pdf_binary_content"),
        (b"<html></html>", "invalid", "invalid_pdf_binary_content"),
        (b"%PDF" + b"x" * (8 * 2**20), "invalid", "file_size_over_limit"),
        (samples.letter(size=(148, 210)), "unprintable", "file_not_a4_portrait"),
        (samples.letter(size=(297, 210)), "unprintable", "file_not_a4_portrait"),
        (samples.letter(y=95), "action_required", "content_failed_inspection"),
        (samples.letter((LONG, "Street 1", "Town")), "action_required",
         "content_failed_inspection"),
        (samples.letter(texts=[(30, 50, "Our logo")]), "action_required",
         "content_failed_inspection"),
        (samples.letter(texts=[(1, 150, "edge")]), "action_required",
         "content_failed_inspection"),
        (samples.letter(("Only", "two lines")), "action_required",
         "content_failed_inspection"),
    ],
)  # fmt: skip
def test_validation_looks_at_the_file(api, content, status, code):
    letter = api.checked(content)
    assert letter["attributes"]["status"] == status
    assert code in api.event_codes(letter["id"])
    assert letter["meta"]["abilities"]["self"]["submit"] == (
        "ok" if status == "valid" else "state"
    )


def test_window_is_left_or_right(api):
    right = samples.letter(x=122)
    assert api.checked(right)["attributes"]["status"] == "action_required"
    checked = api.checked(right, address_position="right")["attributes"]
    assert checked["status"] == "valid"
    assert checked["address"].startswith("J. Jansen")


def test_words_beside_the_window_are_not_part_of_the_address(api):
    content = samples.letter(texts=[(120, 66, "Utrecht, 1 May 2026")])
    attributes = api.checked(content)["attributes"]
    assert attributes["status"] == "valid"
    assert attributes["address"] == "\n".join(samples.GOOD_ADDRESS)


def test_country_is_read_from_the_last_line(api):
    assert api.checked(samples.letter(GERMAN))["attributes"]["country"] == "DE"


# === LISTS === #


def test_list_pages_sorts_filters_and_searches(api):
    for name in ("b.pdf", "a.pdf", "c.pdf"):
        api.create(samples.letter(), file_original_name=name)
    api.create(samples.letter(GERMAN), file_original_name="d.pdf")
    params = {"page[limit]": 3, "sort": "file_original_name"}
    first = api.get(api.letters, params=params)
    document = first.json()
    assert [row["attributes"]["file_original_name"] for row in document["data"]] == [
        "a.pdf", "b.pdf", "c.pdf",
    ]  # fmt: skip
    assert document["meta"] == {"current_page": 1, "last_page": 2, "per_page": 3,
                                "from": 1, "to": 3, "total": 4}  # fmt: skip
    rest = requests.get(document["links"]["next"], headers=api.headers, timeout=5)
    assert [row["attributes"]["file_original_name"] for row in rest.json()["data"]] == [
        "d.pdf"
    ]
    assert rest.json()["links"]["next"] is None
    german = {"or": [{"country": "DE"}, {"country": "CH"}]}
    tree = {"and": [german, {"status": "valid"}]}
    found = api.get(api.letters, params={"filter": json.dumps(tree)}).json()
    assert found["meta"]["total"] == 1
    assert api.get(api.letters, params={"q": "c.pdf"}).json()["meta"]["total"] == 1
    assert api.get(api.letters, params={"filter[country]": "NL"}).json()["meta"][
        "total"
    ] == 3  # fmt: skip


def test_list_includes_and_sparse_fields_only_when_asked(api):
    api.valid_letter()
    plain = api.get(api.letters).json()
    assert plain["included"] == []
    asked = api.get(
        api.letters, params={"include": "organisation", "fields[letters]": "status"}
    ).json()
    assert asked["included"][0]["type"] == "organisations"
    assert asked["data"][0]["attributes"] == {"status": "valid"}


@pytest.mark.parametrize(
    "params",
    [{"page[limit]": 101}, {"page[number]": "x"}, {"sort": "colour"}, {"filter": "{"},
     {"filter": '{"colour": "red"}'}],
)  # fmt: skip
def test_list_refuses_what_it_does_not_know(api, params):
    answer = api.get(api.letters, params=params)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["parameter"] == next(iter(params))


# === KEYS AND LIMITS === #


def test_same_key_gives_the_first_answer_and_no_second_letter(api):
    headers = {"Idempotency-Key": "letter-1"}
    body = create_body(api.upload())
    first = api.post(api.letters, json=body, headers=headers)
    assert "Idempotent-Replayed" not in first.headers
    again = api.post(api.letters, json=create_body(api.upload()), headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert api.get(api.letters).json()["meta"]["total"] == 1


def test_key_is_known_to_the_next_token_of_the_application(api):
    headers = {"Idempotency-Key": "letter-1"}
    body = create_body(api.upload())
    first = api.post(api.letters, json=body, headers=headers)
    renewed = Api(api.base.removesuffix("/pingen"), api.control)
    again = renewed.post(api.letters, json=body, headers=headers)
    assert again.json() == first.json()


def test_refused_request_leaves_the_key_free(api):
    headers = {"Idempotency-Key": "letter-1"}
    assert api.post(api.letters, json={}, headers=headers).status_code == 400
    body = create_body(api.upload())
    assert api.post(api.letters, json=body, headers=headers).status_code == 201


def test_strict_keys_refuse_another_body_and_long_keys_are_refused(api):
    api.control.scene("pingen", settings={"strict_idempotency": True})
    headers = {"Idempotency-Key": "letter-1"}
    api.post(api.letters, json=create_body(api.upload()), headers=headers)
    other = api.post(api.letters, json=create_body(api.upload()), headers=headers)
    assert other.status_code == 422
    long = {"Idempotency-Key": "k" * 65}
    assert api.post(api.letters, json={}, headers=long).status_code == 400


def test_limit_is_told_and_429_says_when(api):
    api.control.scene("pingen", settings={"rate_limit": 3})
    answers = [api.get("/user") for _turn in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == [
        "2", "1", "0", "0",
    ]  # fmt: skip
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].json()["errors"][0]["code"] == "too_many_requests"
    assert api.get("/organisations").status_code == 200
    api.control.clock(advance=61)
    assert api.get("/user").status_code == 200


def test_lost_answer_leaves_the_letter_in_the_book(api):
    body = create_body(api.upload())
    api.control.fault("pingen", "timeout_after", method="POST", path="letters$")
    headers = {"Idempotency-Key": "letter-1"}
    with pytest.raises(requests.ConnectionError):
        api.post(api.letters, json=body, headers=headers)
    again = api.post(api.letters, json=body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(api.control.objects("pingen", "letters")) == 1


# === COURSE === #


def test_clock_moves_a_letter_until_it_is_sent(api):
    key = api.sent_letter()
    api.control.clock(advance=16 * 60)
    assert api.status(key) == "accepted"
    api.control.clock(advance=7 * 3600)
    assert api.status(key) == "sent"
    assert api.event_codes(key)[-3:] == [
        "processing", "initiated_sending", "transferred_to_distributor",
    ]  # fmt: skip
    by_kind = api.get(f"{api.letters}/events/sent").json()["data"]
    assert by_kind[0]["relationships"]["letter"]["data"]["id"] == key
    assert api.get(f"{api.letters}/events/lost").status_code == 404


def test_rejected_letter_gives_the_money_back(api):
    key = api.sent_letter()
    api.control.scene("pingen", letter={"id": key, "status": "rejected"})
    assert api.balance() == 250.0


# === WEBHOOKS === #


def hook(api, category, url):
    attributes = {"event_category": category, "url": url, "signing_key": "k3y"}
    body = {"data": {"type": "webhooks", "attributes": attributes}}
    return api.post(api.hooks, json=body)


def test_webhooks_can_be_made_listed_and_deleted(api):
    made = hook(api, "sent", "https://example.org/hook")
    assert made.status_code == 201
    key = made.json()["data"]["id"]
    assert api.get(api.hooks).json()["meta"]["total"] == 1
    assert api.get(f"{api.hooks}/{key}").json()["data"]["id"] == key
    assert api.get(f"{api.hooks}/{key}/requests").json()["data"] == []
    assert api.delete(f"{api.hooks}/{key}").status_code == 204
    assert api.get(f"{api.hooks}/{key}").status_code == 404


def test_webhook_refuses_unknown_category_and_long_key(api):
    attributes = {"event_category": "lost", "url": "ftp://x", "signing_key": "x" * 33}
    body = {"data": {"type": "webhooks", "attributes": attributes}}
    answer = api.post(api.hooks, json=body)
    assert answer.status_code == 422
    assert {error["source"]["pointer"] for error in answer.json()["errors"]} == {
        f"/data/attributes/{name}" for name in ("event_category", "url", "signing_key")
    }


def assert_covers(sample, ours, path=""):
    """Every key of the sample is in ours, in the same place."""
    if isinstance(sample, dict):
        assert isinstance(ours, dict), path
        assert not set(sample) - set(ours), (path, set(sample) - set(ours))
        for name, part in sample.items():
            assert_covers(part, ours[name], f"{path}/{name}")
    elif isinstance(sample, list) and sample and isinstance(sample[0], dict):
        assert [row["type"] for row in sample] == [
            row["type"] for row in ours[: len(sample)]
        ]
        for place, part in enumerate(sample):
            assert_covers(part, ours[place], f"{path}/{place}")


def test_sent_webhook_is_signed_and_has_the_captured_shape(api, receiver):
    hook(api, "sent", receiver.url)
    key = api.sent_letter()
    api.control.scene("pingen", progress={"to": "sent"})
    headers, body = receiver.wait()[0]
    digest = hmac.new(b"k3y", body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(headers["Signature"], digest)
    assert headers["Content-Type"] == "application/vnd.api+json"
    document = json.loads(body)
    sample = documents.sample("pingen-webhook-sent-sample.json")
    assert_covers(sample, document)
    events = [row for row in document["included"] if row["type"].endswith("events")]
    assert [row["type"] for row in events] == ["deliverables_events", "letters_events"]
    assert events[0]["id"] == events[1]["id"]
    assert document["data"]["relationships"]["deliverable"]["data"]["id"] == key
    assert document["included"][1]["attributes"]["status"] == "sent"


def test_undeliverable_webhook_brings_the_corrected_address(api, receiver):
    hook(api, "undeliverable", receiver.url)
    key = api.sent_letter()
    address = {"name": "J. Jansen", "street": "Laan", "number": "2", "zip": "3500 AA",
               "city": "Utrecht"}  # fmt: skip
    api.control.scene(
        "pingen",
        letter={"id": key, "status": "undeliverable", "reason": "Moved.",
                "corrected_address": address},
    )  # fmt: skip
    document = json.loads(receiver.wait()[0][1])
    name = "pingen-webhook-undeliverable-sample.json"
    sample = documents.sample(name)
    sample["included"] = sample["included"][:3]
    assert_covers(sample, document)
    assert document["data"]["attributes"]["reason"] == "Moved."
    assert document["data"]["attributes"]["corrected_address"] == address


def test_issue_webhook_gives_all_reasons_once(api, receiver):
    hook(api, "issues", receiver.url)
    api.checked(samples.letter(y=95, texts=[(30, 50, "Logo")]))
    api.control.flush_webhooks("pingen")
    hooks = receiver.wait()
    assert len(hooks) == 1
    attributes = json.loads(hooks[0][1])["data"]["attributes"]
    assert "address" in attributes["reason"] and "postage" in attributes["reason"]


def test_webhook_faults_twice_and_forged(api, receiver):
    hook(api, "sent", receiver.url)
    api.control.fault("pingen", "webhook_twice")
    key = api.sent_letter()
    api.control.scene("pingen", progress={"to": "sent"})
    first, second = receiver.wait(2)
    assert first[1] == second[1]
    api.control.fault("pingen", "webhook_forged")
    api.control.scene("pingen", letter={"id": key, "status": "sent"})
    headers, body = receiver.wait(3)[2]
    digest = hmac.new(b"k3y", body, hashlib.sha256).hexdigest()
    assert headers["Signature"] != digest


# === PAGE === #


def test_page_shows_letters_and_moves_them(api, sandbox):
    key = api.sent_letter()
    page = requests.get(f"{sandbox.url}/_book/pingen", timeout=10).text
    assert "J. Jansen" in page and "€ 1.65" in page and "submitted" in page
    api.checked(samples.letter(texts=[(30, 50, "Logo")]))
    page = requests.get(f"{sandbox.url}/_book/pingen", timeout=10).text
    assert "There is content in the postage area." in page
    picture = requests.get(f"{api.base}/_picture/{key}.png", timeout=10)
    assert picture.content[:4] == b"\x89PNG"
    step = f"{sandbox.url}/_book/pingen/step"
    requests.post(step, data={"id": key}, timeout=10)
    assert api.status(key) == "transferring"
    api.control.scene("pingen", progress={"to": "sent"})
    back = f"{sandbox.url}/_book/pingen/undeliverable"
    requests.post(back, data={"id": key}, timeout=10)
    assert api.status(key) == "undeliverable"
    credits_url = f"{sandbox.url}/_book/pingen/credits"
    data = {"organisation": ORGANISATION, "amount": "50"}
    requests.post(credits_url, data=data, timeout=10)
    assert api.balance() == 298.35
