"""Credentials at rest: encrypted with a key that is not in the database.

The key comes from the environment variable ``CONNECTION_BASE_KEY``, or from the file
that ``CONNECTION_BASE_KEY_FILE`` names (readable by its owner only). Several keys,
separated by commas, make a rotation possible: the first encrypts, all decrypt.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_VARIABLE = "CONNECTION_BASE_KEY"
FILE_VARIABLE = "CONNECTION_BASE_KEY_FILE"


class VaultError(Exception):
    """The credentials cannot be locked or unlocked; nothing is lost by it.

    :param reason: ``missing``, ``unreadable``, ``permissions``, ``malformed`` or
        ``wrong``
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Vault:
    """Locks and unlocks a set of credentials.

    >>> vault = Vault([Fernet.generate_key().decode()])
    >>> locked = vault.lock({"api_key": "live_1"}, owner="7")
    >>> "live_1" in locked
    False
    >>> vault.unlock(locked, owner="7")
    {'api_key': 'live_1'}
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Take the keys, the first of which encrypts.

        :raises VaultError: no key, or one that is not a Fernet key
        """
        self._keys = [key.strip() for key in keys if key.strip()]
        if not self._keys:
            raise VaultError("missing", "No encryption key is set.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except (ValueError, TypeError) as err:
            raise VaultError(
                "malformed", "The encryption key is not a valid Fernet key."
            ) from err

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell which key encrypts, without giving it away."""
        return hashlib.sha256(self._keys[0].encode()).hexdigest()[:8]

    def lock(self, values: Mapping[str, object], owner: str) -> str:
        """Return ``values`` as a text that only the key can read.

        :param owner: whose values these are; they unlock for this owner only
        """
        plain = json.dumps({"owner": owner, "values": dict(values)})
        return self._fernet.encrypt(plain.encode()).decode()

    def unlock(self, locked: str, owner: str) -> dict[str, object]:
        """Return the values locked for ``owner``.

        :raises VaultError: locked with another key, damaged, or of another owner
        """
        wrong = VaultError(
            "wrong",
            "The credentials were locked with another encryption key.",
        )
        try:
            content = json.loads(self._fernet.decrypt(locked.encode()))
        except (InvalidToken, ValueError) as err:
            raise wrong from err
        if not isinstance(content, dict) or content.get("owner") != owner:
            raise wrong
        return dict(content["values"])


def load_vault(environ: Mapping[str, str]) -> Vault:
    """Return the vault for the key named by ``environ``.

    :raises VaultError: no key, or a key file that is missing or open to others
    """
    if keys := environ.get(KEY_VARIABLE, "").strip():
        return Vault(keys.split(","))
    path = environ.get(FILE_VARIABLE, "").strip()
    if not path:
        raise VaultError("missing", "No encryption key is set.")
    return Vault(_read_key_file(path).replace("\n", ",").split(","))


def _read_key_file(path: str) -> str:
    try:
        with open(path, encoding="ascii") as handle:
            mode = os.fstat(handle.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise VaultError(
                    "permissions",
                    "The encryption key file may be read by others.",
                )
            return handle.read()
    except FileNotFoundError as err:
        raise VaultError("missing", "The encryption key file does not exist.") from err
    except (OSError, UnicodeDecodeError) as err:
        raise VaultError(
            "unreadable", "The encryption key file cannot be read."
        ) from err
