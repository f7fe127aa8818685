"""Where the key lives: outside the database, readable by the server alone."""

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

ENV_KEY = "PORTAL_OTP_KEY"
ENV_KEY_FILE = "PORTAL_OTP_KEY_FILE"
OWN_FILE = "customer_portal_otp.key"
MIN_LENGTH = 32


class KeyMissingError(Exception):
    """No usable key; the text says what to do and holds no secret."""


def read_key(environ: Mapping[str, str], data_dir: str) -> bytes:
    """Return the key of this installation.

    Order: the environment variable ``PORTAL_OTP_KEY``; the file that
    ``PORTAL_OTP_KEY_FILE`` names; a file of our own in Odoo's data directory,
    made at first use. The data directory is where Odoo keeps its sessions, so
    several servers share it already, and a database dump does not contain it.

    :raises KeyMissingError: when the named source cannot be used. A named
        source that is wrong is never replaced by another one silently.
    """
    if value := environ.get(ENV_KEY):
        return _checked(value.encode(), f"the environment variable {ENV_KEY}")
    if path := environ.get(ENV_KEY_FILE):
        return _read_file(Path(path))
    own = Path(data_dir) / OWN_FILE
    if not own.exists():
        _create_file(own)
    return _read_file(own)


def _checked(value: bytes, source: str) -> bytes:
    value = value.strip()
    if len(value) < MIN_LENGTH:
        message = f"{source} is shorter than {MIN_LENGTH} characters"
        raise KeyMissingError(message)
    return value


def _read_file(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        value = path.read_bytes()
    except OSError as err:
        message = f"the key file {path} cannot be read ({err.strerror})"
        raise KeyMissingError(message) from err
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"the key file {path} is open to others: set its mode to 0600"
        raise KeyMissingError(message)
    return _checked(value, f"the key in the file {path}")


def _create_file(path: Path) -> None:
    """Write a new key; the first of two servers wins, both read the same.

    The key is written to a side file and linked into place, so that a reader
    never meets a half-written one.
    """
    side = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as handle:
            handle.write(secrets.token_urlsafe(48).encode())
        try:
            os.link(side, path)
        except FileExistsError:
            return
        finally:
            side.unlink()
    except OSError as err:
        message = f"no key file can be made in {path.parent} ({err.strerror})"
        raise KeyMissingError(message) from err
