"""Keyed hashes and sealing: nothing readable reaches the database.

The key comes from outside the database (see :mod:`.key_source`). Each purpose
has a key of its own, derived from it, so that a value made for one purpose is
never valid for another; the database's own id is part of the derivation, so
that two databases on one machine do not share hashes.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken


class KeyedSecrets:
    """Hash, compare and seal with one key.

    >>> keyed = KeyedSecrets(b"k" * 32, "database")
    >>> keyed.matches("code", keyed.hash("code", "n", "1"), "n", "1")
    True
    >>> keyed.matches("code", keyed.hash("code", "n", "1"), "n", "2")
    False
    >>> keyed.unseal(keyed.seal("12345678"))
    '12345678'
    """

    def __init__(self, key: bytes, scope: str):
        """:param key: at least 32 bytes; :param scope: id of the database."""
        self._root = hmac.new(key, f"sign-in:{scope}".encode(), hashlib.sha256).digest()

    def _derive(self, purpose: str) -> bytes:
        return hmac.new(self._root, purpose.encode(), hashlib.sha256).digest()

    def hash(self, purpose: str, *parts: str) -> str:
        """Return the HMAC-SHA256 (hex) of the parts under the key of the purpose.

        The length of each part goes in as well: ``("ab", "c")`` and
        ``("a", "bc")`` give different values.
        """
        message = b"".join(
            len(raw).to_bytes(4, "big") + raw for raw in (p.encode() for p in parts)
        )
        return hmac.new(self._derive(purpose), message, hashlib.sha256).hexdigest()

    def matches(self, purpose: str, expected: str, *parts: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(expected or "", self.hash(purpose, *parts))

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derive("seal")))

    def seal(self, text: str) -> str:
        """Encrypt a short text (the code on its way to the mail lane)."""
        return self._fernet().encrypt(text.encode()).decode()

    def unseal(self, token: str) -> str | None:
        """Return the sealed text, or ``None`` when the key has changed since."""
        try:
            return self._fernet().decrypt(token.encode()).decode()
        except InvalidToken:
            return None


def new_token() -> str:
    """Return a random value for a cookie: 256 bits.

    >>> len(new_token())
    43
    """
    return secrets.token_urlsafe(32)
