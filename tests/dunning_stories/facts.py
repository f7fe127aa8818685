"""Raw facts of a story: dates and whole cents, no decisions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

COUNTRIES = ("NL", "BE", "DE")
WORDINGS = {
    "NL": {"post": "nl-14-delivered", "email": "nl-14-received"},
    "BE": {"post": "be-14", "email": "be-14"},
    "DE": {"post": "", "email": ""},
}
#: days on which calendars are tried: leap days, Easter, Christmas, change of rates
EDGES = (
    date(2024, 2, 29),
    date(2024, 3, 29),
    date(2024, 12, 24),
    date(2025, 4, 18),
    date(2025, 6, 30),
    date(2026, 4, 26),
    date(2026, 12, 23),
)


@dataclass(frozen=True)
class Bill:
    """One open item: what is due, when it was paid, what is contested or in a plan."""

    id: int
    due: date
    cents: int
    payments: tuple[tuple[date, int], ...] = ()
    dispute: tuple[date, date, int] | None = None
    is_blocked: bool = False
    plan: tuple[date, date] | None = None

    def is_planned(self, day: date) -> bool:
        """Paid by instalments, from an agreement until it is broken or cancelled."""
        return self.plan is not None and self.plan[0] <= day < self.plan[1]

    def get_open(self, day: date) -> int:
        return self.cents - sum(cents for paid, cents in self.payments if paid <= day)

    def get_contested(self, day: date) -> int:
        if self.dispute is None or not self.dispute[0] <= day < self.dispute[1]:
            return 0
        return min(self.dispute[2], self.get_open(day))


@dataclass(frozen=True)
class Rung:
    """One step of the policy of a story."""

    level: int
    days: int
    wait: int
    is_formal: bool
    channel: str
    costs: str = ""
    tariff: int = 0
    interest: bool = False


@dataclass(frozen=True)
class Story:
    """A debtor, their bills and what happens to them."""

    country: str
    kind: str
    bills: tuple[Bill, ...]
    rungs: tuple[Rung, ...]
    days: tuple[date, ...]
    has_clause: bool = False
    agreed: str = ""
    is_special: bool = False
    default_rule: str = ""
    hold: tuple[date, date] | None = None
    promise: tuple[date, date] | None = None
    unmatched: tuple[date, date] | None = None
    stale: frozenset[date] = frozenset()
    is_thirty: bool = False


@dataclass(frozen=True)
class Sent:
    """A message that left.

    :param seen: day on which its reader did something, ``None`` for never
    :param is_told: a person noted on that day that the debtor has it, not since when
    """

    day: date
    rung: Rung
    bill_ids: tuple[int, ...]
    wording: str
    named: int | None
    seen: date | None = None
    is_told: bool = False


@dataclass
class History:
    """What was done so far; both rule books read it.

    :param before: what was done before the newest message, ``None`` before the first
    """

    sent: list[Sent] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)
    charges: list[tuple[str, int, tuple[int, ...]]] = field(default_factory=list)
    interest: dict[int, int] = field(default_factory=dict)
    before: History | None = None

    def remember(self) -> None:
        """Keep all this, to come back to when the next message does not arrive."""
        self.before = History(
            list(self.sent),
            dict(self.levels),
            list(self.charges),
            dict(self.interest),
            self.before,
        )


@dataclass(frozen=True)
class Outcome:
    """What happens on one day: amounts in cents, refusals as codes."""

    level: int = 0
    bill_ids: tuple[int, ...] = ()
    costs: int | str | None = None
    cost_ids: tuple[int, ...] = ()
    interest: int | str | None = None
    interest_each: tuple[tuple[int, int], ...] = ()
    named: int | None = None


# === INVENTING === #


def invent(seed: int) -> Story:
    """A story; the same seed always tells the same one."""
    dice = random.Random(seed)  # noqa: S311 - invents tests, guards nothing
    start = _draw_start(dice)
    bills = tuple(
        _draw_bill(dice, number, start) for number in range(1, dice.randint(2, 6))
    )
    first = min(bill.due for bill in bills) - timedelta(days=5)
    days, day = [], first
    for _visit in range(dice.randint(8, 22)):
        day += timedelta(days=dice.randint(1, 19))
        days.append(day)
    return Story(
        country=dice.choice(COUNTRIES),
        kind=dice.choice(("consumer", "consumer", "business")),
        bills=bills,
        rungs=_draw_rungs(dice),
        days=tuple(days),
        has_clause=dice.random() < 0.7,
        agreed=dice.choice(("", "", "3", "8", "12")),
        is_special=dice.random() < 0.05,
        default_rule=dice.choice(("reminder", "date", "text")),
        hold=_draw_span(dice, days, 0.1),
        promise=_draw_span(dice, days, 0.1),
        unmatched=_draw_span(dice, days, 0.08),
        stale=frozenset(one for one in days if dice.random() < 0.03),
        is_thirty=dice.random() < 0.4,
    )


def _draw_start(dice) -> date:
    if dice.random() < 0.4:
        return dice.choice(EDGES) - timedelta(days=dice.randint(0, 60))
    return date(2023, 10, 1) + timedelta(days=dice.randint(0, 1170))


def _draw_cents(dice) -> int:
    """Mostly small debts, and the edges of the scales."""
    edges = (1, 15000, 15001, 26666, 26667, 50000, 50100, 250000, 2000000, 90000000)
    if dice.random() < 0.3:
        return dice.choice(edges)
    return dice.randint(500, dice.choice((5000, 60000, 900000)))


def _draw_bill(dice, number: int, start: date) -> Bill:
    due = start + timedelta(days=dice.randint(0, 120))
    cents, paid, payments = _draw_cents(dice), 0, []
    for _payment in range(dice.choice((0, 0, 1, 1, 2))):
        part = dice.choice((cents - paid, max((cents - paid) // 3, 1)))
        if part <= 0:
            break
        payments.append((due + timedelta(days=dice.randint(-3, 150)), part))
        paid += part
    dispute = None
    if dice.random() < 0.1:
        begin = due + timedelta(days=dice.randint(0, 60))
        part = dice.choice((cents, max(cents // 2, 1)))
        dispute = (begin, begin + timedelta(days=dice.randint(5, 60)), part)
    is_blocked, plan = dice.random() < 0.04, None
    if dice.random() < 0.12:
        begin = due + timedelta(days=dice.randint(1, 90))
        plan = (begin, begin + timedelta(days=dice.randint(10, 120)))
    paid_on = tuple(sorted(payments))
    return Bill(number, due, cents, paid_on, dispute, is_blocked, plan)


def _draw_rungs(dice) -> tuple[Rung, ...]:
    days, rungs = dice.choice((-3, 1, 5, 14)), []
    for level in range(1, dice.randint(2, 6)):
        rungs.append(
            Rung(
                level=level,
                days=days,
                wait=dice.choice((0, 0, 7, 14, 21)),
                is_formal=dice.random() < 0.6,
                channel=dice.choice(("email", "post")),
                costs=dice.choice(("", "costs", "costs", "reminder")),
                tariff=dice.choice((0, 0, 0, 250, 251, 800, 4000)),
                interest=dice.random() < 0.5,
            )
        )
        days += dice.randint(1, 30)
    return tuple(rungs)


def _draw_span(dice, days, chance) -> tuple[date, date] | None:
    if dice.random() >= chance:
        return None
    begin = dice.choice(days)
    return begin, begin + timedelta(days=dice.randint(1, 60))


def draw_wording(story: Story, sent: int, rung: Rung) -> str:
    """The wording that a message carries; now and then it is not lawful."""
    lawful = WORDINGS[story.country][rung.channel]
    needed = rung.is_formal or story.country == "BE"
    if story.kind != "consumer" or not needed or not lawful:
        return ""
    mood = (story.bills[0].cents + sent) % 11
    return {0: "", 1: "nl-14-dated"}.get(mood, lawful)


def draw_arrival(story: Story, sent: int, rung: Rung, day: date):
    """When an e-mail is known to have arrived: at once, late, by a person, never.

    :return: day or ``None``, and whether a person noted it
    """
    if rung.channel == "post":
        return None, False
    mood = (story.bills[0].cents + 5 * sent) % 7
    later = {2: 0, 3: 2, 4: 5, 5: 1, 6: 9}.get(mood)
    if later is None:
        return None, False
    return day + timedelta(days=later), mood > 4
