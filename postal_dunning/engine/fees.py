"""May costs be asked of a debtor today, and how much at most?

The answer is an :class:`Amount` with the rule that gives it and the steps of the
sum, or a :class:`~.law.Refusal` with the rule's id: never a guess. All values come
from the :class:`~.law.RuleBook`.

How it works: :func:`decide_costs` asks the general guards, then the function of the
country and the kind of debtor (`COSTS`). The unit is the debtor: what the law grants
over a principal is counted over the sum of the claims, less what was booked over
claims that are still open, so that splitting a debt never makes it dearer.

    >>> from datetime import date
    >>> book = law.RuleBook([
    ...     law.Rule("DE", "business", "cost_item", Decimal(40), date(2014, 7, 29))])
    >>> claim = Claim(7, date(2026, 1, 1), Decimal(15))
    >>> ask = Ask("DE", "business", (claim,))
    >>> decide_costs(book, ask, date(2026, 1, 2)).value
    Decimal('40.00')
    >>> decide_costs(book, ask, date(2026, 1, 1)).code
    'DE-NOT-IN-DEFAULT'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from . import law

CENT = Decimal("0.01")

WORDING_NL_POST = "nl-14-delivered"
WORDING_NL_MAIL = "nl-14-received"
WORDING_BE = "be-14"
#: "within 14 days of the date of this letter": always too short (HR 2016:2704)
WORDING_NL_DATED = "nl-14-dated"
#: wordings that give the time and name what the law wants named
LAWFUL = {
    "NL": frozenset({WORDING_NL_POST, WORDING_NL_MAIL}),
    "BE": frozenset({WORDING_BE}),
}

NL_WORDING = "NL-WORDING-INVALID"
NL_VAT = "NL-VAT-NOT-ALLOWED"
NL_SPLIT = "NL-SPLIT-CLAIMS"
NL_COSTS_ONLY = "NL-COSTS-ONLY"
BE_FREE = "BE-FREE-THREE-PER-YEAR"
BE_CAP = "BE-CAP"
BE_NO_CLAUSE = "BE-NO-CLAUSE"
BE_SECTOR = "BE-SECTOR"
DE_FLAT = "DE-CONSUMER-FLAT-FEE"
VAT = "VAT-NOT-ALLOWED"
DISPUTED = "DISPUTED"
ON_HOLD = "ON-HOLD"
STALE = "PAYMENT-DATA-STALE"
NOT_DUE = "NOT-DUE"
NO_COST = "NO-COST"


@dataclass(frozen=True)
class Claim:
    """One open item, without costs and interest.

    :param open: principal that is open today
    :param notices: what was sent about it, oldest first
    :param is_charged: costs over it were booked before
    :param default_since: first day of default (DE), ``None`` when there is none
    :param is_regular: a term of a subscription (BE)
    :param rank: its place among the overdue due dates of its calendar year (BE)
    """

    id: int
    due: date
    open: Decimal
    notices: tuple[law.Notice, ...] = ()
    is_charged: bool = False
    default_since: date | None = None
    is_regular: bool = True
    rank: int = 1


@dataclass(frozen=True)
class Vat:
    """VAT on collection costs: allowed only when all three are true (NL).

    :param rate: percent, ``None`` when no rule is known for the day
    """

    rate: Decimal | None
    uses_collector: bool = False
    cannot_deduct: bool = False
    is_announced: bool = False

    def is_allowed(self) -> bool:
        return self.uses_collector and self.cannot_deduct and self.is_announced


@dataclass(frozen=True)
class Ask:
    """What somebody wants to charge a debtor.

    :param charged: costs booked earlier over claims that are still open
    :param wanted: own tariff of the organisation, ``None`` for what the law grants
    :param chosen: ids of the claims to charge, ``None`` for all
    :param has_clause: costs and interest are agreed in the contract (BE)
    :param clause_rate: agreed interest in percent a year, ``None`` for none
    :param is_special: energy or telecom, which have rules of their own (BE)
    :param real_costs: what letters after default cost at the printer (DE)
    :param postage: price of the stamp of this reminder (BE)
    """

    country: str
    debtor: str
    claims: tuple[Claim, ...]
    charged: Decimal = Decimal(0)
    wanted: Decimal | None = None
    chosen: frozenset[int] | None = None
    has_clause: bool = False
    clause_rate: Decimal | None = None
    is_special: bool = False
    real_costs: Decimal = Decimal(0)
    postage: Decimal = Decimal(0)
    vat: Vat | None = None
    is_stale: bool = False
    is_on_hold: bool = False
    is_disputed: bool = False


@dataclass(frozen=True)
class Amount:
    """What may be asked: never above the law, with the sum in steps."""

    value: Decimal
    code: str
    claim_ids: tuple[int, ...] = ()
    vat: Decimal = Decimal(0)
    steps: tuple[str, ...] = field(default=())


def round_cent(value: Decimal) -> Decimal:
    """Half a cent is rounded up."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def get_scale(
    book: law.RuleBook, country: str, debtor: str, principal: Decimal, day: date
) -> Decimal | None:
    """Most that the law's scale grants over a principal; ``None`` without rules.

    Brackets add up (NL) unless one begins with an amount of its own (BE).
    """
    rates = book.get_brackets(country, debtor, "cost_rate", day)
    if rates is None:
        return None
    bases = book.get_brackets(country, debtor, "cost_base", day) or {}
    starts = sorted(rates)
    total = Decimal(0)
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        if start and principal <= start:
            break
        part = principal if end is None else min(principal, end)
        total = bases.get(start, total) + (part - start) * rates[start] / 100
    least = book.get_value(country, debtor, "cost_min", day)
    most = book.get_value(country, debtor, "cost_max", day)
    if most is None:
        return None
    return round_cent(min(max(total, least or Decimal(0)), most))


# === GUARDS === #


def find_guard(ask: Ask) -> law.Refusal | None:
    """What forbids any charge, whatever the country."""
    for is_true, code in (
        (ask.is_disputed, DISPUTED),
        (ask.is_on_hold, ON_HOLD),
        (ask.is_stale, STALE),
        (ask.country == "BE" and ask.is_special, BE_SECTOR),
    ):
        if is_true:
            return law.Refusal(code)
    if ask.vat and not (ask.country == "NL" and ask.vat.is_allowed()):
        return law.Refusal(NL_VAT if ask.country == "NL" else VAT)
    return None


def _get_claims(ask: Ask, today: date) -> list[Claim]:
    """Open claims past their due date over which nothing was booked yet."""
    return [
        claim
        for claim in ask.claims
        if claim.open > 0 and claim.due < today and not claim.is_charged
    ]


def _get_notices(ask: Ask, claim: Claim) -> list[law.Notice]:
    """Notices that the law counts: sent in default, and more than a kind word."""
    return [
        one
        for one in claim.notices
        if one.sent > claim.due and one.starts_term(ask.country)
    ]


def _get_terms(
    book: law.RuleBook, ask: Ask, claim: Claim
) -> list[tuple[date, law.Notice]]:
    """Lawful notices about a claim, each with the first day after its term."""
    found = []
    for notice in _get_notices(ask, claim):
        if notice.wording in LAWFUL.get(ask.country, ()) and notice.named is not None:
            end = law.get_term_end(book, ask.country, ask.debtor, notice)
            found.append((end if isinstance(end, date) else date.max, notice))
    return found


def _is_heard(ask: Ask, notice: law.Notice) -> bool:
    """NL: who claims costs proves that the notice arrived (art. 3:37 par. 3 BW).

    BE asks for a proof of sending only.
    """
    return notice.is_proven or ask.country != "NL"


def _find_notice_end(
    book: law.RuleBook, ask: Ask, claim: Claim, missing: str, invalid: str
) -> date | law.Refusal:
    """First day on which costs may follow the notices about a claim."""
    if not _get_notices(ask, claim):
        return law.Refusal(missing)
    terms = _get_terms(book, ask, claim)
    if not terms:
        return law.Refusal(invalid)
    terms = [(day, notice) for day, notice in terms if _is_heard(ask, notice)]
    if not terms:
        return law.Refusal(law.NL_PROOF)
    end = min(day for day, _notice in terms)
    return law.Refusal(law.RULE_MISSING) if end == date.max else end


def _sort_by_term(
    book: law.RuleBook, ask: Ask, today: date, missing: str, invalid: str, runs: str
) -> tuple[list[Claim], list[law.Refusal]]:
    """Claims whose term is over, and why the others are not ready."""
    ready: list[Claim] = []
    refused: list[law.Refusal] = []
    for claim in _get_claims(ask, today):
        end = _find_notice_end(book, ask, claim, missing, invalid)
        if isinstance(end, law.Refusal):
            refused.append(end)
        elif end > today:
            refused.append(law.Refusal(runs, end))
        else:
            ready.append(claim)
    return ready, refused


def _choose_refusal(refused: list[law.Refusal], missing: str) -> law.Refusal:
    """The most telling one: a term that runs, then wording, then no notice."""
    dated = [one for one in refused if one.earliest]
    if dated:
        return min(dated, key=lambda one: one.earliest or date.max)
    worse = [one for one in refused if one.code != missing]
    return (worse or refused or [law.Refusal(NOT_DUE)])[0]


def _get_named(
    book: law.RuleBook, ask: Ask, claims: list[Claim], today: date
) -> Decimal:
    """The highest amount announced by a notice whose term is over."""
    return max(
        notice.named or Decimal(0)
        for claim in claims
        for end, notice in _get_terms(book, ask, claim)
        if end <= today and _is_heard(ask, notice)
    )


def _charge_scale(
    book: law.RuleBook, ask: Ask, ready: list[Claim], today: date, code: str
) -> Amount | law.Refusal:
    """The scale over all claims together, less what was booked before."""
    charged = [one for one in ask.claims if one.is_charged and one.open > 0]
    principal = sum((one.open for one in (*ready, *charged)), Decimal(0))
    scale = get_scale(book, ask.country, ask.debtor, principal, today)
    if scale is None:
        return law.Refusal(law.RULE_MISSING)
    value = scale - ask.charged
    steps = [f"scale({principal}) = {scale}"]
    if ask.charged:
        steps.append(f"- {ask.charged} booked before = {value}")
    if value <= 0:
        return law.Refusal(NL_SPLIT if ask.country == "NL" else BE_CAP)
    return Amount(value, code, tuple(one.id for one in ready), steps=tuple(steps))


def _limit(
    amount: Amount | law.Refusal, limit: Decimal | None, word: str
) -> Amount | law.Refusal:
    """The amount, lowered to a limit that is below it."""
    if isinstance(amount, law.Refusal) or limit is None or limit >= amount.value:
        return amount
    steps = (*amount.steps, f"{word} {limit}")
    return Amount(round_cent(limit), amount.code, amount.claim_ids, steps=steps)


def _add_vat(amount: Amount | law.Refusal, vat: Vat | None) -> Amount | law.Refusal:
    if isinstance(amount, law.Refusal) or vat is None:
        return amount
    if vat.rate is None:
        return law.Refusal(law.RULE_MISSING)
    tax = round_cent(amount.value * vat.rate / 100)
    steps = (*amount.steps, f"VAT {vat.rate} % = {tax}")
    return Amount(amount.value, amount.code, amount.claim_ids, tax, steps)


# === COUNTRIES === #


def _cost_nl_consumer(
    book: law.RuleBook, ask: Ask, today: date
) -> Amount | law.Refusal:
    """Art. 6:96 par. 5-7 BW and the scale of the Besluit (BWBR0031432)."""
    ready, refused = _sort_by_term(
        book, ask, today, law.NL_NO_NOTICE, NL_WORDING, law.NL_TERM
    )
    if not ready:
        return _choose_refusal(refused, law.NL_NO_NOTICE)
    if ask.chosen is not None and {one.id for one in ready} - ask.chosen:
        return law.Refusal(NL_SPLIT)
    amount = _charge_scale(book, ask, ready, today, "NL-SCALE")
    return _limit(amount, _get_named(book, ask, ready, today), "announced")


def _cost_nl_business(
    book: law.RuleBook, ask: Ask, today: date
) -> Amount | law.Refusal:
    """Art. 6:96 par. 4 BW: no notice needed, at least 40 euros."""
    claims = _get_claims(ask, today)
    if not claims:
        return law.Refusal(NOT_DUE)
    return _charge_scale(book, ask, claims, today, "NL-B2B")


def _cost_be_consumer(
    book: law.RuleBook, ask: Ask, today: date
) -> Amount | law.Refusal:
    """Art. XIX.2 and XIX.4 WER: after the free reminder, only if agreed."""
    if not ask.has_clause:
        return law.Refusal(BE_NO_CLAUSE)
    ready, refused = _sort_by_term(
        book, ask, today, law.BE_WAIT, law.BE_WAIT, law.BE_WAIT
    )
    if not ready:
        return _choose_refusal(refused, law.BE_WAIT)
    amount = _charge_scale(book, ask, ready, today, "BE-LUMP-SUM")
    if isinstance(amount, Amount) and ask.wanted and ask.wanted > amount.value:
        return law.Refusal(BE_CAP)
    return _limit(amount, _get_named(book, ask, ready, today), "announced")


def _cost_per_item(book: law.RuleBook, ask: Ask, today: date) -> Amount | law.Refusal:
    """Directive 2011/7/EU art. 6: 40 euros for each late payment of a business."""
    claims = _get_claims(ask, today)
    if not claims:
        return law.Refusal(law.DE_DEFAULT if ask.country == "DE" else NOT_DUE)
    each = book.get_value(ask.country, ask.debtor, "cost_item", today)
    if each is None:
        return law.Refusal(law.RULE_MISSING)
    value = round_cent(each * len(claims))
    ids = tuple(one.id for one in claims)
    return Amount(value, "EU-B2B-40", ids, steps=(f"{len(claims)} x {each}",))


def _cost_de_consumer(
    book: law.RuleBook, ask: Ask, today: date
) -> Amount | law.Refusal:
    """§ 286, 288 BGB; BGH VIII ZR 95/18: real costs after default, no flat sum."""
    claims = [
        one
        for one in ask.claims
        if one.open > 0 and one.default_since and one.default_since <= today
    ]
    if not claims:
        return law.Refusal(law.DE_DEFAULT)
    ids = tuple(one.id for one in claims)
    if ask.wanted:
        most = book.get_value("DE", ask.debtor, "reminder_max", today)
        if most is None:
            return law.Refusal(law.RULE_MISSING)
        if ask.wanted > most:
            return law.Refusal(DE_FLAT)
        return Amount(round_cent(ask.wanted), "DE-FLAT", ids, steps=("flat",))
    value = round_cent(ask.real_costs) - ask.charged
    if value <= 0:
        return law.Refusal(NO_COST)
    steps = (f"letters {ask.real_costs} - {ask.charged} booked before",)
    return Amount(value, "DE-REAL-COSTS", ids, steps=steps)


COSTS: dict[tuple[str, str], Callable[..., Amount | law.Refusal]] = {
    ("NL", law.CONSUMER): _cost_nl_consumer,
    ("NL", law.BUSINESS): _cost_nl_business,
    ("BE", law.CONSUMER): _cost_be_consumer,
    ("BE", law.BUSINESS): _cost_per_item,
    ("DE", law.CONSUMER): _cost_de_consumer,
    ("DE", law.BUSINESS): _cost_per_item,
}


def decide_costs(book: law.RuleBook, ask: Ask, today: date) -> Amount | law.Refusal:
    """Collection costs that may be booked today, or the rule that forbids them."""
    guard = find_guard(ask)
    if guard:
        return guard
    decide = COSTS.get((ask.country, ask.debtor))
    if decide is None:
        return law.Refusal(law.RULE_MISSING)
    amount = decide(book, ask, today)
    if ask.wanted:
        amount = _limit(amount, ask.wanted, "own tariff")
    return _add_vat(amount, ask.vat)


def decide_reminder(book: law.RuleBook, ask: Ask, today: date) -> Amount | law.Refusal:
    """What a single reminder that is sent today may cost.

    BE: free for the first reminder of a debt and for three due dates a year, then
    7.50 and the stamp. DE: as :func:`decide_costs`. NL: a consumer never pays for a
    reminder, only the costs that follow the fourteen-day letter.
    """
    guard = find_guard(ask)
    if guard:
        return guard
    if ask.debtor == law.BUSINESS or ask.country == "DE":
        return decide_costs(book, ask, today)
    if ask.country != "BE":
        known = ask.country == "NL"
        return law.Refusal(NL_COSTS_ONLY if known else law.RULE_MISSING)
    return _decide_reminder_be(book, ask, today)


def _decide_reminder_be(
    book: law.RuleBook, ask: Ask, today: date
) -> Amount | law.Refusal:
    if not ask.has_clause:
        return law.Refusal(BE_NO_CLAUSE)
    free = book.get_days("BE", ask.debtor, "free_reminders", today)
    most = book.get_value("BE", ask.debtor, "reminder_max", today)
    if free is None or most is None:
        return law.Refusal(law.RULE_MISSING)
    costly: list[Claim] = []
    stops: list[law.Refusal] = []
    for claim in ask.claims:
        if claim.open <= 0 or claim.due >= today:
            continue
        stop = _find_free_be(book, ask, claim, free, today)
        if stop:
            stops.append(stop)
        else:
            costly.append(claim)
    if not costly:
        return (stops or [law.Refusal(NOT_DUE)])[0]
    most = round_cent(most + ask.postage)
    if ask.wanted and ask.wanted > most:
        return law.Refusal(BE_CAP)
    value = round_cent(ask.wanted) if ask.wanted else most
    steps = (f"at most {most} with postage",)
    return Amount(value, "BE-REMINDER", tuple(one.id for one in costly), steps=steps)


def _find_free_be(
    book: law.RuleBook, ask: Ask, claim: Claim, free: int, today: date
) -> law.Refusal | None:
    """Why this reminder of a claim is free."""
    notices = [one for one in claim.notices if one.sent > claim.due]
    if not notices:
        is_free = not claim.is_regular or claim.rank <= free
        return law.Refusal(BE_FREE) if is_free else None
    end = law.get_term_end(book, "BE", ask.debtor, notices[0])
    if isinstance(end, law.Refusal):
        return end
    return law.Refusal(law.BE_WAIT, end) if end > today else None
