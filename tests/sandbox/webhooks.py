"""Webhooks on their way out: a queue in each book, one thread that sends.

Only addresses on this machine are called. A delivery that is not answered with 2xx is
tried again after 2, 10, 60, 300, 900, 3600 … seconds, ten times at most.
"""

import ipaddress
import json
import logging
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from .clock import CLOCK

if TYPE_CHECKING:
    from .service import Service

_logger = logging.getLogger(__name__)
PAUSES = (2, 10, 60, 300, 900, 3600, 3600, 3600, 3600)


def is_local(url: str) -> bool:
    """:return: whether the address points to this machine and nowhere else"""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:  # a name, which is not looked up
        return False


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
    """:return: (status or None, error in words)"""
    if not is_local(url):
        return None, "not sent: only addresses on this machine are called"
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=15, allow_redirects=False
        )
    except requests.RequestException as error:
        return None, type(error).__name__
    return answer.status_code, "" if answer.ok else answer.text[:200]


def enqueue(
    service: "Service",
    event: str,
    url: str,
    body: bytes | str,
    headers: dict[str, str],
    secret: str | None = None,
) -> None:
    """Put one webhook on its way, with the fault that strikes it, if any.

    :param secret: handed to ``service.sign_webhook`` at each try
    """
    fault = service.faults.take("POST", event, webhook=True) or {}
    kind = fault.get("kind")
    text = body if isinstance(body, str) else body.decode()
    values: dict[str, Any] = {
        "at": CLOCK.iso_ms(),
        "event": event,
        "url": url,
        "body": text,
        "headers": json.dumps(headers),
        "secret": secret,
        "state": {"webhook_never": "never", "webhook_out_of_order": "held"}.get(
            kind or "", "waiting"
        ),
        "due": time.time()
        + (fault.get("seconds", 5) if kind == "webhook_delay" else 0),
        "fault": kind,
    }
    if kind == "webhook_forged":
        forged, values["secret"] = service.forge_webhook(text.encode(), secret)
        values["body"] = forged.decode()
    book = service.book
    with book.transaction():
        book.insert("deliveries", **values)
        if kind == "webhook_twice":
            book.insert("deliveries", **values)
        if kind != "webhook_out_of_order":
            book.execute(
                "UPDATE deliveries SET state = 'waiting', due = ? WHERE state = 'held'",
                time.time() + 0.3,
            )
    service.sandbox.sender.wake()


class Sender(threading.Thread):
    """Sends what is due, for all services."""

    def __init__(self, services: Iterable["Service"]) -> None:
        super().__init__(name="sandbox-webhooks", daemon=True)
        self.services = list(services)
        self._wake = threading.Event()
        self._stop_asked = False

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stop_asked = True
        self._wake.set()
        self.join(timeout=5)

    def run(self) -> None:
        for service in self.services:  # what a killed process left behind
            service.book.execute(
                "UPDATE deliveries SET state = 'waiting' WHERE state = 'sending'"
            )
        while not self._stop_asked:
            self._wake.wait(timeout=0.2)
            self._wake.clear()
            for service in self.services:
                self._serve(service)

    def _serve(self, service: "Service") -> None:
        try:
            service.tick()
            self.send_due(service)
        except Exception:
            if not self._stop_asked:
                _logger.exception("Webhooks of %s", service.name)

    @staticmethod
    def send_due(service: "Service", now: float | None = None) -> int:
        """Send what is due (or all that waits when ``now`` lies ahead).

        :return: number of tries made
        """
        with service.sending:
            return Sender._send_due(service, time.time() if now is None else now)

    @staticmethod
    def _send_due(service: "Service", now: float) -> int:
        book = service.book
        rows = book.execute(
            "UPDATE deliveries SET state = 'sending', attempts = attempts + 1 "
            "WHERE state = 'waiting' AND due <= ? RETURNING *",
            now,
        )
        for row in sorted(rows, key=lambda item: (item["due"], item["id"])):
            body = row["body"].encode()
            headers = json.loads(row["headers"])
            headers.update(service.sign_webhook(row["secret"], body))
            status, error = post(row["url"], body, headers)
            done = status is not None and 200 <= status < 300
            tries = row["attempts"]
            given_up = tries > len(PAUSES) or error.startswith("not sent")
            state = "delivered" if done else "given up" if given_up else "waiting"
            pause = PAUSES[min(tries, len(PAUSES)) - 1]
            book.execute(
                "UPDATE deliveries SET state = ?, last_status = ?, last_error = ?, "
                "due = ? WHERE id = ?",
                state,
                status,
                error,
                time.time() + (0 if done else pause),
                row["id"],
            )
        return len(rows)
