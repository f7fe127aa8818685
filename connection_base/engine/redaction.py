"""Keeping secrets out of logs and error texts."""

import re
from collections.abc import Iterable

MASK = "[…]"
MIN_LENGTH = 6
"""Shorter values are left alone: masking "1" would make every text unreadable."""

_SENSITIVE = (
    "access_token|refresh_token|id_token|client_secret|api_key|apikey|password|secret"
    "|code|code_verifier|state|token|signature|authorization"
)
_QUERY = re.compile(rf"(?i)\b({_SENSITIVE})=([^&\s\"']+)")
_JSON = re.compile(rf"(?i)([\"'])({_SENSITIVE})\1\s*:\s*([\"'])([^\"']*)\3")
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` with known secrets and secret-looking parts masked.

    >>> redact("GET /x?api_key=abc123&page=2")
    'GET /x?api_key=[…]&page=2'
    >>> redact("Authorization: Bearer abcdefgh")
    'Authorization: Bearer […]'
    >>> redact("the key live_123456 is wrong", ["live_123456"])
    'the key […] is wrong'
    """
    for secret in sorted({value for value in secrets if value}, key=len, reverse=True):
        if len(secret) >= MIN_LENGTH:
            text = text.replace(secret, MASK)
    text = _QUERY.sub(lambda match: f"{match[1]}={MASK}", text)
    text = _JSON.sub(lambda match: f'"{match[2]}": "{MASK}"', text)
    return _HEADER.sub(lambda match: f"{match[1]} {MASK}", text)


def hint(secret: str) -> str:
    """Return what may be shown of a secret, so that people can tell two apart.

    >>> hint("live_abcdef123456")
    '…3456'
    >>> hint("short")
    '…'
    """
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"
