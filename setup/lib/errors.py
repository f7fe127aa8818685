"""Errors that a person can do something about: one line, what and what to do."""

from __future__ import annotations

import errno
import re
from pathlib import Path

_KNOWN = (
    (
        re.compile(r"(?i)no space left on device|disk full|could not extend file"),
        "The disk is full",
        "Free some space and run the command again.",
    ),
    (
        re.compile(
            r"(?i)could not resolve|temporary failure|name or service not known|"
            r"network is unreachable|connection (refused|timed out)|failed to fetch|"
            r"max retries exceeded|newconnectionerror|could not connect",
        ),
        "No network",
        (
            "Check the connection (and proxy settings) and run the command again; "
            "it goes on where it stopped."
        ),
    ),
    (
        re.compile(r"(?i)permission denied|are you root|operation not permitted"),
        "No right to do this",
        "Run the command as root or as a user with sudo.",
    ),
)


_FULL = "Free some space and run the command again."
_CLOSED = (
    "Run the command as the user to whom this folder belongs, or in a checkout of "
    "your own."
)
_OF_THE_SYSTEM = {
    errno.ENOSPC: ("The disk is full ({})", _FULL),
    errno.EDQUOT: ("Your share of the disk is full ({})", _FULL),
    errno.EACCES: ("No right to use {}", _CLOSED),
    errno.EPERM: ("No right to use {}", _CLOSED),
    errno.EROFS: ("Nothing can be written to {}", _CLOSED),
}


class SetupError(Exception):
    """Something a person can put right.

    :param what: what is the matter, one sentence without full stop
    :param remedy: what to do about it, one or two sentences
    """

    def __init__(self, what: str, remedy: str):
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


def from_system(error: OSError) -> SetupError | None:
    """Turn a refusal of the system into an error a person understands.

    :return: nothing when it is none that a person can do something about
    """
    if error.errno not in _OF_THE_SYSTEM:
        return None
    what, remedy = _OF_THE_SYSTEM[error.errno]
    return SetupError(what.format(error.filename or "this folder"), remedy)


def from_output(doing: str, output: str, log: Path | None = None) -> SetupError:
    """Turn the output of a failed program into an error a person understands.

    :param doing: what was being done, e.g. ``"Installing Python packages"``
    :param output: what the program printed
    :param log: file that holds all of it
    """
    for pattern, what, remedy in _KNOWN:
        if pattern.search(output):
            return SetupError(f"{doing} failed: {what.lower()}", remedy)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # Odoo goes on telling what it does after what went wrong.
    telling = [line for line in lines if " INFO " not in line] or lines
    last = telling[-1][:200] if telling else "no message"
    where = f"See {log}." if log else "Run the command again to see more."
    return SetupError(f"{doing} failed: {last}", where)
