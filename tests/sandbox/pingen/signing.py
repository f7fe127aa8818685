"""Hex HMAC-SHA256, as the vendor signs its webhooks; used for the storage too."""

import hashlib
import hmac


def sign(secret, content):
    """:param content: text or bytes

    >>> sign("key", "body")[:16]
    '515aae133b435d40'
    """
    raw = content.encode() if isinstance(content, str) else content
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def matches(given, expected):
    """Compare in constant time, whatever type the client sent."""
    return hmac.compare_digest(str(given).encode(), str(expected).encode())
