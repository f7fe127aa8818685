"""The frame of the sandbox: life, control, books, idempotent answers, pages."""

import os
import signal
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest
import requests

from tests.sandbox.app import Sandbox
from tests.sandbox.client import SandboxClient
from tests.sandbox.mail import free_port
from tests.sandbox.service import redacted, redacted_auth
from tests.sandbox.testing import http, running_sandbox

ROOT = Path(__file__).parent.parent
KEY = {"Authorization": "Bearer test_0123456789"}
ORDER = {
    "description": "Contribution",
    "amount": {"currency": "EUR", "value": "10.00"},
    "redirectUrl": "http://localhost/back",
}


def pay(sandbox, **options):
    headers = {**KEY, **options.pop("headers", {})}
    body = {**ORDER, **options}
    return http.post(f"{sandbox.url}/mollie/v2/payments", json=body, headers=headers)


# === LIFE === #


def start_process(folder, port, smtp_port):
    command = [sys.executable, "-m", "tests.sandbox", "--data", str(folder)]
    command += ["--port", str(port), "--smtp-port", str(smtp_port)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_process_says_ready_serves_and_stops_on_sigterm(tmp_path):
    port, smtp_port = free_port(), free_port()
    process = start_process(tmp_path, port, smtp_port)
    try:
        line = process.stdout.readline()
        assert line.startswith(f"Sandbox ready on http://127.0.0.1:{port}")
        health = SandboxClient(f"http://127.0.0.1:{port}").health()
        assert health["status"] == "ok"
        assert {"mollie", "moneybird"} <= set(health["services"])
        assert health["smtp_port"] == smtp_port
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_told_in_one_line(sandbox, tmp_path):
    port = int(sandbox.url.rsplit(":", 1)[1])
    process = start_process(tmp_path, port, free_port())
    _out, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"Port {port} is taken" in error.splitlines()[-1]
    assert "Traceback" not in error


def test_the_server_listens_on_loopback_only(sandbox):
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    wanted = f"{int(sandbox.url.rsplit(':', 1)[1]):04X}"
    places = [row.split()[1].split(":") for row in listening]
    assert next(host for host, port in places if port == wanted) == "0100007F"


def test_books_survive_a_restart_and_a_reset_empties_them(tmp_path):
    with running_sandbox(tmp_path) as first:
        key = pay(first).json()["id"]
    with running_sandbox(tmp_path) as second:
        client = SandboxClient(second.url)
        assert [p["id"] for p in client.objects("mollie", "payment")] == [key]
        client.reset("mollie")
        book = client.book("mollie")
        assert book["objects"] == {}
        assert book["requests"] == []


def test_every_service_has_a_book_a_page_and_a_start(sandbox, sandbox_client):
    for name in sandbox_client.health()["services"]:
        assert sandbox_client.book(name)["service"] == name
        page = http.get(f"{sandbox.url}/_book/{name}")
        assert page.status_code == 200
        assert escape(sandbox.services[name].title) in page.text
    index = http.get(f"{sandbox.url}/", allow_redirects=True)
    assert index.url.endswith("/_book/")
    assert "/_book/mollie" in index.text


# === CONTROL === #


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "word"),
    [
        ("POST", "nobody/scene", {}, 404, "nobody"),
        ("POST", "mollie/scene", {"dragons": []}, 400, "dragons"),
        ("POST", "mollie/faults", {"kind": "meteor"}, 400, "meteor"),
        ("POST", "mollie/faults", {"kind": "delay", "colour": 1}, 400, "colour"),
        ("POST", "mollie/faults", {"kind": "delay", "path": "("}, 400, "regular"),
        ("GET", "nowhere", None, 404, "not found"),
        ("DELETE", "health", None, 405, "not allowed"),
    ],
)
def test_control_refuses_in_words(sandbox_client, method, path, body, status, word):
    url = f"{sandbox_client.url}/_control/{path}"
    answer = http.request(method, url, json=body)
    assert answer.status_code == status
    assert word in answer.json()["error"]


def test_a_scene_with_an_unknown_key_changes_nothing(sandbox_client):
    with pytest.raises(RuntimeError, match="dragons"):
        sandbox_client.scene("mollie", customers=[{"name": "A"}], dragons=1)
    assert sandbox_client.objects("mollie", "customer") == []


def test_the_clock_can_be_moved_and_set_back(sandbox_client):
    assert sandbox_client.clock(now="2030-01-31T12:00:00+00:00") >= "2030-01-31T12"
    assert sandbox_client.clock(advance=86400) >= "2030-02-01T12"
    assert sandbox_client.clock(reset=True) < "2030"


# === BOOK === #


def test_the_book_logs_requests_without_their_secrets(sandbox, sandbox_client):
    pay(sandbox, headers={"Idempotency-Key": "k-1"}, metadata={"token": "hidden"})
    entry = sandbox_client.requests("mollie", "POST", "^/v2/payments$")[0]
    assert entry["status"] == 201
    assert entry["idempotency_key"] == "k-1"
    assert entry["auth"].startswith("Bearer test_…#")
    assert "0123456789" not in str(entry)
    assert "hidden" not in str(entry)
    assert "Contribution" in entry["body"]


def test_redaction_masks_secrets_at_any_depth():
    data = {"a": [{"client_secret": "x", "name": "y"}], "access_token": "z"}
    assert redacted(data) == {
        "a": [{"client_secret": "•••", "name": "y"}],
        "access_token": "•••",
    }
    assert redacted_auth(None) is None
    assert redacted_auth("Bearer abc") != redacted_auth("Bearer abd")


def test_a_body_that_is_not_json_is_logged_by_size_and_refused(sandbox, sandbox_client):
    headers = {**KEY, "Content-Type": "application/json"}
    url = f"{sandbox.url}/mollie/v2/payments"
    answer = http.post(url, data=b"{broken", headers=headers)
    assert answer.status_code == 400
    entry = sandbox_client.requests("mollie", "POST")[0]
    assert entry["body"] == "(7 bytes, application/json)"


def test_unknown_paths_and_methods_answer_in_the_vendors_shape(sandbox):
    answer = http.get(f"{sandbox.url}/mollie/v2/nothing", headers=KEY)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    answer = http.put(f"{sandbox.url}/mollie/v2/payments", headers=KEY)
    assert (answer.status_code, answer.json()["title"]) == (405, "Method Not Allowed")
    assert http.get(f"{sandbox.url}/stripe/v1").status_code == 404


# === IDEMPOTENT ANSWERS === #


def test_a_known_key_replays_the_answer_and_does_nothing_twice(sandbox, sandbox_client):
    first = pay(sandbox, headers={"Idempotency-Key": "k"})
    second = pay(sandbox, headers={"Idempotency-Key": "k"})
    assert second.json() == first.json()
    assert second.status_code == 201
    assert len(sandbox_client.objects("mollie", "payment")) == 1
    rows = sandbox_client.requests("mollie", "POST")
    assert [(row["done"], row["replayed"]) for row in rows] == [(1, 0), (0, 1)]


def test_a_known_key_with_another_body_is_a_conflict(sandbox, sandbox_client):
    pay(sandbox, headers={"Idempotency-Key": "k"})
    answer = pay(sandbox, headers={"Idempotency-Key": "k"}, description="Other")
    assert answer.status_code == 409
    assert len(sandbox_client.objects("mollie", "payment")) == 1


def test_a_key_is_forgotten_after_its_time(sandbox, sandbox_client):
    pay(sandbox, headers={"Idempotency-Key": "k"})
    sandbox_client.clock(advance=3700)
    pay(sandbox, headers={"Idempotency-Key": "k"})
    sandbox_client.clock(reset=True)
    assert len(sandbox_client.objects("mollie", "payment")) == 2


def test_a_refused_request_does_not_use_up_its_key(sandbox, sandbox_client):
    headers = {"Idempotency-Key": "k"}
    assert pay(sandbox, headers=headers, description="").status_code == 422
    assert pay(sandbox, headers=headers).status_code == 201


def test_parallel_requests_with_one_key_make_one_payment(sandbox, sandbox_client):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _n: pay(sandbox, headers={"Idempotency-Key": "k"}), range(16)
            )
        )
    assert {answer.json()["id"] for answer in answers} == {
        sandbox_client.objects("mollie", "payment")[0]["id"]
    }
    assert len(sandbox_client.objects("mollie", "payment")) == 1


def test_a_stopped_sandbox_leaves_no_port_open(tmp_path):
    running = Sandbox(tmp_path)
    running.start(port=0, smtp_port=0)
    running.stop()
    with pytest.raises(requests.ConnectionError):
        http.get(f"{running.url}/_control/health", timeout=2)
    assert os.listdir(tmp_path)
