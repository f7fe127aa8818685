"""The mail sink: takes every mail on loopback SMTP and keeps it in its own book."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from .clock import CLOCK
from .store import Book

SIZE_LIMIT = 30 * 2**20


def parsed(raw: bytes) -> dict[str, Any]:
    """:return: subject, from, to, text, html and the names of the attachments"""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    bodies = {}
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        bodies[kind] = part.get_content() if part is not None else ""
    return {
        "subject": str(message.get("Subject", "")),
        "from": str(message.get("From", "")),
        "to": str(message.get("To", "")),
        "cc": str(message.get("Cc", "")),
        "reply_to": str(message.get("Reply-To", "")),
        "message_id": str(message.get("Message-Id", "")),
        "text": bodies["plain"],
        "html": bodies["html"],
        "attachments": [
            part.get_filename() or "" for part in message.iter_attachments()
        ],
    }


class MailSink:
    """SMTP in, JSON out. Nothing is ever sent on."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._controller: Controller | None = None
        self.port = 0

    def start(self, port: int) -> None:
        """:raise OSError: when the port is taken"""
        self._controller = Controller(
            self, hostname="127.0.0.1", port=port, data_size_limit=SIZE_LIMIT
        )
        if not port:
            self._controller.port = free_port()
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
        self.book.close()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Hook of aiosmtpd: one mail has come in."""
        self.store(bytes(envelope.content), envelope.mail_from, list(envelope.rcpt_tos))
        return "250 Kept"

    def store(self, raw: bytes, sender: str, recipients: list[str]) -> dict:
        """Keep one mail; the envelope decides to whom it went."""
        with self.book.transaction():
            number = self.book.number("mail")
            mail = {
                "id": number,
                "at": CLOCK.iso_ms(),
                "sender": sender,
                "recipients": recipients,
                **parsed(raw),
            }
            self.book.put("_raw", {"raw": raw.decode("latin-1")}, str(number))
            return self.book.put("mail", mail)

    def find(self, to: str = "", since: str = "") -> list[dict]:
        """:param to: part of a recipient's address, any case
        :param since: mails after this id, or from this ISO time on
        :return: newest first
        """
        mails = self.book.all("mail", newest_first=True)
        if to:
            wanted = to.lower()
            mails = [m for m in mails if wanted in ",".join(m["recipients"]).lower()]
        if since.isdigit():
            mails = [m for m in mails if m["id"] > int(since)]
        elif since:
            start = datetime.fromisoformat(since.replace(" ", "+"))
            start = start if start.tzinfo else start.replace(tzinfo=CLOCK.now().tzinfo)
            mails = [m for m in mails if datetime.fromisoformat(m["at"]) >= start]
        return mails

    def get(self, number: str) -> dict | None:
        return self.book.get("mail", number)

    def raw(self, number: str) -> bytes:
        found = self.book.get("_raw", number)
        return found["raw"].encode("latin-1") if found else b""

    def attachment(self, number: str, index: int) -> tuple[bytes, str, str] | None:
        """:return: (content, content type, name), None when there is none"""
        message = email.message_from_bytes(
            self.raw(number), policy=email.policy.default
        )
        assert isinstance(message, EmailMessage)
        parts = list(message.iter_attachments())
        if not 0 <= index < len(parts):
            return None
        part = parts[index]
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        return data, part.get_content_type(), part.get_filename() or "attachment"

    def clear(self) -> int:
        """:return: how many mails were removed"""
        count = len(self.book.all("mail"))
        self.book.clear()
        return count


def free_port() -> int:
    """:return: a TCP port on loopback that is free now"""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
