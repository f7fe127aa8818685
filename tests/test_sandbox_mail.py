"""The mail sink: what is mailed can be read by tests and by people."""

import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from tests.sandbox.client import CODE
from tests.sandbox.testing import http, running_sandbox


@pytest.fixture
def send(sandbox, sandbox_client):
    """Send a mail by SMTP."""

    def mail(to="jan@example.com", subject="Hello", text="Hi", html=None, files=()):
        message = EmailMessage()
        message["From"] = "Club <club@example.com>"
        message["To"] = to
        message["Subject"] = subject
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        for name, content in files:
            message.add_attachment(
                content, maintype="application", subtype="pdf", filename=name
            )
        with smtplib.SMTP("127.0.0.1", sandbox.mail.port, timeout=10) as server:
            server.send_message(message)

    return mail


def test_a_mail_is_kept_with_all_its_parts(sandbox_client, send):
    files = [("Factuur é.pdf", b"%PDF-1.4 x")]
    send(
        subject="Uw factuur – € 15", text="Zie bijlage", html="<b>Zie</b>", files=files
    )
    mail = sandbox_client.mails()[0]
    assert mail["subject"] == "Uw factuur – € 15"
    assert mail["from"] == "Club <club@example.com>"
    assert mail["recipients"] == ["jan@example.com"]
    assert mail["text"].strip() == "Zie bijlage"
    assert mail["html"].strip() == "<b>Zie</b>"
    assert mail["attachments"] == ["Factuur é.pdf"]


def test_mails_are_found_by_address_newest_first(sandbox_client, send):
    for number in range(3):
        send(to="Jan@Example.com", subject=f"n{number}")
    send(to="piet@example.com")
    found = sandbox_client.mails(to="jan@example.com")
    assert [mail["subject"] for mail in found] == ["n2", "n1", "n0"]
    assert len(sandbox_client.mails()) == 4


def test_mails_are_found_by_time_and_by_number(sandbox_client, send):
    send(subject="old")
    number = sandbox_client.mails()[0]["id"]
    moment = datetime.now(UTC).isoformat()
    send(subject="new")
    for since in (number, moment):
        found = sandbox_client.mails(since=since)
        assert [mail["subject"] for mail in found] == ["new"]
    assert sandbox_client.mails(since="2999-01-01") == []


def test_mails_can_be_thrown_away(sandbox_client, send):
    send()
    sandbox_client.clear_mails()
    assert sandbox_client.mails() == []


def test_mails_survive_a_restart(tmp_path):
    with running_sandbox(tmp_path) as first:
        first.mail.store(b"Subject: kept\n\nhi", "a@example.com", ["b@example.com"])
    with running_sandbox(tmp_path) as second:
        assert second.mail.find()[0]["subject"] == "kept"


def test_a_mail_without_headers_or_with_odd_bytes_is_kept(sandbox, sandbox_client):
    sandbox.mail.store(b"just text \xff\xfe", "a@example.com", ["b@example.com"])
    mail = sandbox_client.mails()[0]
    assert mail["subject"] == ""
    assert http.get(f"{sandbox.url}/_book/mail/{mail['id']}").status_code == 200


# === SIGN-IN CODES === #


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code is 1234 5678.", "12345678"),
        ("Your code: 12345678", "12345678"),
        ("Code 123456, valid for 10 minutes", "123456"),
    ],
)
def test_the_latest_code_is_read_from_the_mail(sandbox_client, send, text, code):
    send(text="Your code is 9999 9999.")
    send(text=text)
    send(text="No code here, only 2026 and 12,50")
    send(to="other@example.com", text="Code 1111 1111")
    assert sandbox_client.latest_code("jan@example.com") == code


def test_a_code_in_a_mail_with_html_alone_is_found(sandbox_client, send):
    html = "<style>p { margin: 12345678px }</style><p>Code</p><h1>8765 4321</h1>"
    send(text="", html=html)
    assert sandbox_client.latest_code("jan@example.com") == "87654321"


def test_waiting_for_a_mail_that_never_comes_ends_in_words(sandbox_client):
    with pytest.raises(TimeoutError, match="nobody@example.com"):
        sandbox_client.wait_mail("nobody@example.com", seconds=0.3)
    with pytest.raises(TimeoutError, match="nobody@example.com"):
        sandbox_client.latest_code("nobody@example.com", seconds=0.3)
    assert CODE.search("IBAN NL55 0000") is None


# === PAGES === #


def test_people_see_the_mails_and_their_files(sandbox, sandbox_client, send):
    send(subject="Herinnering", html="<p>Beste</p>", files=[("a.pdf", b"%PDF-1.4")])
    number = sandbox_client.mails()[0]["id"]
    url = f"{sandbox.url}/_book/mail"
    assert "Herinnering" in http.get(url).text
    assert "Herinnering" not in http.get(f"{url}?to=nobody").text
    page = http.get(f"{url}/{number}").text
    assert "a.pdf" in page
    assert "iframe" in page
    file = http.get(f"{url}/{number}/0")
    assert (file.content, file.headers["Content-Type"]) == (
        b"%PDF-1.4",
        "application/pdf",
    )
    assert http.get(f"{url}/{number}/9").status_code == 404
    assert http.get(f"{url}/999").status_code == 404


def test_scripts_in_a_mail_do_not_run(sandbox, sandbox_client, send):
    send(subject="<script>x</script>", html="<script>alert(1)</script>")
    number = sandbox_client.mails()[0]["id"]
    body = http.get(f"{sandbox.url}/_book/mail/{number}/html")
    assert "script-src 'none'" in body.headers["Content-Security-Policy"]
    assert "<script>x" not in http.get(f"{sandbox.url}/_book/mail").text
