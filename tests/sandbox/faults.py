"""Faults that control queues: what a service does wrong, when, and how often.

A fault is a JSON object::

    {"kind": "timeout_after", "method": "POST", "path": "^/v2/payments$", "times": 1}

Common keys: ``method`` (one or a list, default any), ``path`` (regular expression on
the path below the service's prefix; for webhook faults on the event's name), ``times``
(default 1, null = until deleted), ``probability`` with ``seed`` (the same seed gives
the same row of yes and no), ``skip`` (let the first n matching ones pass).

Kinds on requests: see :data:`REQUEST_KINDS`; on webhooks: see :data:`WEBHOOK_KINDS`.
"""

import contextlib
import json
import random
import re
import socket
import time
from collections.abc import Iterator
from email.utils import format_datetime

from werkzeug import Request, Response

from .clock import CLOCK
from .store import Book

REQUEST_KINDS = {
    "delay": "waits `seconds`, then works normally",
    "timeout_before": "drops the connection without doing the work (after `seconds`)",
    "timeout_after": "does the work, then drops the connection (after `seconds`)",
    "status": "answers `status` (default 500) without doing the work",
    "rate_limit": "answers 429 with Retry-After `retry_after` as `format` "
    "seconds, date, epoch or none",
    "half_body": "does the work, sends half of the answer's body",
    "garbage": "does the work, answers 200 with something that is not JSON",
    "expired_token": "answers 401 as for a token that is past its time",
}
WEBHOOK_KINDS = {
    "webhook_twice": "sends it two times",
    "webhook_out_of_order": "holds it back until after the next one",
    "webhook_forged": "sends it with a signature or content that is not genuine",
    "webhook_never": "does not send it",
    "webhook_delay": "sends it `seconds` later",
}
FORMATS = ("seconds", "date", "epoch", "none")


class DroppedConnection(ConnectionAbortedError):
    """The connection was closed on purpose; the server must not answer."""


def check(data: dict) -> dict:
    """:return: the fault, checked
    :raise ValueError: in words, when a key or value is not known
    """
    kind = data.get("kind")
    if kind not in REQUEST_KINDS and kind not in WEBHOOK_KINDS:
        known = ", ".join([*REQUEST_KINDS, *WEBHOOK_KINDS])
        raise ValueError(f"no fault {kind!r}; there are {known}")
    if data.get("format", "seconds") not in FORMATS:
        raise ValueError(f"format must be one of {FORMATS}")
    unknown = set(data) - {
        "kind", "method", "path", "times", "probability", "seed", "skip", "seconds",
        "status", "retry_after", "format", "body",
    }  # fmt: skip
    if unknown:
        raise ValueError(f"unknown keys: {sorted(unknown)}")
    try:
        re.compile(data.get("path") or "")
    except re.error as error:
        raise ValueError(f"path is not a regular expression: {error}") from error
    return data


class Faults:
    """The queue of one service, kept in its book."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def add(self, data: dict) -> int:
        check(data)
        return self.book.insert(
            "faults", data=json.dumps(data), remaining=data.get("times", 1)
        )

    def all(self) -> list[dict]:
        """:return: the queue with how often each has hit and may still hit"""
        return [
            {
                **json.loads(row["data"]),
                "id": row["id"],
                "remaining": row["remaining"],
                "hits": row["hits"],
            }
            for row in self.book.execute("SELECT * FROM faults ORDER BY id")
        ]

    def clear(self) -> None:
        self.book.execute("DELETE FROM faults")

    def take(self, method: str, path: str, webhook: bool = False) -> dict | None:
        """:return: the first fault that strikes now; it is used up by that"""
        kinds = WEBHOOK_KINDS if webhook else REQUEST_KINDS
        with self.book.transaction():
            for row in self.book.execute(
                "SELECT * FROM faults WHERE remaining IS NULL OR remaining > 0 "
                "ORDER BY id"
            ):
                fault = json.loads(row["data"])
                if fault["kind"] not in kinds or not self._matches(
                    fault, method, path, webhook
                ):
                    continue
                if self._strikes(row, fault):
                    return fault
        return None

    @staticmethod
    def _matches(fault: dict, method: str, path: str, webhook: bool) -> bool:
        methods = fault.get("method") or []
        methods = [methods] if isinstance(methods, str) else methods
        if methods and not webhook and method not in [m.upper() for m in methods]:
            return False
        return re.search(fault.get("path") or "", path) is not None

    def _strikes(self, row: dict, fault: dict) -> bool:
        tried = row["tried"] + 1
        hit = tried > fault.get("skip", 0)
        if hit and "probability" in fault:
            seed = f"{fault.get('seed', 0)}.{tried}"
            hit = random.Random(seed).random() < fault["probability"]  # noqa: S311
        self.book.execute(
            "UPDATE faults SET tried = ?, hits = hits + ?, remaining = remaining - ? "
            "WHERE id = ?",
            tried,
            int(hit),
            int(hit),
            row["id"],
        )
        return hit


def retry_after(fault: dict) -> str | None:
    """:return: the header's value in the form that was asked for"""
    seconds = float(fault.get("retry_after", 30))
    form = fault.get("format", "seconds")
    if form == "none":
        return None
    if form == "seconds":
        return str(int(seconds))
    moment = time.time() + seconds
    if form == "epoch":
        return str(int(moment))
    date = CLOCK.now().fromtimestamp(moment, tz=CLOCK.now().tzinfo)
    return format_datetime(date, usegmt=True)


def drop(request: Request) -> None:
    """Close the client's connection without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # the client was faster
            connection.shutdown(socket.SHUT_RDWR)
    raise DroppedConnection


def halved(request: Request, response: Response) -> Response:
    """:return: an answer that promises its whole length and stops half way"""
    body = response.get_data()

    def chunks() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        drop(request)

    answer = Response(chunks(), response.status_code, mimetype=response.mimetype)
    answer.headers["Content-Length"] = str(len(body))
    return answer
