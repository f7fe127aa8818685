"""What should happen to a debtor on one day, decided a second time."""

from __future__ import annotations

from datetime import date, timedelta

from . import second_law
from .facts import Bill, History, Outcome, Rung, Story

LAWFUL = {"NL": ("nl-14-delivered", "nl-14-received"), "BE": ("be-14",), "DE": ()}
LETTER_CENTS = 98


def decide(story: Story, history: History, day: date) -> Outcome:
    """The outcome of a day, from the raw facts."""
    asked = {
        bill.id: bill.get_open(day) - bill.get_contested(day)
        for bill in story.bills
        if bill.get_open(day) > 0 and not is_left_alone(bill, day)
    }
    bills = [bill for bill in story.bills if asked.get(bill.id, 0) > 0]
    due = {bill.id: get_rung(story, history, bill, day) for bill in bills}
    rungs = [rung for rung in due.values() if rung]
    if not rungs or must_wait(story, history, day):
        return Outcome()
    lead = max(rungs, key=lambda rung: rung.level)
    chosen = tuple(bill.id for bill in bills if bill.due < day or due[bill.id])
    claims = [(bill, asked[bill.id]) for bill in bills]
    costs, cost_ids = get_costs(story, history, day, lead, claims)
    interest, each = get_interest(story, history, day, lead, claims)
    if lead.costs == "costs" and isinstance(costs, int):
        charges = [*history.charges, ("costs", costs, cost_ids)]
        history = History(history.sent, history.levels, charges)
    named = get_named(story, history, day, lead, claims, chosen)
    return Outcome(lead.level, chosen, costs, cost_ids, interest, each, named)


def is_left_alone(bill: Bill, day: date) -> bool:
    """Blocked by a person, or paid by instalments that are being kept."""
    return bill.is_blocked or bill.is_planned(day)


def get_rung(story: Story, history: History, bill: Bill, day: date) -> Rung | None:
    """The highest step that the age of a bill reaches and that it has not had."""
    reached = [
        rung for rung in story.rungs if bill.due + rung.days * second_law.DAY <= day
    ]
    best = reached[-1] if reached else None
    return best if best and best.level > history.levels.get(bill.id, 0) else None


def must_wait(story: Story, history: History, day: date) -> bool:
    """Hold, promise, money that is not matched, old data, a term that runs."""
    if story.hold and story.hold[0] <= day < story.hold[1]:
        return True
    if story.promise and story.promise[0] <= day <= story.promise[1]:
        return True
    if story.unmatched and story.unmatched[0] <= day < story.unmatched[1]:
        return True
    if day in story.stale:
        return True
    if not history.sent:
        return False
    last = history.sent[-1]
    free = get_counted_day(last, day) + timedelta(days=last.rung.wait)
    if last.rung.is_formal or story.country == "BE":
        free = max(free, get_lawful_day(story, last, day))
    return free > day


# === ARRIVAL === #


def is_known(sent, day: date) -> bool:
    """Something shows by a day that a message arrived; of letters it is assumed."""
    return sent.rung.channel == "post" or bool(sent.seen and sent.seen <= day)


def get_counted_day(sent, day: date) -> date:
    """The day a term counts from: of what somebody was told, the day of the telling."""
    return sent.seen if sent.is_told and is_known(sent, day) else sent.day


def is_lost(story: Story, history: History, day: date) -> bool:
    """The newest message is a Dutch notice by mail that three days proved nothing of.

    It goes by post, unless nothing of it is owed any more or somebody has to wait.
    """
    if not history.sent or story.country != "NL" or story.kind != "consumer":
        return False
    last = history.sent[-1]
    is_notice = last.rung.is_formal and last.wording == "nl-14-received"
    if not is_notice or is_known(last, day) or (day - last.day).days <= 3:
        return False
    owed = [
        bill
        for bill in story.bills
        if bill.id in last.bill_ids
        and bill.get_open(day) > bill.get_contested(day)
        and not is_left_alone(bill, day)
    ]
    return bool(owed) and not must_wait(story, history.before, day)


def get_lawful_day(story: Story, sent, day: date) -> date:
    return second_law.get_first_lawful_day(
        story.country, story.kind, sent.rung.channel, get_counted_day(sent, day)
    )


def get_notices(story: Story, history: History, bill: Bill, day: date, is_legal=False):
    """Messages about a bill that were sent when it was overdue."""
    found = [
        one
        for one in history.sent
        if bill.id in one.bill_ids and get_counted_day(one, day) > bill.due
    ]
    if not is_legal:
        return found
    return [one for one in found if one.rung.is_formal or story.country == "BE"]


def get_announcements(story: Story, history: History, bill: Bill, day: date):
    """Those that carried the wording of law and named the costs."""
    return [
        one
        for one in get_notices(story, history, bill, day, is_legal=True)
        if one.wording in LAWFUL[story.country] and one.named is not None
    ]


def get_default(story: Story, history: History, bill: Bill, day: date) -> date | None:
    """First day of default in Germany."""
    if story.default_rule == "date":
        return bill.due + second_law.DAY
    days = [bill.due + 31 * second_law.DAY] if story.default_rule == "text" else []
    for sent in get_notices(story, history, bill, day):
        arrived, working = get_counted_day(sent, day), 0
        while working < (3 if sent.rung.channel == "post" else 1):
            arrived += second_law.DAY
            working += second_law.works("DE", arrived)
        days.append(arrived)
    return min(days) if days else None


# === COSTS === #


def get_costs(story, history, day, rung, claims):
    """Costs in cents with the bills they are over, or a refusal's code."""
    if not rung.costs:
        return None, ()
    if story.country == "BE" and story.is_special:
        return "BE-SECTOR", ()
    is_person = story.kind == "consumer"
    if rung.costs == "reminder" and is_person and story.country != "DE":
        return get_reminder(story, history, day, rung, claims)
    booked = [one for one in history.charges if one[0] == rung.costs]
    taken = {bill_id for _kind, _cents, ids in booked for bill_id in ids}
    paid = sum(cents for _kind, cents, _ids in booked)
    fresh = [(b, c) for b, c in claims if b.due < day and b.id not in taken]
    old = [(b, c) for b, c in claims if b.id in taken]
    if not is_person:
        return get_trade_costs(story, rung, fresh, old, paid)
    if story.country == "DE":
        return get_de_costs(story, history, day, rung, claims, paid)
    return get_person_costs(story, history, day, rung, fresh, old, paid)


def probe(story: Story, history: History, day: date, *, is_all: bool):
    """What the law says on any day, also without a step.

    :param is_all: interest too, which takes long
    """
    claims = [
        (bill, bill.get_open(day) - bill.get_contested(day))
        for bill in story.bills
        if bill.get_open(day) > bill.get_contested(day) and not is_left_alone(bill, day)
    ]
    answers = []
    for costs in ("costs", "reminder") if claims else ():
        rung = Rung(1, 0, 0, False, "email", costs=costs, interest=is_all)
        answers.append(get_costs(story, history, day, rung, claims))
        answers.append(get_interest(story, history, day, rung, claims))
    return answers


def lower(cents: int, rung: Rung) -> int:
    """An own tariff only ever lowers."""
    return min(cents, rung.tariff) if rung.tariff else cents


def get_trade_costs(story, rung, fresh, old, paid):
    if not fresh:
        return ("DE-NOT-IN-DEFAULT" if story.country == "DE" else "NOT-DUE"), ()
    ids = tuple(bill.id for bill, _cents in fresh)
    if story.country != "NL":
        return lower(4_000 * len(fresh), rung), ids
    cents = second_law.get_nl_costs(sum(c for _b, c in fresh + old)) - paid
    return ("NL-SPLIT-CLAIMS", ()) if cents <= 0 else (lower(cents, rung), ids)


def get_person_costs(story, history, day, rung, fresh, old, paid):
    """NL and BE: after a notice in vain."""
    is_nl = story.country == "NL"
    if not is_nl and not story.has_clause:
        return "BE-NO-CLAUSE", ()
    ready, codes = [], []
    for bill, cents in fresh:
        told = get_announcements(story, history, bill, day)
        ends = [
            get_lawful_day(story, one, day)
            for one in told
            if not is_nl or is_known(one, day)
        ]
        if ends and min(ends) <= day:
            ready.append((bill, cents))
        elif ends:
            codes.append("term")
        elif told:
            codes.append("proof")
        else:
            found = get_notices(story, history, bill, day, is_legal=True)
            codes.append("wording" if found else "none")
    if not ready:
        return get_reason(is_nl, codes), ()
    cents = second_law.get_scale(story.country, sum(c for _b, c in ready + old)) - paid
    if cents <= 0 or (not is_nl and rung.tariff > cents):
        return ("NL-SPLIT-CLAIMS" if is_nl else "BE-CAP"), ()
    announced = max(
        one.named
        for bill, _cents in ready
        for one in get_announcements(story, history, bill, day)
        if get_lawful_day(story, one, day) <= day and (not is_nl or is_known(one, day))
    )
    ids = tuple(bill.id for bill, _cents in ready)
    return lower(min(cents, announced), rung), ids


def get_reason(is_nl, codes):
    if not codes:
        return "NOT-DUE"
    if not is_nl:
        return "BE-WAIT-14"
    if "term" in codes:
        return "NL-TERM-NOT-OVER"
    first = next((code for code in codes if code != "none"), "none")
    return {
        "wording": "NL-WORDING-INVALID",
        "proof": "NL-NO-PROOF-OF-ARRIVAL",
        "none": "NL-NO-14-DAY-LETTER",
    }[first]


def get_de_costs(story, history, day, rung, claims, paid):
    starts = {
        bill.id: get_default(story, history, bill, day) for bill, _cents in claims
    }
    ids = tuple(one for one, start in starts.items() if start and start <= day)
    if not ids:
        return "DE-NOT-IN-DEFAULT", ()
    if rung.tariff:
        return ("DE-CONSUMER-FLAT-FEE", ()) if rung.tariff > 250 else (rung.tariff, ids)
    first = min(start for start in starts.values() if start)
    letters = [
        one for one in history.sent if one.rung.channel == "post" and one.day >= first
    ]
    cents = LETTER_CENTS * len(letters) - paid
    return ("NO-COST", ()) if cents <= 0 else (cents, ids)


def get_reminder(story, history, day, rung, claims):
    if story.country == "NL":
        return "NL-COSTS-ONLY", ()
    if not story.has_clause:
        return "BE-NO-CLAUSE", ()
    reminded = {
        bill.due
        for bill in story.bills
        for one in history.sent
        if bill.id in one.bill_ids
    }
    costly, free = [], []
    for bill, _cents in claims:
        if bill.due >= day:
            continue
        told = get_notices(story, history, bill, day)
        earlier = [
            one for one in reminded if one < bill.due and one.year == bill.due.year
        ]
        if not told:
            (costly if len(earlier) >= 3 else free).append(
                bill.id if len(earlier) >= 3 else "BE-FREE-THREE-PER-YEAR"
            )
        elif get_lawful_day(story, told[0], day) > day:
            free.append("BE-WAIT-14")
        else:
            costly.append(bill.id)
    if not costly:
        return (free[0] if free else "NOT-DUE"), ()
    if rung.tariff > 750:
        return "BE-CAP", ()
    return lower(750, rung), tuple(costly)


# === INTEREST, ANNOUNCING === #


def get_interest(story, history, day, rung, claims):
    """Interest in cents with its parts by bill, or a refusal's code."""
    if not rung.interest:
        return None, ()
    agreed = story.agreed if story.has_clause else ""
    each, reason = [], "NO-COST"
    for bill, _cents in claims:
        start = get_interest_start(story, history, bill, day)
        if isinstance(start, str):
            reason = start
            continue
        if start >= day:
            continue
        total = second_law.get_interest(
            story.country,
            story.kind,
            agreed,
            bill,
            start,
            day,
            is_thirty=story.is_thirty,
        )
        if total is None:
            return "RATE-MISSING", ()
        rest = total - history.interest.get(bill.id, 0)
        if rest > 0:
            each.append((bill.id, rest))
    if not each:
        return reason, ()
    return sum(cents for _id, cents in each), tuple(each)


def get_interest_start(story, history, bill, day):
    if story.kind == "business" or story.country == "NL":
        return bill.due + second_law.DAY
    if story.country == "DE":
        return get_default(story, history, bill, day) or "DE-NOT-IN-DEFAULT"
    told = [
        one
        for one in get_notices(story, history, bill, day)
        if one.wording in LAWFUL["BE"]
    ]
    return get_lawful_day(story, told[0], day) if told else "BE-WAIT-14"


def get_named(story, history, day, rung, claims, chosen):
    """What a notice of today announces: the scale over all, less what is booked."""
    if story.kind != "consumer" or story.country == "DE":
        return None
    if story.country == "NL" and not rung.is_formal:
        return None
    if story.country == "BE" and (not story.has_clause or story.is_special):
        return None
    booked = [one for one in history.charges if one[0] == "costs"]
    taken = {bill_id for _kind, _cents, ids in booked for bill_id in ids}
    total = sum(
        cents
        for bill, cents in claims
        if bill.due < day and (bill.id in chosen or bill.id in taken)
    )
    if not total:
        return None
    rest = second_law.get_scale(story.country, total) - sum(c for _k, c, _i in booked)
    return rest if rest > 0 else None
