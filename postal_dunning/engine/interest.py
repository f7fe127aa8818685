"""Statutory interest over open claims, day by day as the rates of law change.

A year has 365 days, a leap year 366; where the law lets it (``interest_360``, the
German order for payment) months of thirty days and years of 360 may be counted. What a
claim owes is summed exactly and rounded once. A day without a rate refuses all of it.

    >>> from datetime import date
    >>> book = law.RuleBook([
    ...     law.Rule("DE", "consumer", "interest_rate", Decimal("6.27"),
    ...              date(2026, 1, 1), date(2026, 6, 30)),
    ...     law.Rule("DE", "consumer", "interest_rate", Decimal("6.52"),
    ...              date(2026, 7, 1), date(2026, 12, 31))])
    >>> balances = ((date(2026, 6, 1), Decimal(1000)),)
    >>> claim = Running(7, date(2026, 6, 1), balances)
    >>> ask = Terms("DE", "consumer")
    >>> decide_interest(book, ask, (claim,), date(2026, 7, 31)).value
    Decimal('10.51')
    >>> get_days(date(2026, 1, 31), date(2026, 3, 1), THIRTY), get_length(2024, THIRTY)
    (31, 360)
    >>> decide_interest(book, ask, (claim,), date(2027, 1, 2)).code
    'RATE-MISSING'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from . import fees, law

HUNDRED = Decimal(100)

#: ways to count days: each as it is, or months of thirty days in a year of 360
ACTUAL = "actual"
THIRTY = "30/360"


def get_days(start: date, end: date, day_count: str) -> int:
    """Days from ``start`` to the day before ``end``.

    >>> get_days(date(2026, 2, 28), date(2026, 3, 1), ACTUAL)
    1
    >>> get_days(date(2026, 2, 28), date(2026, 3, 1), THIRTY)
    3
    >>> get_days(date(2026, 7, 1), date(2026, 8, 1), THIRTY)
    30
    """
    if day_count == ACTUAL:
        return (end - start).days
    first, last = min(start.day, 30), min(end.day, 30)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def get_length(year: int, day_count: str) -> int:
    """Days of a year."""
    if day_count == THIRTY:
        return 360
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


@dataclass(frozen=True)
class Running:
    """A claim over which interest runs.

    :param start: first day that counts
    :param balances: (day, principal open from that day on), oldest first
    :param charged: interest booked earlier over this claim
    """

    id: int
    start: date
    balances: tuple[tuple[date, Decimal], ...]
    charged: Decimal = Decimal(0)


@dataclass(frozen=True)
class Terms:
    """Whose interest, and what was agreed.

    :param agreed: agreed percent a year, ``None`` for the rate of law
    :param day_count: ``30/360`` counts where the law lets it, else days as they are
    """

    country: str
    debtor: str
    agreed: Decimal | None = None
    day_count: str = ACTUAL


@dataclass(frozen=True)
class Piece:
    """A stretch of days with one rate and one principal; ``end`` does not count."""

    start: date
    end: date
    rate: Decimal
    principal: Decimal
    day_count: str = ACTUAL

    @property
    def interest(self) -> Decimal:
        """Exact interest of the stretch, which lies inside one year."""
        days = get_days(self.start, self.end, self.day_count)
        length = get_length(self.start.year, self.day_count)
        return self.principal * self.rate * days / HUNDRED / length

    def __str__(self) -> str:
        """The step of the sum, for people."""
        last = self.end - timedelta(days=1)
        principal = fees.round_cent(self.principal)
        how = f" ({self.day_count})" if self.day_count != ACTUAL else ""
        return f"{self.start}..{last}: {principal} x {self.rate} %{how}"


def find_start(
    book: law.RuleBook, terms: Terms, claim: fees.Claim
) -> date | law.Refusal:
    """First day of interest over a claim.

    From default: the day after the due date, for a consumer in Germany the day of
    default, for one in Belgium the end of the term of the first reminder.
    """
    after = claim.due + timedelta(days=1)
    if terms.debtor == law.BUSINESS or terms.country == "NL":
        return after
    if terms.country == "DE":
        return claim.default_since or law.Refusal(law.DE_DEFAULT)
    if terms.country != "BE":
        return law.Refusal(law.RULE_MISSING)
    lawful = [
        one
        for one in claim.notices
        if one.sent > claim.due and one.wording in fees.LAWFUL["BE"]
    ]
    if not lawful:
        return law.Refusal(law.BE_WAIT)
    return law.get_term_end(book, "BE", terms.debtor, lawful[0])


def find_rate(book: law.RuleBook, terms: Terms, day: date) -> Decimal | None:
    """Percent a year on one day, ``None`` without a rule.

    What was agreed holds up to the cap of law; without a cap the rate of law holds,
    so that nobody is asked more than the law grants.
    """
    key = (terms.country, terms.debtor)
    if terms.agreed is None:
        return book.get_value(*key, "interest_rate", day)
    cap = book.get_value(*key, "interest_cap", day)
    if cap is None:
        cap = book.get_value(*key, "interest_rate", day)
    return None if cap is None else min(terms.agreed, cap)


def find_day_count(book: law.RuleBook, terms: Terms, start: date) -> str:
    """How the days of a claim are counted: as wanted where the law lets it."""
    may_count = book.get_value(terms.country, terms.debtor, "interest_360", start)
    return THIRTY if terms.day_count == THIRTY and may_count else ACTUAL


def add_years(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _get_principal(claim: Running, day: date) -> Decimal:
    amount = Decimal(0)
    for since, balance in claim.balances:
        if since <= day:
            amount = balance
    return amount


def _get_breaks(
    book: law.RuleBook, terms: Terms, claim: Running, until: date
) -> list[date]:
    """Days on which something changes: rate, principal, year, anniversary."""
    years = until.year - claim.start.year + 1
    days = {claim.start, until}
    days |= {date(claim.start.year + count, 1, 1) for count in range(1, years + 1)}
    days |= {add_years(claim.start, count) for count in range(1, years + 1)}
    days |= {since for since, _balance in claim.balances}
    for code in ("interest_rate", "interest_cap"):
        days.update(book.get_changes(terms.country, terms.debtor, code))
    return sorted(day for day in days if claim.start <= day <= until)


def _get_pieces(
    book: law.RuleBook, terms: Terms, claim: Running, until: date
) -> Iterator[Piece | None]:
    """Stretches of constant rate and principal; ``None`` where a rate is missing."""
    breaks = _get_breaks(book, terms, claim, until)
    day_count = find_day_count(book, terms, claim.start)
    for start, end in pairwise(breaks):
        principal = _get_principal(claim, start)
        if principal <= 0:
            continue
        rate = find_rate(book, terms, start)
        if rate is None or find_rate(book, terms, end - timedelta(days=1)) is None:
            yield None
            return
        yield Piece(start, end, rate, principal, day_count)


def get_interest(
    book: law.RuleBook, terms: Terms, claim: Running, until: date
) -> tuple[Decimal, tuple[str, ...]] | None:
    """Exact interest from the start to the day before ``until``, with its steps.

    Where the law says so (NL, art. 6:119 par. 2 BW) the interest of each full year
    becomes principal.
    """
    compounds = book.get_value(
        terms.country, terms.debtor, "interest_compounds", claim.start
    )
    total, added = Decimal(0), Decimal(0)
    years = 1
    steps: list[str] = []
    for piece in _get_pieces(book, terms, claim, until):
        if piece is None:
            return None
        while compounds and piece.start >= add_years(claim.start, years):
            added, years = total, years + 1
        piece = replace(piece, principal=piece.principal + added)
        total += piece.interest
        steps.append(str(piece))
    return total, tuple(steps)


def decide_interest(
    book: law.RuleBook, terms: Terms, claims: tuple[Running, ...], until: date
) -> fees.Amount | law.Refusal:
    """Interest that may be booked on ``until``, less what was booked before."""
    value = Decimal(0)
    ids: list[int] = []
    steps: list[str] = []
    for claim in claims:
        if claim.start >= until:
            continue
        found = get_interest(book, terms, claim, until)
        if found is None:
            return law.Refusal(law.RULE_MISSING)
        rest = fees.round_cent(found[0]) - claim.charged
        if rest > 0:
            value += rest
            ids.append(claim.id)
            steps += found[1]
    if value <= 0:
        return law.Refusal(fees.NO_COST)
    code = f"{terms.country}-INTEREST"
    return fees.Amount(value, code, tuple(ids), steps=tuple(steps))
