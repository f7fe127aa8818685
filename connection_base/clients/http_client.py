"""The one way our addons talk HTTP to an outside service."""

import json as json_module
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from ..engine.hosts import HostError, check_base_url, join_below
from ..engine.redaction import redact
from ..engine.retry_after import parse_retry_after
from ..exceptions import (
    AuthError,
    InvalidAnswerError,
    ProviderError,
    RejectedError,
    TemporaryError,
    UnknownResultError,
)
from ..log_filters import calling
from .auth import NoAuth, RenewingBearerAuth
from .transport import (
    make_session,
    never_sent,
    once_policy,
    read_limited,
    repeat_policy,
)

_logger = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
USER_AGENT = "odoo-connection-base/19.0"


class RateLimiter(Protocol):
    """Counts the calls of one connection for all workers together."""

    def acquire(self) -> None:
        """Take one call, or raise ``TemporaryError`` with the pause to make."""


class HttpClient:
    """Base class of the clients, one subclass per service.

    What it promises:

    - it connects to ``base_url`` and below only, over https (plain http for this
      machine itself, for tests), and follows no redirect;
    - a call that may be repeated is repeated up to three times when the connection
      breaks or a gateway answers 502, 503 or 504; a write is sent once;
    - it never waits for a rate limit: that is a ``TemporaryError`` with the pause;
    - each failure is one of the types of ``exceptions.py``;
    - nothing of a request's body, headers or query gets into the log.

    How to use: subclass, set :attr:`provider`, write one method per call of the
    service, and override the hooks where the service differs::

        class MollieClient(HttpClient):
            provider = "mollie"
            idempotency_header = "Idempotency-Key"

            def get_payment(self, payment_id):
                return self.get_json(f"/v2/payments/{payment_id}")
    """

    provider = ""
    idempotency_header: str | None = None
    idempotent_writes = False
    """The service honours the idempotency key: a write with one may be repeated."""

    def __init__(  # noqa: PLR0913  keywords only: what a connection hands over
        self,
        *,
        base_url: str,
        auth: AuthBase | None = None,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (5, 20),
        rate_limiter: RateLimiter | None = None,
        user_agent: str | None = None,
        max_bytes: int = 10 * 2**20,
        secrets: Iterable[str] = (),
    ) -> None:
        """Prepare a client; nothing is sent yet.

        :param base_url: ``scheme://host[/prefix]`` without the service's own path
        :param session: replaces the sessions made here (tests)
        :param timeout: seconds to connect, seconds without a byte
        :param max_bytes: largest answer that is read
        :param secrets: values that must never be seen in a log or an error
        :raises ProviderError: the address may not be used
        """
        try:
            self.base_url = check_base_url(base_url, allow_loopback=True)
        except HostError as err:
            raise ProviderError(str(err)) from err
        self._auth = auth or NoAuth()
        self._timeout = timeout
        self._rate_limiter = rate_limiter
        self._user_agent = user_agent or USER_AGENT
        self._max_bytes = max_bytes
        self._secrets = {str(value) for value in secrets if value}
        if isinstance(auth, RenewingBearerAuth):
            auth.tell(self._secrets.add, self._take_call)
        repeat = repeat_policy(self._has_call_left)
        self._repeat = session or make_session(self.base_url, repeat)
        self._once = session or make_session(self.base_url, once_policy())

    # --- Calls ------------------------------------------------------------------

    def get_json(self, path: str, **kwargs: Any) -> Any:
        """GET ``path`` and return the parsed answer."""
        return self._parse_json(self.request("GET", path, **kwargs))

    def post_json(self, path: str, **kwargs: Any) -> Any:
        """POST to ``path`` and return the parsed answer."""
        return self._parse_json(self.request("POST", path, **kwargs))

    def patch_json(self, path: str, **kwargs: Any) -> Any:
        """PATCH ``path`` and return the parsed answer."""
        return self._parse_json(self.request("PATCH", path, **kwargs))

    def put_json(self, path: str, **kwargs: Any) -> Any:
        """PUT to ``path`` and return the parsed answer."""
        return self._parse_json(self.request("PUT", path, **kwargs))

    def delete(self, path: str, **kwargs: Any) -> Any:
        """DELETE ``path`` and return the parsed answer, ``None`` when it is empty."""
        return self._parse_json(self.request("DELETE", path, **kwargs))

    def request(  # noqa: PLR0913  keywords only, as in requests
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        idempotency_header: str | None = None,
        repeatable: bool | None = None,
        stream: bool = False,
        allow_redirects: bool | str = False,
    ) -> requests.Response:
        """Send one call and return the answer of a call that went well.

        :param path: path below ``base_url``, or an absolute address below it
        :param idempotency_key: sent in ``idempotency_header`` (or the class's header)
        :param repeatable: this call may safely be done twice; default: GET and the
            like, and writes with a key where the service honours it
        :param stream: the body is not read; the caller reads and closes it
        :param allow_redirects: ``"manual"`` returns a 3xx answer to the caller; it is
            never followed here
        :raises TemporaryError: not done, may be tried later
        :raises UnknownResultError: a write that may or may not have been done
        :raises AuthError: credentials refused
        :raises RejectedError: the service refused the call
        :raises InvalidAnswerError: the answer is unreadable
        """
        method = method.upper()
        request = requests.Request(
            method,
            self._build_url(path),
            params=params,
            json=json,
            data=data,
            auth=self._auth,
            headers=self._all_headers(headers, idempotency_key, idempotency_header),
        )
        if repeatable is None:
            keyed = bool(idempotency_key) and self.idempotent_writes
            repeatable = method in SAFE_METHODS or keyed
        # A write with a key is repeated, yet its caller must know that it may be done.
        harmless = repeatable and not (idempotency_key and method not in SAFE_METHODS)
        self._take_call()
        response = self._send(request, repeatable, harmless, stream)
        return self._check(response, harmless, allow_redirects)

    # --- Hooks ------------------------------------------------------------------

    def _build_headers(self) -> dict[str, str]:
        """Return the headers of each call; extend for the service's own."""
        return {"Accept": "application/json", "User-Agent": self._user_agent}

    def _parse_json(self, response: requests.Response) -> Any:
        """Return the parsed body, ``None`` for an empty one.

        :raises InvalidAnswerError: the body is not JSON
        """
        if response.status_code == 204 or not response.content.strip():
            return None
        try:
            return response.json()
        except ValueError as err:
            raise InvalidAnswerError(
                f"{self._name()} sent an answer that is not JSON.", reason="unreadable"
            ) from err

    def _parse_error(self, response: requests.Response) -> ProviderError:
        """Return the exception for a 4xx answer; override for the service's own body.

        :returns: an ``AuthError`` or a ``RejectedError``
        """
        status = response.status_code
        if status in (401, 403):
            return AuthError(
                f"{self._name()} does not accept the credentials (HTTP {status}).",
                status=status,
                reason="credentials",
            )
        payload = self._error_payload(response)
        code = None
        detail = ""
        if isinstance(payload, dict):
            code = payload.get("code") or payload.get("error")
            detail = str(payload.get("message") or payload.get("detail") or "")
        message = f"{self._name()} refused the call (HTTP {status})."
        if detail:
            message = f"{message} {self._redact(detail[:200])}"
        return RejectedError(
            message,
            status=status,
            code=str(code) if isinstance(code, (str, int)) else None,
            payload=payload,
        )

    # --- Inside -----------------------------------------------------------------

    def _take_call(self) -> None:
        """Take one call of the connection, the repetitions of a call too.

        :raises TemporaryError: there is none left for now
        """
        if self._rate_limiter:
            self._rate_limiter.acquire()

    def _has_call_left(self) -> bool:
        try:
            self._take_call()
        except TemporaryError:
            return False
        return True

    def _name(self) -> str:
        return (self.provider or "The service").replace("_", " ").capitalize()

    def _redact(self, text: str) -> str:
        return redact(text, self._secrets)

    def _error_payload(
        self, response: requests.Response
    ) -> dict[str, Any] | list[Any] | str | None:
        try:
            parsed = json_module.loads(response.content or b"null")
        except ValueError:
            return self._redact(response.text[:2000])
        return parsed if isinstance(parsed, (dict, list, str)) else None

    def _build_url(self, path: str) -> str:
        try:
            return join_below(self.base_url, path)
        except HostError as err:
            raise InvalidAnswerError(str(err)) from err

    def _all_headers(
        self,
        headers: Mapping[str, str] | None,
        idempotency_key: str | None,
        idempotency_header: str | None,
    ) -> dict[str, str]:
        merged = {**self._build_headers(), **(headers or {})}
        if idempotency_key:
            name = idempotency_header or self.idempotency_header
            if not name:
                raise ValueError("an idempotency key needs the name of its header")
            merged[name] = idempotency_key
        return merged

    def _send(
        self, request: requests.Request, repeatable: bool, harmless: bool, stream: bool
    ) -> requests.Response:
        session = self._repeat if repeatable else self._once
        started = time.monotonic()
        status = "no answer"
        try:
            with calling(self._secrets):
                prepared = session.prepare_request(request)
                settings = session.merge_environment_settings(
                    prepared.url or "", {}, True, None, None
                )
                response = session.send(
                    prepared,
                    timeout=self._timeout,
                    allow_redirects=False,
                    **settings,
                )
                status = str(response.status_code)
                if not stream or response.status_code >= 300:
                    self._read(response, harmless)
        except requests.RequestException as err:
            raise self._lost(err, harmless) from None
        finally:
            _logger.debug(
                "%s %s %s: %s in %d ms",
                self.provider,
                request.method,
                self._redact(urlsplit(str(request.url)).path),
                status,
                (time.monotonic() - started) * 1000,
            )
        return response

    def _read(self, response: requests.Response, harmless: bool) -> None:
        try:
            read_limited(response, self._max_bytes)
        except InvalidAnswerError as err:
            if harmless or response.status_code >= 300:
                raise
            # The write was done, but what came of it cannot be read.
            raise UnknownResultError(str(err), reason="lost") from err

    def _lost(self, error: requests.RequestException, harmless: bool) -> ProviderError:
        """Return what a failed transport means for the caller."""
        if isinstance(error, (requests.exceptions.InvalidURL, ValueError)):
            return ProviderError(f"The address of {self._name()} cannot be used.")
        if never_sent(error):
            return TemporaryError(
                f"{self._name()} cannot be reached.", reason="unreachable"
            )
        if harmless:
            return TemporaryError(
                f"{self._name()} did not answer in time.", reason="silent"
            )
        return UnknownResultError(
            f"The answer of {self._name()} was lost: the call may have been done.",
            reason="lost",
        )

    def _check(
        self, response: requests.Response, harmless: bool, allow_redirects: bool | str
    ) -> requests.Response:
        status = response.status_code
        if status < 300:
            return response
        if status < 400:
            if allow_redirects == "manual":
                return response
            raise RejectedError(
                f"{self._name()} sends the call to another address.",
                status=status,
                reason="redirected",
            )
        pause = parse_retry_after(
            response.headers.get("Retry-After"), datetime.now(timezone.utc)
        )
        if status == 429:
            raise TemporaryError(
                f"{self._name()} asks us to call less often.",
                retry_after=pause,
                reason="busy",
            )
        if status >= 500:
            raise self._failed(status, pause, harmless)
        raise self._parse_error(response)

    def _failed(
        self, status: int, pause: float | None, harmless: bool
    ) -> TemporaryError:
        if harmless:
            return TemporaryError(
                f"{self._name()} has a failure of its own (HTTP {status}).",
                retry_after=pause,
                reason="failing",
            )
        return UnknownResultError(
            f"{self._name()} failed during the call (HTTP {status}): "
            "it may have been done.",
            retry_after=pause,
            reason="lost",
        )
