"""Signing in: OAuth 2 with PKCE and the choice of a tenant, and personal tokens."""

import base64
import hashlib
import hmac
import json
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from ..oauth import OAuthRules, OAuthServer
from ..service import Refusal

RULES = OAuthRules(lifetime=3600, rotate=True, pkce_required=True, token_type="Bearer")


def jwt(claims, key):
    """A signed token that a client may read the expiry from.

    >>> jwt({"exp": 1}, "key").count(".")
    2
    """
    parts = [_part({"typ": "JWT", "alg": "HS256"}), _part(claims)]
    signed = ".".join(parts).encode()
    digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()
    return ".".join([*parts, _encoded(digest)])


def _part(data):
    return _encoded(json.dumps(data, separators=(",", ":")).encode())


def _encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class TenantOAuth(OAuthServer):
    """A user has several tenants and chooses one; every token is for one tenant."""

    def __init__(self, service):
        super().__init__(service, RULES)

    def authorize(self, request):
        """Adds the chosen tenant to the code and to the way back."""
        response = super().authorize(request)
        target = response.headers.get("Location", "")
        code = parse_qs(urlsplit(target).query).get("code", [""])[0]
        stored = self.book.get("_code", code)
        if stored is None:
            return response
        first = self.book.first("tenants")["id"]
        chosen = int(request.values.get("tenant_id") or first)
        if self.book.get("tenants", chosen) is None:
            raise Refusal(422, {"message": "The selected tenant is invalid."})
        self.book.put("_code", {**stored, "tenant_id": chosen}, code)
        query = urlencode({"tenant_id": chosen})
        response.headers["Location"] = f"{target}&{query}"
        return response

    def issue(self, client_id, scope, refresh=True, keep=None):
        token = super().issue(client_id, scope, refresh, keep)
        self.book.remove("_token", token["access_token"])
        token["access_token"] = jwt(
            {
                "aud": client_id,
                "jti": secrets.token_hex(20),
                "iat": token["created_at"],
                "nbf": token["created_at"],
                "exp": token["expires_at"],
                "sub": "1",
                "scopes": [],
            },
            self.book.setting("jwt_key"),
        )
        token["tenant_id"] = self.book.first("tenants")["id"]
        return self.book.put("_token", token, token["access_token"])

    def _by_code(self, client, values):
        code = self.book.get("_code", values.get("code"))
        if code and str(code["tenant_id"]) != str(values.get("tenant_id")):
            raise self._error("invalid_grant", "The tenant is not the chosen one")
        token = super()._by_code(client, values)
        return self._bind(token, code["tenant_id"])

    def _by_refresh(self, client, values):
        given = values.get("refresh_token")
        old = self.book.first("_token", refresh_token=given) if given else None
        if old and str(old["tenant_id"]) != str(values.get("tenant_id")):
            raise self._error("invalid_grant", "The tenant is not the token's")
        token = super()._by_refresh(client, values)
        return self._bind(token, old["tenant_id"])

    def _bind(self, token, tenant_id):
        return self.book.update("_token", token["access_token"], tenant_id=tenant_id)

    def personal_token(self, value, tenant_id):
        """A token made in the vendor's screens; it has no end."""
        token = {"access_token": value, "refresh_token": None, "client_id": "personal",
                 "scope": "", "created_at": 0, "expires_at": None, "revoked": False,
                 "tenant_id": tenant_id}  # fmt: skip
        return self.book.put("_token", token, value)

    @staticmethod
    def _error(code, text, status=400):
        body = {"error": code, "error_description": text, "hint": text, "message": text}
        return Refusal(status, body)
