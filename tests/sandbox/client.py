"""A small client of the control API, for tests, scenarios and benchmarks."""

import re
import time
from typing import Any

import requests

CODE = re.compile(r"(?<!\d)(\d{4}[ \u00a0-]?\d{4}|\d{6}|\d{3}[ \u00a0-]\d{3})(?!\d)")


class SandboxClient:
    """Sets scenes and faults, reads books and mails of a running sandbox.

    :param url: ``http://127.0.0.1:8079``
    """

    def __init__(self, url: str = "http://127.0.0.1:8079") -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()

    def call(self, method: str, path: str, **options: Any) -> Any:
        """:raise RuntimeError: with the sandbox's own words when it refuses"""
        answer = self._session.request(
            method, f"{self.url}/_control/{path}", timeout=30, **options
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def health(self) -> dict:
        return self.call("GET", "health")

    def reset(self, service: str | None = None) -> dict:
        return self.call("POST", f"reset/{service}" if service else "reset")

    def scene(self, service: str, data: dict | None = None, **scene: Any) -> dict:
        """Set the scene, by a dict or by keywords. :return: what was made, by key"""
        return self.call("POST", f"{service}/scene", json={**(data or {}), **scene})

    def book(self, service: str) -> dict:
        """:return: ``objects`` by kind, ``requests``, ``webhooks``, oldest first"""
        return self.call("GET", f"{service}/book")

    def objects(self, service: str, kind: str) -> list[dict]:
        return self.book(service)["objects"].get(kind, [])

    def requests(self, service: str, method: str = "", path: str = "") -> list[dict]:
        """:param path: regular expression"""
        return [
            entry
            for entry in self.book(service)["requests"]
            if (not method or entry["method"] == method)
            and re.search(path, entry["path"])
        ]

    def fault(self, service: str, kind: str, **fault: Any) -> int:
        """Queue a fault: method, path, times, probability, seed, seconds, …"""
        made = self.call("POST", f"{service}/faults", json={"kind": kind, **fault})
        return made["ids"][0]

    def clear_faults(self, service: str) -> None:
        self.call("DELETE", f"{service}/faults")

    def flush_webhooks(self, service: str) -> list[dict]:
        """Send all that waits now. :return: all webhooks of the book"""
        return self.call("POST", f"{service}/webhooks", json={})["webhooks"]

    def clock(self, **change: Any) -> str:
        """``now=iso``, ``advance=seconds`` or ``reset=True``. :return: the time"""
        if not change:
            return self.call("GET", "clock")["now"]
        return self.call("POST", "clock", json=change)["now"]

    # === MAIL === #

    def mails(self, to: str = "", since: str | int = "") -> list[dict]:
        """:return: newest first"""
        return self.call("GET", "mail", params={"to": to, "since": str(since)})

    def clear_mails(self) -> None:
        self.call("DELETE", "mail")

    def wait_mail(self, to: str, since: str | int = "", seconds: float = 20) -> dict:
        """:return: the newest mail to that address
        :raise TimeoutError: when none comes in time
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.mails(to, since)
            if found:
                return found[0]
            time.sleep(0.2)
        raise TimeoutError(f"no mail to {to} within {seconds} s")

    def latest_code(self, to: str, since: str | int = "", seconds: float = 20) -> str:
        """:return: the digits of the sign-in code in the newest mail that has one"""
        end = time.monotonic() + seconds
        while True:
            for mail in self.mails(to, since):
                found = CODE.search(f"{mail['subject']}\n{self._words(mail)}")
                if found:
                    return re.sub(r"\D", "", found.group(1))
            if time.monotonic() > end:
                raise TimeoutError(f"no code mailed to {to} within {seconds} s")
            time.sleep(0.2)

    @staticmethod
    def _words(mail: dict) -> str:
        if mail["text"].strip():
            return mail["text"]
        html = re.sub(
            r"<(style|head)\b.*?</\1>",
            " ",
            mail["html"],
            flags=re.DOTALL | re.IGNORECASE,
        )
        return re.sub(r"<[^>]+>", " ", html)
