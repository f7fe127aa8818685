"""Each thing that a service can be made to do wrong."""

import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, Faults
from tests.sandbox.store import Book
from tests.sandbox.testing import http

KEY = {"Authorization": "Bearer test_0123456789"}
ORDER = {
    "description": "Contribution",
    "amount": {"currency": "EUR", "value": "10.00"},
    "redirectUrl": "http://localhost/back",
}


@pytest.fixture
def pay(sandbox, sandbox_client):
    def call(**options):
        url = f"{sandbox.url}/mollie/v2/payments"
        return http.post(url, json=ORDER, headers=KEY, **options)

    return call


@pytest.fixture
def made(sandbox_client):
    return lambda: len(sandbox_client.objects("mollie", "payment"))


@pytest.fixture
def last(sandbox_client):
    return lambda: sandbox_client.requests("mollie")[-1]


def test_delay_waits_and_then_works(sandbox_client, pay, made):
    sandbox_client.fault("mollie", "delay", seconds=0.3)
    started = time.monotonic()
    assert pay().status_code == 201
    assert time.monotonic() - started >= 0.3
    assert made() == 1


def test_delay_past_the_clients_patience_still_does_the_work(
    sandbox_client, pay, made, last
):
    sandbox_client.fault("mollie", "delay", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        pay(timeout=0.2)
    time.sleep(0.6)
    assert made() == 1
    assert last()["fault"] == "delay"


def test_timeout_before_drops_the_connection_without_the_work(
    sandbox_client, pay, made, last
):
    sandbox_client.fault("mollie", "timeout_before")
    with pytest.raises(requests.ConnectionError):
        pay()
    assert made() == 0
    assert (last()["status"], last()["done"]) == (None, 0)
    assert last()["fault"] == "timeout_before"


def test_timeout_after_does_the_work_and_loses_the_answer(
    sandbox_client, pay, made, last
):
    sandbox_client.fault("mollie", "timeout_after")
    with pytest.raises(requests.ConnectionError):
        pay()
    assert made() == 1
    assert (last()["status"], last()["done"]) == (201, 1)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_status_answers_in_the_vendors_shape_without_the_work(
    sandbox_client, pay, made, status
):
    sandbox_client.fault("mollie", "status", status=status)
    answer = pay()
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert made() == 0


def test_status_can_have_a_body_of_its_own(sandbox_client, pay):
    sandbox_client.fault("mollie", "status", status=418, body={"tea": True})
    answer = pay()
    assert (answer.status_code, answer.json()) == (418, {"tea": True})


def test_rate_limit_tells_the_wait_in_each_form(sandbox_client, pay, made):
    for form in ("seconds", "date", "epoch", "none"):
        sandbox_client.fault("mollie", "rate_limit", retry_after=120, format=form)
    found = [pay() for _n in range(4)]
    assert [answer.status_code for answer in found] == [429] * 4
    values = [answer.headers.get("Retry-After") for answer in found]
    assert values[0] == "120"
    assert 115 < parsedate_to_datetime(values[1]).timestamp() - time.time() < 125
    assert 115 < int(values[2]) - time.time() < 125
    assert values[3] is None
    assert made() == 0


def test_half_body_does_the_work_and_cuts_the_answer(sandbox_client, pay, made):
    sandbox_client.fault("mollie", "half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        pay()
    assert made() == 1


def test_garbage_does_the_work_and_answers_no_json(sandbox_client, pay, made):
    sandbox_client.fault("mollie", "garbage")
    answer = pay()
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert made() == 1


def test_expired_token_answers_401_without_the_work(sandbox_client, pay, made):
    sandbox_client.fault("mollie", "expired_token")
    answer = pay()
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized Request")
    assert made() == 0


def test_a_fault_strikes_as_often_as_it_says(sandbox_client, pay):
    sandbox_client.fault("mollie", "status", status=503, times=2, skip=1)
    assert [pay().status_code for _n in range(4)] == [201, 503, 503, 201]
    listed = sandbox_client.call("GET", "mollie/faults")["faults"][0]
    assert (listed["hits"], listed["remaining"]) == (2, 0)


def test_a_fault_strikes_only_what_it_names(sandbox, sandbox_client, pay):
    sandbox_client.fault("mollie", "status", method="GET", path="^/v2/methods$")
    assert pay().status_code == 201
    answer = http.get(f"{sandbox.url}/mollie/v2/methods", headers=KEY)
    assert answer.status_code == 500


def test_faults_without_end_stop_when_they_are_deleted(sandbox_client, pay):
    sandbox_client.fault("mollie", "status", times=None)
    assert [pay().status_code for _n in range(3)] == [500] * 3
    sandbox_client.clear_faults("mollie")
    assert pay().status_code == 201


def test_one_seed_gives_one_row_of_chances(tmp_path):
    def row(name, seed):
        faults = Faults(Book(tmp_path / name))
        faults.add({"kind": "delay", "probability": 0.3, "seed": seed, "times": None})
        return [faults.take("GET", "/") is not None for _n in range(200)]

    first = row("a", 7)
    assert first == row("b", 7)
    assert first != row("c", 8)
    assert 30 <= sum(first) <= 90


def test_a_faults_probability_is_about_right_over_many_requests(tmp_path):
    faults = Faults(Book(tmp_path / "book"))
    faults.add({"kind": "status", "probability": 0.1, "times": None})
    hits = sum(faults.take("GET", "/") is not None for _n in range(1000))
    assert 60 <= hits <= 140


def test_every_kind_of_fault_is_listed_with_words(sandbox_client):
    kinds = sandbox_client.call("GET", "mollie/faults")["kinds"]
    assert set(kinds) == {*REQUEST_KINDS, *WEBHOOK_KINDS}
    assert all(len(words) > 10 for words in kinds.values())
