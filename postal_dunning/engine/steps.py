"""Which step of a policy a debtor gets, and when the next one comes.

The unit is the debtor, not the invoice: whatever is overdue goes into one
message, and the highest step that is due leads. A decision always carries its
reasons, so that "why not?" has an answer on the screen.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> policy = (Step(1, 14), Step(2, 30))
    >>> debtor = Debtor(items=(Item(7, date(2026, 1, 1), Decimal(15)),))
    >>> decide(debtor, policy, today=date(2026, 1, 14)).next_date
    datetime.date(2026, 1, 15)
    >>> decision = decide(debtor, policy, today=date(2026, 1, 31))
    >>> decision.step.level, decision.item_ids
    (2, (7,))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from . import law


@dataclass(frozen=True)
class Step:
    """One step: so many days after the due date, then so many days of rest.

    :param level: rank inside the policy, from 1
    :param days: days after the due date, negative for before
    :param wait_days: days until the next step may come at the earliest
    """

    level: int
    days: int
    wait_days: int = 0


@dataclass(frozen=True)
class Item:
    """An open item (one due date of one invoice).

    :param level: level of the highest step this item already had, 0 for none
    :param disputed: contested part, which is not asked for
    :param is_charge: costs or interest: paid with the rest, never a reason for a step
    """

    id: int
    due: date
    residual: Decimal
    level: int = 0
    is_blocked: bool = False
    is_excluded: bool = False
    is_pending: bool = False
    is_charge: bool = False
    disputed: Decimal = Decimal(0)
    is_in_plan: bool = False

    @property
    def asked(self) -> Decimal:
        """What the debtor is asked to pay of it."""
        return self.residual - self.disputed


@dataclass(frozen=True)
class Debtor:
    """Everything about one debtor in one company that a decision needs.

    :param hold_until: ``None`` = not on hold; ``date.max`` = without an end
    :param promised_until: last day of a promise to pay that still may be kept
    :param is_with_collector: somebody else collects
    :param unmatched: money received that is not yet matched to an item
    :param last: the last message that left, ``None`` for none
    :param last_wait_days: rest days of the step of that message
    :param is_under_way: a letter was made that has not left yet
    :param is_stale: newest bank or provider data is older than allowed
    """

    items: tuple[Item, ...]
    country: str = ""
    kind: str = law.CONSUMER
    hold_until: date | None = None
    promised_until: date | None = None
    is_with_collector: bool = False
    unmatched: Decimal = Decimal(0)
    last: law.Notice | None = None
    last_wait_days: int = 0
    is_under_way: bool = False
    is_stale: bool = False


@dataclass(frozen=True)
class Refusal:
    """A guard's answer: code, the items it concerns, and until when."""

    code: str
    item_ids: tuple[int, ...] = ()
    until: date | None = None


@dataclass(frozen=True)
class Decision:
    """What happens to a debtor today.

    :param step: the step to do now, ``None`` when nothing is to be done
    :param item_ids: the items of that step's message
    :param next_step: the step that comes next (also when ``step`` is refused)
    :param next_date: its day; ``None`` when it waits for something undated
    """

    step: Step | None = None
    item_ids: tuple[int, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())
    next_step: Step | None = None
    next_date: date | None = None


def get_due_step(item: Item, steps: Sequence[Step], today: date) -> Step | None:
    """The highest step whose day has come and which the item has not had."""
    if item.is_charge:
        return None
    age = (today - item.due).days
    due = [step for step in steps if step.days <= age]
    if not due:
        return None
    highest = max(due, key=lambda step: step.level)
    return highest if highest.level > item.level else None


def get_next_step(item: Item, steps: Sequence[Step]) -> tuple[date, Step] | None:
    """The lowest step the item has not had, with the day its age reaches it."""
    coming = [step for step in steps if step.level > item.level]
    if not coming or item.is_charge:
        return None
    step = min(coming, key=lambda step: step.level)
    return item.due + timedelta(days=step.days), step


def get_rest_end(debtor: Debtor, book: law.RuleBook | None) -> Refusal | None:
    """Until when the last message gives the debtor time, with the rule's code."""
    if debtor.last is None:
        return None
    own = debtor.last.sent + timedelta(days=debtor.last_wait_days)
    refusal = Refusal("WAITING-TIME", until=own)
    if book and debtor.last.starts_term(debtor.country):
        end = law.get_term_end(book, debtor.country, debtor.kind, debtor.last)
        if isinstance(end, date) and end > own:
            code = law.TERM_RUNS.get(debtor.country, "WAITING-TIME")
            refusal = Refusal(code, until=end)
    return refusal


def _get_upcoming(
    debtor: Debtor,
    open_items: Sequence[Item],
    steps: Sequence[Step],
    book: law.RuleBook | None,
) -> tuple[date | None, Step | None]:
    """The first step still to come, never before the rest time is over."""
    coming = [found for item in open_items if (found := get_next_step(item, steps))]
    if not coming:
        return None, None
    day, step = min(coming, key=lambda pair: (pair[0], -pair[1].level))
    rest = get_rest_end(debtor, book)
    if rest and rest.until and rest.until > day:
        day = rest.until
    return day, step


def decide(
    debtor: Debtor,
    steps: Sequence[Step],
    *,
    today: date,
    book: law.RuleBook | None = None,
) -> Decision:
    """Decide one debtor. The same code serves preview, run and hand-over."""
    from . import guards

    open_items, refusals = guards.sort_items(debtor)
    due = [step for item in open_items if (step := get_due_step(item, steps, today))]
    if not due:
        day, step = _get_upcoming(debtor, open_items, steps, book)
        return Decision(refusals=refusals, next_step=step, next_date=day)
    lead = max(due, key=lambda step: step.level)
    stops = guards.find_debtor_refusals(debtor, book, today)
    if stops:
        # A stop without an end, or with one nobody knows, gives no date.
        last = max(stop.until or date.max for stop in stops)
        return Decision(
            refusals=refusals + stops,
            next_step=lead,
            next_date=last if last < date.max else None,
        )
    item_ids = tuple(
        item.id
        for item in open_items
        if item.is_charge or item.due < today or get_due_step(item, steps, today)
    )
    return Decision(lead, item_ids, refusals, lead, today)
