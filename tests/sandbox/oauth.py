"""OAuth 2 as the vendors offer it: authorize page, codes, tokens, refresh.

A service makes one :class:`OAuthServer`, adds its two routes and asks
:meth:`OAuthServer.token_of` in ``before``. Clients and tokens are private objects in
the service's book (kinds ``_client``, ``_code``, ``_token``).
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from werkzeug import Request, Response
from werkzeug.utils import redirect

from .clock import CLOCK
from .service import Refusal

if TYPE_CHECKING:
    from .service import Service

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
OOB = "urn:ietf:wg:oauth:2.0:oob"
CODE_SECONDS = 600


@dataclass(frozen=True)
class OAuthRules:
    """How one vendor does it."""

    scopes: tuple[str, ...] = ()
    default_scope: str = ""
    #: seconds an access token lives; None = for ever, and no expires_in is answered
    lifetime: int | None = 3600
    #: a refresh gives a new refresh token and kills the old one
    rotate: bool = False
    #: authorization without code_challenge is refused
    pkce_required: bool = False
    grants: tuple[str, ...] = ("authorization_code", "refresh_token")
    token_prefix: str = ""
    token_type: str = "bearer"
    #: further query keys of the way back, e.g. {"tenant_id": "123"}
    callback_params: dict[str, str] = field(default_factory=dict)


class OAuthServer:
    """Authorize and token endpoints of one service."""

    def __init__(self, service: "Service", rules: OAuthRules) -> None:
        self.service = service
        self.rules = rules

    @property
    def book(self) -> Any:
        return self.service.book

    def seed(self) -> None:
        """Register the client that is there on the first day."""
        self.register({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})

    def register(self, values: dict) -> dict:
        """:param values: client_id, client_secret, redirect_uris (none: loopback)"""
        client = {"redirect_uris": [], **values}
        return self.book.put("_client", client, client["client_id"])

    # === AUTHORIZE === #

    def authorize(self, request: Request) -> Response:
        """GET shows the page (``auto=1`` allows at once), POST is its button."""
        values = request.values
        client = self.book.get("_client", values.get("client_id"))
        uri = values.get("redirect_uri", "")
        if client is None or not self._uri_fits(client, uri):
            text = "Unknown client" if client is None else "Unknown redirect address"
            return self._page(request, text, 400)
        error = self._authorize_error(values)
        if error:
            return self._back(uri, {"error": error, "state": values.get("state")})
        if request.method == "GET" and values.get("auto") != "1":
            return self._page(request)
        if request.method == "POST" and values.get("answer") != "allow":
            return self._back(
                uri, {"error": "access_denied", "state": values.get("state")}
            )
        code = secrets.token_urlsafe(24)
        self.book.put(
            "_code",
            {
                "client_id": client["client_id"],
                "redirect_uri": uri,
                "scope": values.get("scope") or self.rules.default_scope,
                "challenge": values.get("code_challenge"),
                "at": CLOCK.epoch(),
            },
            code,
        )
        if uri == OOB:
            return Response(code, mimetype="text/plain")
        answer = {"code": code, "state": values.get("state")}
        return self._back(uri, {**answer, **self.rules.callback_params})

    def _authorize_error(self, values: Any) -> str | None:
        if values.get("response_type") != "code":
            return "unsupported_response_type"
        if values.get("code_challenge"):
            if values.get("code_challenge_method") != "S256":
                return "invalid_request"
        elif self.rules.pkce_required:
            return "invalid_request"
        wanted = set((values.get("scope") or "").split())
        if self.rules.scopes and wanted - set(self.rules.scopes):
            return "invalid_scope"
        return None

    @staticmethod
    def _uri_fits(client: dict, uri: str) -> bool:
        if client["redirect_uris"]:
            return uri in client["redirect_uris"]
        host = urlsplit(uri).hostname
        return uri == OOB or host in ("localhost", "127.0.0.1", "::1")

    def _page(self, request: Request, error: str = "", status: int = 200) -> Response:
        scopes = (request.values.get("scope") or self.rules.default_scope).split()
        values = {k: v for k, v in request.args.items() if k != "auto"}
        html = self.service.sandbox.pages.render(
            "authorize.html",
            service=self.service,
            error=error,
            scopes=scopes,
            values=values,
        )
        return Response(html, status, mimetype="text/html")

    @staticmethod
    def _back(uri: str, params: dict) -> Response:
        query = urlencode({k: v for k, v in params.items() if v})
        return redirect(f"{uri}{'&' if '?' in uri else '?'}{query}", 302)

    # === TOKENS === #

    def token(self, request: Request) -> tuple[dict, int, dict]:
        """POST of the token endpoint, form or JSON, client in the body or Basic."""
        values = (
            self.service.data(request) if request.is_json else request.form.to_dict()
        )
        client = self._client(request, values)
        grant = values.get("grant_type")
        if grant not in self.rules.grants:
            raise self._error("unsupported_grant_type", f"grant_type {grant}")
        if grant == "authorization_code":
            token = self._by_code(client, values)
        elif grant == "refresh_token":
            token = self._by_refresh(client, values)
        else:
            scope = values.get("scope") or self.rules.default_scope
            token = self.issue(client["client_id"], scope, refresh=False)
        return self._answer(token), 200, {"Cache-Control": "no-store"}

    def _client(self, request: Request, values: dict) -> dict:
        basic = request.authorization
        client_id = values.get("client_id")
        secret = values.get("client_secret")
        if basic is not None and basic.type == "basic":
            client_id, secret = basic.username, basic.password
        client = self.book.get("_client", client_id)
        known = client and secrets.compare_digest(
            client["client_secret"].encode(), (secret or "").encode()
        )
        if not client or not known:
            raise self._error("invalid_client", "Client authentication failed", 401)
        return client

    def _by_code(self, client: dict, values: dict) -> dict:
        code = self.book.get("_code", values.get("code"))
        valid = (
            code
            and code["client_id"] == client["client_id"]
            and code["redirect_uri"] == values.get("redirect_uri")
            and CLOCK.epoch() - code["at"] <= CODE_SECONDS
            and self._verifies(code["challenge"], values.get("code_verifier"))
        )
        if not code or not valid:
            raise self._error("invalid_grant", "The code is not valid")
        self.book.remove("_code", values["code"])
        return self.issue(client["client_id"], code["scope"])

    @staticmethod
    def _verifies(challenge: str | None, verifier: str | None) -> bool:
        if not challenge:
            return True
        digest = hashlib.sha256((verifier or "").encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return secrets.compare_digest(made, challenge)

    def _by_refresh(self, client: dict, values: dict) -> dict:
        old = None
        if values.get("refresh_token"):
            old = self.book.first("_token", refresh_token=values["refresh_token"])
        if not old or old["client_id"] != client["client_id"] or old["revoked"]:
            raise self._error("invalid_grant", "The refresh token is not valid")
        if self.rules.rotate:
            self.book.update("_token", old["access_token"], revoked=True)
            return self.issue(client["client_id"], old["scope"])
        self.book.update("_token", old["access_token"], refresh_token=None)
        return self.issue(client["client_id"], old["scope"], keep=old["refresh_token"])

    def issue(
        self, client_id: str, scope: str, refresh: bool = True, keep: str | None = None
    ) -> dict:
        """:param keep: the refresh token that stays; else a new one is made
        :return: the stored token: access_token, refresh_token, scope, expires_at
        """
        prefix = self.rules.token_prefix
        lifetime = self.service.book.setting("token_seconds", self.rules.lifetime)
        token = {
            "access_token": prefix + secrets.token_urlsafe(24),
            "refresh_token": keep or (secrets.token_urlsafe(24) if refresh else None),
            "client_id": client_id,
            "scope": scope,
            "created_at": CLOCK.epoch(),
            "expires_at": CLOCK.epoch() + lifetime if lifetime else None,
            "revoked": False,
        }
        return self.book.put("_token", token, token["access_token"])

    def _answer(self, token: dict) -> dict:
        answer = {
            "access_token": token["access_token"],
            "token_type": self.rules.token_type,
            "scope": token["scope"],
            "created_at": token["created_at"],
        }
        if token["expires_at"]:
            answer["expires_in"] = token["expires_at"] - token["created_at"]
        if token["refresh_token"]:
            answer["refresh_token"] = token["refresh_token"]
        return answer

    @staticmethod
    def _error(code: str, text: str, status: int = 400) -> Refusal:
        return Refusal(status, {"error": code, "error_description": text})

    def token_of(self, request: Request) -> dict | None:
        """:return: the live token of the request's bearer, else None"""
        kind, _space, value = request.headers.get("Authorization", "").partition(" ")
        token = self.book.get("_token", value.strip()) if kind == "Bearer" else None
        if not token or token["revoked"]:
            return None
        if token["expires_at"] and token["expires_at"] <= CLOCK.epoch():
            return None
        return token

    def revoke(self, value: str) -> None:
        """Kill an access token, or the one that belongs to a refresh token."""
        token = self.book.get("_token", value) or self.book.first(
            "_token", refresh_token=value
        )
        if token:
            self.book.update("_token", token["access_token"], revoked=True)

    # === SCENES (services hand scene_oauth on to this) === #

    def scene(self, values: dict) -> dict:
        """``clients`` registers; ``expire``/``revoke`` true hits all tokens; ``issue``
        with a scope makes a token without the pages.
        """
        for client in values.get("clients", []):
            self.register(client)
        tokens = self.book.all("_token")
        for token in tokens:
            if values.get("expire"):
                self.book.update("_token", token["access_token"], expires_at=1)
            if values.get("revoke"):
                self.book.update("_token", token["access_token"], revoked=True)
        made = {"tokens": len(tokens)}
        if "issue" in values:
            token = self.issue(CLIENT_ID, values["issue"] or self.rules.default_scope)
            made["issued"] = self._answer(token)
        return made
