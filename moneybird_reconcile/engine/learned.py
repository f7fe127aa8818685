"""Rules that manual matches teach, and how they would have done in the past.

A rule says under which name a customer pays ("Fam. Jansen" pays for Piet de Boer), or
on which account payments of a payer go (the bank's own costs). It is one piece of
evidence like any other: it never books by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .names import normalise_name


@dataclass(frozen=True)
class Past:
    """A receipt that is done: who paid, and where it went.

    :param target: customer or account, in the words of the rules
    """

    payer: str
    target: str


@dataclass(frozen=True)
class BackTest:
    """What a rule would have said about receipts that are done."""

    right: int = 0
    wrong: int = 0

    @property
    def is_good(self) -> bool:
        """Tell whether it was right at least once and never wrong."""
        return self.right > 0 and not self.wrong


def back_test(payer: str, target: str, past: Iterable[Past]) -> BackTest:
    """Play a rule over the past.

    >>> done = [Past("Fam. Jansen", "c:1"), Past("FAM JANSEN", "c:2"), Past("X", "c:1")]
    >>> back_test("fam jansen", "c:1", done)
    BackTest(right=1, wrong=1)
    """
    key = normalise_name(payer)
    met = [one.target == target for one in past if normalise_name(one.payer) == key]
    return BackTest(right=sum(met), wrong=len(met) - sum(met))
