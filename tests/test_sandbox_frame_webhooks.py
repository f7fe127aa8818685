"""Webhooks on their way out: delivery, retries, and each webhook fault."""

import hashlib
import hmac
import json
import time

import pytest

from tests.sandbox import webhooks
from tests.sandbox.testing import http, running_sandbox

ORG = {"Authorization": "Bearer access_0123456789"}


@pytest.fixture
def hook(sandbox, sandbox_client, receiver):
    """An event webhook of Mollie that goes to the receiver."""
    body = {
        "name": "Test",
        "url": receiver.url,
        "eventTypes": "*",
        "testmode": True,
    }
    url = f"{sandbox.url}/mollie/v2/webhooks"
    answer = http.post(url, json=body, headers=ORG)
    assert answer.status_code == 201
    return answer.json()


def pay(client, count=1, **values):
    row = {"amount": "10.00", "description": "x", "announce": True, **values}
    return client.scene("mollie", payments=[row] * count)["payments"]


def entity_ids(receiver, count):
    return [json.loads(body)["entityId"] for _h, body in receiver.wait(count)]


def is_genuine(secret, headers, body):
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={digest}", headers["X-Mollie-Signature"])


def deliveries(client):
    """The webhooks in the book, once each of them was tried or put aside."""
    end = time.monotonic() + 5
    while True:
        rows = client.book("mollie")["webhooks"]
        busy = [
            row
            for row in rows
            if row["state"] == "sending"
            or (row["state"] == "waiting" and not row["attempts"])
        ]
        if not busy or time.monotonic() > end:
            return rows
        time.sleep(0.05)


def test_a_webhook_arrives_signed_and_is_kept_as_delivered(
    sandbox_client, receiver, hook
):
    key = pay(sandbox_client)[0]
    headers, body = receiver.wait(1)[0]
    assert json.loads(body)["entityId"] == key
    assert is_genuine(hook["webhookSecret"], headers, body)
    row = deliveries(sandbox_client)[0]
    assert (row["state"], row["attempts"], row["last_status"]) == ("delivered", 1, 200)
    assert "secret" not in row


def test_a_refused_webhook_is_tried_again(sandbox_client, receiver, hook):
    receiver.status = [500, 200]
    pay(sandbox_client)
    receiver.wait(1)
    row = deliveries(sandbox_client)[0]
    assert (row["state"], row["last_status"]) == ("waiting", 500)
    sandbox_client.flush_webhooks("mollie")
    row = deliveries(sandbox_client)[0]
    assert (row["state"], row["attempts"]) == ("delivered", 2)


def test_a_webhook_that_is_never_taken_is_given_up(sandbox_client, receiver, hook):
    receiver.status = 410
    pay(sandbox_client)
    for _n in range(12):
        row = sandbox_client.flush_webhooks("mollie")[0]
    assert row["state"] == "given up"
    assert row["attempts"] == len(webhooks.PAUSES) + 1


def test_twice_sends_the_same_body_two_times(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_twice")
    pay(sandbox_client)
    first, second = receiver.wait(2)
    assert first[1] == second[1]
    time.sleep(0.2)
    assert len(receiver.hooks) == 2


def test_out_of_order_comes_after_the_next_one(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_out_of_order")
    one, two = pay(sandbox_client, 2)
    assert entity_ids(receiver, 2) == [two, one]


def test_a_held_webhook_goes_when_it_is_flushed(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_out_of_order")
    pay(sandbox_client)
    time.sleep(0.5)
    assert receiver.hooks == []
    assert sandbox_client.flush_webhooks("mollie")[0]["state"] == "delivered"


def test_forged_has_a_signature_that_does_not_fit(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_forged")
    pay(sandbox_client, 2)
    first, second = receiver.wait(2)
    assert not is_genuine(hook["webhookSecret"], *first)
    assert is_genuine(hook["webhookSecret"], *second)


def test_never_is_not_sent_and_stays_in_the_book(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_never")
    pay(sandbox_client)
    sandbox_client.flush_webhooks("mollie")
    assert receiver.hooks == []
    assert deliveries(sandbox_client)[0]["state"] == "never"


def test_delay_sends_it_later(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_delay", seconds=0.6)
    started = time.monotonic()
    pay(sandbox_client)
    receiver.wait(1)
    assert time.monotonic() - started >= 0.6


def test_webhook_faults_can_name_the_event(sandbox_client, receiver, hook):
    sandbox_client.fault("mollie", "webhook_never", path="failed", times=None)
    pay(sandbox_client, status="failed", method="creditcard")
    pay(sandbox_client)
    _headers, body = receiver.wait(1)[0]
    assert json.loads(body)["type"] == "payment.paid"
    states = [row["state"] for row in deliveries(sandbox_client)]
    assert states[0] == "never"


def test_any_webhook_can_be_sent_again_by_hand(sandbox_client, receiver, hook):
    pay(sandbox_client)
    receiver.wait(1)
    number = deliveries(sandbox_client)[0]["id"]
    sandbox_client.call("POST", "mollie/webhooks", json={"again": number})
    assert len(receiver.wait(2)) == 2


def test_addresses_outside_this_machine_are_never_called(sandbox_client):
    pay(sandbox_client, webhookUrl="https://example.com/hook")
    row = sandbox_client.flush_webhooks("mollie")[0]
    assert row["state"] == "given up"
    assert "only addresses on this machine" in row["last_error"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://localhost:8069/x", True),
        ("http://10.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("http:///nothing", False),
    ],
)
def test_only_loopback_counts_as_this_machine(url, local):
    assert webhooks.is_local(url) is local


def test_what_a_killed_process_was_sending_is_sent_after_the_restart(
    tmp_path, receiver
):
    with running_sandbox(tmp_path) as first:
        first.services["mollie"].book.insert(
            "deliveries",
            at="2026-01-01T00:00:00Z",
            event="payment.paid",
            url=receiver.url,
            body="id=tr_1",
            headers="{}",
            state="sending",
            due=0,
        )
    with running_sandbox(tmp_path):
        assert receiver.wait(1)[0][1] == b"id=tr_1"
