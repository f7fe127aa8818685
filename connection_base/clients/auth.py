"""How a request shows who we are."""

from collections.abc import Callable
from typing import Any, Protocol

import requests
from requests.auth import AuthBase, _basic_auth_str


class TokenSource(Protocol):
    """Gives access tokens; the connection implements it on its stored credentials."""

    def current(self) -> str:
        """Return a token that should work now."""

    def renew(self, stale: str) -> str:
        """Return another token than ``stale``, which the service refused.

        :raises AuthError: there is no way to get one without a person
        """


class NoAuth(AuthBase):
    """Sends nothing. Without it requests would look for a password in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class BearerAuth(AuthBase):
    """``Authorization: Bearer <token>`` (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class ApiKeyBasicAuth(AuthBase):
    """HTTP Basic with the key as user name and, unless given, no password."""

    def __init__(self, key: str, password: str = "") -> None:
        self._value = _basic_auth_str(key, password)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


class RenewingBearerAuth(AuthBase):
    """Bearer token that is renewed once when the service answers 401.

    A 401 means that nothing was done, so the same request, write or not, is sent
    again with the new token. A second 401 is given to the caller: some services
    answer 401 for a missing scope, where renewing again would never end.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._listener: Callable[[str], None] | None = None
        self._take_call: Callable[[], None] | None = None

    def tell(
        self, listener: Callable[[str], None], take_call: Callable[[], None]
    ) -> None:
        """Have a client told what it has to know.

        :param listener: of each token in use, so that logs can mask it
        :param take_call: of a call that is sent again; may raise ``TemporaryError``
        """
        self._listener = listener
        self._take_call = take_call

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._source.current()
        self._put(request, token)

        def handle(response: requests.Response, **kwargs: object) -> requests.Response:
            if response.status_code != 401:
                return response
            return self._again(response, token, kwargs)

        request.register_hook("response", handle)
        return request

    def _put(self, request: requests.PreparedRequest, token: str) -> None:
        if self._listener:
            self._listener(token)
        request.headers["Authorization"] = f"Bearer {token}"

    def _again(
        self, response: requests.Response, stale: str, kwargs: dict[str, Any]
    ) -> requests.Response:
        token = self._source.renew(stale)
        response.close()
        if self._take_call:
            self._take_call()
        repeat = response.request.copy()
        repeat.hooks = {"response": []}
        self._put(repeat, token)
        answer: requests.Response = response.connection.send(repeat, **kwargs)
        answer.history.append(response)
        answer.request = repeat
        return answer
