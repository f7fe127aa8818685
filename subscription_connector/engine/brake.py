"""Whether a billing run looks as it should, before anything of it is made.

A wrong start date, a price typed with a zero too many, or an import that ran twice
show in the whole before they show in one invoice. The brake compares the run with what
the same customers paid last, with what is overdue, and with the runs before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

#: A run with fewer invoices is never held: a few odd ones are seen one by one.
FEWEST = 20

#: A run this many times larger than the largest of the last year is odd.
TIMES_LARGER = 5

#: Runs that must have been before their size says anything.
RUNS_KNOWN = 3


@dataclass(frozen=True)
class Facts:
    """What a run would do.

    :param invoices: number of invoices
    :param late: those of periods that should have been billed by earlier runs
    :param amount: what customers that were billed before would pay, per period
    :param amount_last: what the same customers paid for their last period
    :param runs: earlier runs within a year
    :param largest: invoices of the largest of them
    """

    invoices: int
    late: int
    amount: Decimal
    amount_last: Decimal
    runs: int
    largest: int


def judge(facts: Facts, percent: int) -> tuple[str, ...]:
    """Return why the run should wait for a person: ``late``, ``amount``, ``size``.

    :param int percent: how much may differ; 0 switches the brake off

    >>> usual = Facts(100, 0, Decimal(1500), Decimal(1480), 12, 110)
    >>> judge(usual, 50)
    ()
    >>> judge(Facts(100, 60, Decimal(1500), Decimal(1480), 12, 110), 50)
    ('late',)
    >>> judge(Facts(100, 0, Decimal(15000), Decimal(1480), 12, 110), 50)
    ('amount',)
    >>> judge(Facts(600, 0, Decimal(0), Decimal(0), 12, 110), 50)
    ('size',)
    """
    if not percent or facts.invoices < FEWEST:
        return ()
    reasons = []
    if facts.late * 100 > facts.invoices * percent:
        reasons.append("late")
    if abs(facts.amount - facts.amount_last) * 100 > facts.amount_last * percent:
        reasons.append("amount")
    if facts.runs >= RUNS_KNOWN and facts.invoices > facts.largest * TIMES_LARGER:
        reasons.append("size")
    return tuple(reasons)
