"""The pieces of OAuth2 that need no network (RFC 6749, RFC 7636)."""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode


def new_secret() -> str:
    """Return a random text of 43 characters, fit for a state or a PKCE verifier."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Return the hash under which a state is stored."""
    return hashlib.sha256(value.encode()).hexdigest()


def challenge(verifier: str) -> str:
    """Return the S256 code challenge (RFC 7636 4.2; vector of its appendix B).

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def authorize_url(base_url: str, path: str, params: Mapping[str, str]) -> str:
    """Return the address people are sent to.

    >>> authorize_url("https://a.example", "/authorize", {"scope": "a b"})
    'https://a.example/authorize?scope=a+b'
    """
    return f"{base_url}/{path.lstrip('/')}?{urlencode(params)}"


def token_values(
    answer: Mapping[str, object], now: float, old: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return what to keep of a token answer.

    A refresh answer without a refresh token means that the old one stays (RFC 6749 6).
    The end of life comes from ``expires_in``, else from the token itself when it is a
    JWT, else it is unknown and the token is used until it is refused.

    >>> old = {"refresh_token": "r"}
    >>> token_values({"access_token": "a", "expires_in": 60}, 100.0, old)
    {'access_token': 'a', 'refresh_token': 'r', 'expires_at': 160.0}
    """
    token = str(answer.get("access_token") or "")
    values: dict[str, object] = {"access_token": token}
    refresh = answer.get("refresh_token") or (old or {}).get("refresh_token")
    if refresh:
        values["refresh_token"] = str(refresh)
    values["expires_at"] = _expires_at(answer.get("expires_in"), token, now)
    return values


def _expires_at(expires_in: object, token: str, now: float) -> "float | None":
    try:
        return now + max(float(str(expires_in)), 0.0)
    except ValueError:
        return _jwt_expiry(token)


def _jwt_expiry(token: str) -> "float | None":
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        return float(claims["exp"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def needs_renewal(expires_at: object, now: float, margin: float = 30.0) -> bool:
    """Return whether a token is over, or over within ``margin`` seconds.

    >>> needs_renewal(120.0, 100.0), needs_renewal(140.0, 100.0)
    (True, False)
    >>> needs_renewal(None, 100.0)
    False
    """
    return isinstance(expires_at, (int, float)) and expires_at - margin <= now
