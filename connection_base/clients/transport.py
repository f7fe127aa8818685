"""The lower half of the HTTP client: sessions, retries, reading with a limit."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ResponseError,
    SSLError,
)
from urllib3.util.retry import Retry

from ..engine.hosts import is_loopback
from ..exceptions import InvalidAnswerError

RETRIES = 3
BACKOFF = 0.2
RETRY_STATUSES = (502, 503, 504)
MAX_SECONDS = 90.0
"""Longest time an answer may take to arrive, however slowly it drips."""
CHUNK = 64 * 2**10


class CountedRetry(Retry):
    """Repeats only while the connection has calls left, and counts each of them.

    :attr take: takes one call of the connection; false when there is none left
    """

    take: Callable[[], bool] | None = None

    def new(self, **values: Any) -> "CountedRetry":
        """Override of `urllib3` to hand the counting on."""
        following: CountedRetry = super().new(**values)
        following.take = self.take
        return following

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        *args: Any,
        **values: Any,
    ) -> "CountedRetry":
        """Override of `urllib3` to end the repeating where no call is left."""
        following: CountedRetry = super().increment(method, url, *args, **values)
        if self.take and not self.take():
            reason = values.get("error") or ResponseError("no call is left")
            raise MaxRetryError(values["_pool"], url or "", reason)
        return following


def repeat_policy(take: Callable[[], bool] | None = None) -> Retry:
    """Return the policy for calls that may be repeated: three more tries.

    ``Retry-After`` is not slept on: the worker that runs us has other work, the
    caller reschedules.

    :param take: takes one call of the connection; false when there is none left
    """
    policy = CountedRetry(
        total=RETRIES,
        connect=RETRIES,
        read=RETRIES,
        status=RETRIES,
        redirect=0,
        other=0,
        allowed_methods=None,
        status_forcelist=RETRY_STATUSES,
        backoff_factor=BACKOFF,
        respect_retry_after_header=False,
        raise_on_redirect=False,
        raise_on_status=False,
    )
    policy.take = take
    return policy


def once_policy() -> Retry:
    """Return the policy for writes: only a connection that never came up is retried."""
    return Retry(
        total=RETRIES,
        connect=RETRIES,
        read=False,
        status=0,
        redirect=0,
        other=0,
        allowed_methods=None,
        status_forcelist=(),
        backoff_factor=BACKOFF,
        respect_retry_after_header=False,
        raise_on_redirect=False,
        raise_on_status=False,
    )


class StayingSession(requests.Session):
    """A session that knows no redirects: it neither follows nor reads their bodies."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Override of `requests` to see no redirect in any answer."""
        return


def make_session(base_url: str, policy: Retry) -> requests.Session:
    """Return a session for one host that follows ``policy``.

    Proxies of the environment are used, except for this machine itself.
    """
    session = StayingSession()
    session.trust_env = not is_loopback(urlsplit(base_url).hostname or "")
    adapter = HTTPAdapter(max_retries=policy)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def never_sent(error: requests.RequestException) -> bool:
    """Return whether the call failed before a byte of it could reach the service."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason: object = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(reason)
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def read_limited(
    response: requests.Response, max_bytes: int, max_seconds: float = MAX_SECONDS
) -> None:
    """Read the body into ``response``, refusing one that is too large or too slow.

    The limit counts the bytes after unpacking, so that a small packed answer cannot
    fill the memory.

    :raises InvalidAnswerError: too large or too slow
    :raises requests.RequestException: the body broke off
    """
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        response.close()
        raise InvalidAnswerError(
            "The answer of the service is too large.", reason="unreadable"
        )
    started = time.monotonic()
    parts, size = [], 0
    for chunk in response.iter_content(CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            response.close()
            raise InvalidAnswerError(
                "The answer of the service is too large.", reason="unreadable"
            )
        if time.monotonic() - started > max_seconds:
            response.close()
            raise InvalidAnswerError(
                "The answer of the service takes too long.", reason="unreadable"
            )
    _check_complete(response, announced)
    response._content = b"".join(parts)
    response._content_consumed = True


def _check_complete(response: requests.Response, announced: str) -> None:
    """Notice a body that ended early; urllib3 version 1 does not complain of it."""
    told = getattr(response.raw, "tell", None)
    if response.request is None or response.request.method == "HEAD":
        return
    if told and announced.isdigit() and told() < int(announced):
        raise requests.exceptions.ChunkedEncodingError("the body broke off")
