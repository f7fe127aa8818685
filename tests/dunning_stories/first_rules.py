"""The same day decided by the product's own engine."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.postal_dunning.engine import (
    disagreement,
    fees,
    guards,
    interest,
    law,
    steps,
)

from .facts import History, Outcome, Rung, Story

LETTER = Decimal("0.98")


def to_money(cents: int) -> Decimal:
    return Decimal(cents) / 100


def to_cents(amount: Decimal) -> int:
    return int(amount * 100)


def decide(book: law.RuleBook, story: Story, history: History, day: date) -> Outcome:
    """The outcome of a day, as the engine sees it."""
    debtor = build_debtor(story, history, day)
    policy = tuple(steps.Step(one.level, one.days, one.wait) for one in story.rungs)
    decision = steps.decide(debtor, policy, today=day, book=book)
    if not decision.step:
        return Outcome()
    rung = story.rungs[decision.step.level - 1]
    costs, cost_ids = decide_costs(book, story, history, day, debtor, rung)
    owed, each = decide_interest(book, story, history, day, debtor, rung)
    if rung.costs == "costs" and isinstance(costs, int):
        charges = [*history.charges, ("costs", costs, cost_ids)]
        history = History(history.sent, history.levels, charges)
    named = announce(book, story, history, day, debtor, rung, decision.item_ids)
    return Outcome(
        decision.step.level, decision.item_ids, costs, cost_ids, owed, each, named
    )


def to_notice(sent, day: date) -> law.Notice:
    """A message as it is known on a day."""
    named = None if sent.named is None else to_money(sent.named)
    is_seen = sent.seen is not None and sent.seen <= day
    return law.Notice(
        sent.seen if is_seen and sent.is_told else sent.day,
        sent.rung.channel,
        sent.rung.is_formal,
        sent.wording,
        named,
        is_proven=is_seen or sent.rung.channel != law.EMAIL,
    )


def is_lost(book: law.RuleBook, story: Story, history: History, day: date) -> bool:
    """Whether the newest message goes by post today, as the models ask the engine."""
    last = history.sent[-1] if history.sent else None
    if not last or last.wording != fees.WORDING_NL_MAIL:
        return False
    notice = to_notice(last, day)
    due = law.get_post_day(book, story.country, story.kind, notice)
    if notice.is_proven or not due or due > day:
        return False
    # A message that is looked at again leaves no trace of its own.
    debtor = build_debtor(story, history.before, day)
    allowed, _refused = guards.sort_items(debtor)
    is_open = any(item.id in last.bill_ids and item.asked for item in allowed)
    return is_open and not guards.find_debtor_refusals(debtor, book, day)


def build_debtor(story: Story, history: History, day: date) -> steps.Debtor:
    items = []
    for bill in story.bills:
        if bill.get_open(day) <= 0:
            continue
        item = steps.Item(
            bill.id,
            bill.due,
            to_money(bill.get_open(day)),
            history.levels.get(bill.id, 0),
            is_blocked=bill.is_blocked,
        )
        contested = to_money(bill.get_contested(day))
        agreed = disagreement.Agreement(contested, is_in_plan=bill.is_planned(day))
        items.append(agreed.apply(item))
    last = history.sent[-1] if history.sent else None
    return steps.Debtor(
        items=tuple(items),
        country=story.country,
        kind=story.kind,
        hold_until=_get_end(story.hold, day),
        promised_until=_get_end(story.promise, day),
        unmatched=Decimal(_get_end(story.unmatched, day, is_open=True) is not None),
        last=to_notice(last, day) if last else None,
        last_wait_days=last.rung.wait if last else 0,
        is_stale=day in story.stale,
    )


def _get_end(span, day, is_open=False):
    """End of a span that began, ``None`` before it (and after it, when asked)."""
    if not span or day < span[0] or (is_open and day >= span[1]):
        return None
    return span[1]


def build_claims(
    story, history, day, debtor, booked_kind="costs"
) -> tuple[fees.Claim, ...]:
    charged = {
        bill_id
        for kind, _cents, ids in history.charges
        if kind == booked_kind
        for bill_id in ids
    }
    reminded = {
        bill.due
        for bill in story.bills
        for sent in history.sent
        if bill.id in sent.bill_ids
    }
    claims = []
    for item in debtor.items:
        if guards.find_item_refusal(item):
            continue
        notices = tuple(
            to_notice(one, day) for one in history.sent if item.id in one.bill_ids
        )
        earlier = {
            due for due in reminded if due < item.due and due.year == item.due.year
        }
        claims.append(
            fees.Claim(
                item.id,
                item.due,
                item.asked,
                notices,
                is_charged=item.id in charged,
                default_since=law.get_default_day(
                    story.country, item.due, notices, story.default_rule
                ),
                rank=1 + len(earlier),
            )
        )
    return tuple(claims)


def decide_costs(book, story, history, day, debtor, rung: Rung):
    if not rung.costs:
        return None, ()
    claims = build_claims(story, history, day, debtor, rung.costs)
    starts = [one.default_since for one in claims if one.default_since]
    letters = [
        one
        for one in history.sent
        if starts and one.rung.channel == "post" and one.day >= min(starts)
    ]
    charged = sum(cents for kind, cents, _ids in history.charges if kind == rung.costs)
    ask = fees.Ask(
        story.country,
        story.kind,
        claims,
        charged=to_money(charged),
        wanted=to_money(rung.tariff) if rung.tariff else None,
        has_clause=story.has_clause,
        is_special=story.is_special,
        real_costs=LETTER * len(letters),
    )
    is_costs = rung.costs == "costs"
    answer = (fees.decide_costs if is_costs else fees.decide_reminder)(book, ask, day)
    if isinstance(answer, law.Refusal):
        return answer.code, ()
    return to_cents(answer.value), answer.claim_ids


def decide_interest(book, story, history, day, debtor, rung: Rung):
    if not rung.interest:
        return None, ()
    agreed = Decimal(story.agreed) if story.agreed and story.has_clause else None
    wanted = interest.THIRTY if story.is_thirty else interest.ACTUAL
    terms = interest.Terms(story.country, story.kind, agreed, wanted)
    bills = {bill.id: bill for bill in story.bills}
    each, reason = [], fees.NO_COST
    for claim in build_claims(story, history, day, debtor):
        start = interest.find_start(book, terms, claim)
        if isinstance(start, law.Refusal):
            reason = start.code
            continue
        running = _build_running(bills[claim.id], start, history)
        answer = interest.decide_interest(book, terms, (running,), day)
        if isinstance(answer, fees.Amount):
            each.append((claim.id, to_cents(answer.value)))
        elif answer.code != fees.NO_COST:
            return answer.code, ()
    if not each:
        return reason, ()
    return sum(cents for _id, cents in each), tuple(each)


def _build_running(bill, start, history) -> interest.Running:
    left = bill.cents
    balances = [(bill.due - timedelta(days=30), to_money(left))]
    for paid, cents in bill.payments:
        left -= cents
        balances.append((paid, to_money(left)))
    charged = to_money(history.interest.get(bill.id, 0))
    return interest.Running(bill.id, start, tuple(balances), charged)


def announce(book, story, history, day, debtor, rung, chosen):
    """What the models name in a notice, from the engine's scale."""
    is_nl = story.country == "NL"
    if story.kind != law.CONSUMER or story.country == "DE":
        return None
    if is_nl and not rung.is_formal:
        return None
    if not is_nl and (not story.has_clause or story.is_special):
        return None
    claims = build_claims(story, history, day, debtor)
    principal = sum(
        one.open
        for one in claims
        if one.due < day and (one.id in chosen or one.is_charged)
    )
    if not principal:
        return None
    scale = fees.get_scale(book, story.country, story.kind, principal, day)
    booked = sum(cents for kind, cents, _ids in history.charges if kind == "costs")
    rest = to_cents(scale) - booked
    return rest if rest > 0 else None


def probe(book, story: Story, history: History, day: date, *, is_all: bool):
    """What the engine says on any day, also without a step.

    :param is_all: interest too, which takes long
    """
    debtor = build_debtor(story, history, day)
    answers = []
    is_open = bool(build_claims(story, history, day, debtor))
    for costs in ("costs", "reminder") if is_open else ():
        rung = Rung(1, 0, 0, False, "email", costs=costs, interest=is_all)
        answers.append(decide_costs(book, story, history, day, debtor, rung))
        answers.append(decide_interest(book, story, history, day, debtor, rung))
    return answers
