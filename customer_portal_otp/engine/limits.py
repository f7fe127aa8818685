"""How many codes may be asked for, and what a visitor is told otherwise.

The counts come from the database (shared by all workers), the decision is
made here. Order matters: the narrowest limit is named first, because its
words help the visitor most.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds; the defaults are those of the design notes."""

    mailbox_hour: int = 5
    mailbox_day: int = 10
    network_hour: int = 30
    database_hour: int = 1000
    wrong_day: int = 2000
    captcha_from: int = 3
    declaration_hour: int = 10


@dataclass(frozen=True)
class Verdict:
    """``reason`` is empty when the request may go on.

    :ivar reason: ``mailbox``, ``network``, ``database`` or empty
    :ivar wait_minutes: when trying again makes sense
    """

    reason: str = ""
    wait_minutes: int = 0

    @property
    def is_allowed(self) -> bool:
        return not self.reason


def decide(counts: Mapping[str, int], limits: Limits) -> Verdict:
    """Decide about one more code.

    :param counts: codes asked for so far: ``mailbox_hour``, ``mailbox_day``,
        ``network_hour``, ``database_hour``

    >>> decide({"mailbox_hour": 4}, Limits()).is_allowed
    True
    >>> decide({"mailbox_hour": 5}, Limits())
    Verdict(reason='mailbox', wait_minutes=60)
    >>> decide({"mailbox_hour": 1, "mailbox_day": 10}, Limits()).wait_minutes
    1440
    """
    if counts.get("mailbox_day", 0) >= limits.mailbox_day:
        return Verdict("mailbox", 24 * 60)
    if counts.get("mailbox_hour", 0) >= limits.mailbox_hour:
        return Verdict("mailbox", 60)
    if counts.get("network_hour", 0) >= limits.network_hour:
        return Verdict("network", 60)
    if counts.get("database_hour", 0) >= limits.database_hour:
        return Verdict("database", 60)
    return Verdict()
