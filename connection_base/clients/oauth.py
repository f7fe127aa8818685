"""The token endpoint of OAuth2: exchange, refresh, client credentials, revoke."""

from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import _basic_auth_str

from ..engine.provider_spec import OAuthSpec
from ..exceptions import AuthError, InvalidAnswerError, ProviderError, RejectedError
from .http_client import HttpClient

REFUSED = frozenset(
    {"invalid_grant", "invalid_client", "unauthorized_client", "access_denied"}
)
"""Errors of RFC 6749 5.2 that only a person can solve: connect again."""


class OAuthClient(HttpClient):
    """Talks to the host that gives the tokens.

    A refresh is a write: a service may hand out a new refresh token and forget the
    old one, so a lost answer is never followed by a second try of its own.
    """

    def __init__(
        self, *, spec: OAuthSpec, client_id: str, client_secret: str = "", **kwargs: Any
    ) -> None:
        secrets = {client_secret, *kwargs.pop("secrets", ())}
        super().__init__(secrets=secrets, **kwargs)
        self._spec = spec
        self._client_id = client_id
        self._client_secret = client_secret

    def exchange(
        self,
        code: str,
        redirect_uri: str,
        verifier: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the token answer for an authorization code (RFC 6749 4.1.3)."""
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            **(extra or {}),
        }
        if verifier:
            body["code_verifier"] = verifier
        return self._token(body, {code, verifier or ""})

    def refresh(
        self, refresh_token: str, extra: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the token answer for a refresh token (RFC 6749 6)."""
        body = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            **(extra or {}),
        }
        return self._token(body, {refresh_token})

    def client_credentials(self) -> dict[str, Any]:
        """Return the token answer for the client itself (RFC 6749 4.4)."""
        body = {"grant_type": "client_credentials"}
        if self._spec.scopes:
            body["scope"] = " ".join(self._spec.scopes)
        return self._token(body, set())

    def revoke(self, token: str, bearer: str = "") -> None:
        """Tell the service that we no longer use ``token`` (RFC 7009).

        :param bearer: the access token that says who asks; services that take away
            the one they are asked with look at nothing else
        """
        if self._spec.revoke_path:
            self._secrets.update((token, bearer or token))
            self._call(self._spec.revoke_path, {"token": token}, bearer=bearer or token)

    def _token(self, body: dict[str, str], secrets: set[str]) -> dict[str, Any]:
        self._secrets.update(value for value in secrets if value)
        try:
            response = self._call(self._spec.token_path, body)
        except RejectedError as err:
            if err.code in REFUSED:
                raise AuthError(
                    str(err), status=err.status, reason="credentials"
                ) from err
            raise
        answer = self._parse_json(response)
        if not isinstance(answer, dict) or not answer.get("access_token"):
            raise InvalidAnswerError(
                f"{self._name()} sent no access token.", reason="unreadable"
            )
        return answer

    def _call(
        self, path: str, body: dict[str, str], bearer: str | None = None
    ) -> requests.Response:
        headers = {}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        elif self._spec.client_auth == "basic":
            headers["Authorization"] = _basic_auth_str(
                self._client_id, self._client_secret
            )
        if self._spec.client_auth == "body":
            body = {**body, "client_id": self._client_id}
            if self._client_secret:
                body["client_secret"] = self._client_secret
        as_json = {"json": True, "form": False}[self._spec.token_format]
        if as_json:
            return self.request("POST", path, headers=headers, json=body)
        return self.request("POST", path, headers=headers, data=body)

    def _parse_error(self, response: requests.Response) -> ProviderError:
        """Override of `HttpClient` to read the error body of RFC 6749 5.2."""
        payload = self._error_payload(response)
        code = payload.get("error") if isinstance(payload, dict) else None
        status = response.status_code
        if status in (401, 403) or code in REFUSED:
            return AuthError(
                f"{self._name()} refused the sign-in ({code or f'HTTP {status}'}).",
                status=status,
                reason="credentials",
            )
        return RejectedError(
            f"{self._name()} refused the sign-in ({code or f'HTTP {status}'}).",
            status=status,
            code=code if isinstance(code, str) else None,
        )
