"""What must be true before a step: small functions, asked in order.

They are asked when a step is planned, when it is carried out and once more when
a letter is handed to the printer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from . import law, steps

PAID = "PAID"
BLOCKED = "BLOCKED"
NO_FOLLOWUP = "NO-FOLLOWUP"
PENDING_MONEY = "PENDING-MONEY"
ON_HOLD = "ON-HOLD"
STALE = "PAYMENT-DATA-STALE"
UNMATCHED = "UNMATCHED-MONEY"
UNDER_WAY = "LETTER-UNDER-WAY"
DISPUTED = "DISPUTED"
IN_PLAN = "IN-PLAN"
PROMISED = "PROMISED"
COLLECTOR = "WITH-COLLECTOR"
ONLY_CHARGES = "ONLY-CHARGES"


def is_paid(item: steps.Item) -> str:
    return PAID if item.residual <= 0 else ""


def is_blocked(item: steps.Item) -> str:
    """Blocked in the books: disputed or otherwise taken out by a person."""
    return BLOCKED if item.is_blocked else ""


def is_excluded(item: steps.Item) -> str:
    return NO_FOLLOWUP if item.is_excluded else ""


def is_pending(item: steps.Item) -> str:
    """A payment of this item is on its way."""
    return PENDING_MONEY if item.is_pending else ""


def is_disputed(item: steps.Item) -> str:
    """All of it is contested; of a part only the rest is asked for."""
    return DISPUTED if item.asked <= 0 else ""


def is_in_plan(item: steps.Item) -> str:
    return IN_PLAN if item.is_in_plan else ""


ITEM_GUARDS: tuple[Callable[[steps.Item], str], ...] = (
    is_paid,
    is_blocked,
    is_excluded,
    is_pending,
    is_disputed,
    is_in_plan,
)


def find_item_refusal(item: steps.Item) -> str:
    """Why an item is left alone: no reminder of it, no costs and no interest over it.

    :return: a code, empty for an item that may be reminded of
    """
    return next((code for guard in ITEM_GUARDS if (code := guard(item))), "")


def is_on_hold(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    if debtor.hold_until is None or debtor.hold_until <= today:
        return None
    return steps.Refusal(ON_HOLD, until=debtor.hold_until)


def is_promised(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    """A promise to pay is waited for."""
    if debtor.promised_until is None or debtor.promised_until < today:
        return None
    return steps.Refusal(PROMISED, until=debtor.promised_until + timedelta(days=1))


def is_with_collector(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    """Nobody is reminded by two sides."""
    return steps.Refusal(COLLECTOR) if debtor.is_with_collector else None


def is_stale(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    return steps.Refusal(STALE) if debtor.is_stale else None


def has_unmatched_money(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    return steps.Refusal(UNMATCHED) if debtor.unmatched > 0 else None


def is_under_way(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    return steps.Refusal(UNDER_WAY) if debtor.is_under_way else None


def is_waiting(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> steps.Refusal | None:
    """The last message still gives time, by law or by the policy."""
    rest = steps.get_rest_end(debtor, book)
    return rest if rest and rest.until and rest.until > today else None


DEBTOR_GUARDS = (
    is_on_hold,
    is_with_collector,
    is_promised,
    is_stale,
    has_unmatched_money,
    is_under_way,
    is_waiting,
)


def sort_items(
    debtor: steps.Debtor,
) -> tuple[list[steps.Item], tuple[steps.Refusal, ...]]:
    """Items that may be reminded of, and why the others may not."""
    allowed: list[steps.Item] = []
    refused: dict[str, list[int]] = {}
    for item in debtor.items:
        if code := find_item_refusal(item):
            refused.setdefault(code, []).append(item.id)
        else:
            allowed.append(item)
    if allowed and all(item.is_charge for item in allowed):
        refused[ONLY_CHARGES] = [item.id for item in allowed]
        allowed = []
    return allowed, tuple(
        steps.Refusal(code, tuple(ids)) for code, ids in refused.items()
    )


def find_debtor_refusals(
    debtor: steps.Debtor, book: law.RuleBook | None, today: date
) -> tuple[steps.Refusal, ...]:
    """Everything that keeps this debtor from a step today."""
    answers = (guard(debtor, book, today) for guard in DEBTOR_GUARDS)
    return tuple(answer for answer in answers if answer)


#: what also keeps a debtor from being reminded of an instalment; a plan is a promise,
#: and its reminders do not wait for one another
PLAN_GUARDS = (is_on_hold, is_with_collector, is_stale, has_unmatched_money)


def find_plan_refusals(
    debtor: steps.Debtor, item_ids: set[int], today: date
) -> tuple[str, ...]:
    """Codes that keep this debtor from a reminder of an instalment today.

    :param item_ids: items that the plan is about; being in it is no reason
    """
    answers = (guard(debtor, None, today) for guard in PLAN_GUARDS)
    codes = [answer.code for answer in answers if answer]
    free = [
        replace(item, is_in_plan=False) for item in debtor.items if item.id in item_ids
    ]
    refused = [find_item_refusal(item) for item in free]
    if PENDING_MONEY in refused:
        codes.append(PENDING_MONEY)
    elif refused and all(refused):
        codes.append(refused[0])
    return tuple(codes)
