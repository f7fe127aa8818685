"""Waiting times and refusals that the law sets, from dated data.

A :class:`Rule` is one dated value with its source. Nothing is calculated
without one: a missing rule gives a :class:`Refusal`, never a guess.

Rules used here (`debtor` is ``consumer`` or ``business``):

======================  ======================================================
``notice_days``         days a notice leaves before costs may be asked
``safety_days``         extra days of our own on top
``proof_days``          days an e-mail has to prove that it arrived
``delivery_days``       working or postal days a letter needs to arrive
``cost_rate``           percent of the part of the principal above a bracket
``cost_base``           amount with which a bracket begins
``cost_min, cost_max``  least and most that may be asked over one principal
``cost_item``           amount for each item, whatever its size
``reminder_max``        most for one reminder, without postage
``cost_vat``            percent of VAT that a collector charges on the costs
``free_reminders``      due dates of a calendar year that are free of it
``costs_first``         1: a payment goes to costs and interest before principal
``return_fee``          1: a bank's fee for a returned debit may be passed on, 0: not
``interest_rate``       percent a year, without an agreement
``interest_cap``        percent a year that may be agreed at most
``interest_compounds``  1: after each year interest becomes principal
``interest_360``        1: months of 30 days in a year of 360 may be counted
======================  ======================================================

NL: art. 6:96 par. 6 BW and HR 25 November 2016 (ECLI:NL:HR:2016:2704): fourteen
days from the day after delivery. BE: book XIX WER: fourteen calendar days from
the third working day after posting, or the day after an e-mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from . import calendar

CONSUMER = "consumer"
BUSINESS = "business"
EMAIL = "email"
POST = "post"

NL_NO_NOTICE = "NL-NO-14-DAY-LETTER"
NL_TERM = "NL-TERM-NOT-OVER"
NL_PROOF = "NL-NO-PROOF-OF-ARRIVAL"
BE_WAIT = "BE-WAIT-14"
DE_DEFAULT = "DE-NOT-IN-DEFAULT"
RULE_MISSING = "RATE-MISSING"

TERM_RUNS = {"NL": NL_TERM, "BE": BE_WAIT, "DE": DE_DEFAULT}


@dataclass(frozen=True)
class Rule:
    """One dated value of law; ``valid_to`` is the last day, ``None`` is open.

    :param amount_from: principal above which a bracket of a scale begins
    """

    country: str
    debtor: str
    code: str
    value: Decimal
    valid_from: date
    valid_to: date | None = None
    source: str = ""
    amount_from: Decimal = Decimal(0)

    def applies_on(self, day: date) -> bool:
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


@dataclass(frozen=True)
class Refusal:
    """Why something may not be done, and from when it may, if known."""

    code: str
    earliest: date | None = None


@dataclass(frozen=True)
class Notice:
    """A reminder that left the house on ``sent`` by ``channel``.

    :param wording: which wording of law it carried, empty for none
    :param named: the costs it announced, ``None`` when it named no amount
    :param names_vat: it said that VAT is added to them, and why
    :param is_proven: it can be proved that it arrived, or the law assumes so
    """

    sent: date
    channel: str
    is_formal: bool = False
    wording: str = ""
    named: Decimal | None = None
    names_vat: bool = False
    is_proven: bool = True

    def starts_term(self, country: str) -> bool:
        """Whether the law grants time after it; in BE already the first one."""
        return self.is_formal or country == "BE"


class RuleBook:
    """Finds the rule of a day.

    >>> book = RuleBook([Rule("NL", "consumer", "notice_days", Decimal(14),
    ...                       date(2012, 7, 1))])
    >>> book.get_days("NL", "consumer", "notice_days", date(2026, 1, 1))
    14
    >>> book.get_days("NL", "consumer", "notice_days", date(2012, 6, 30)) is None
    True
    """

    def __init__(self, rules: Iterable[Rule]):
        self._rules: dict[tuple[str, str, str], list[Rule]] = {}
        for rule in rules:
            key = (rule.country, rule.debtor, rule.code)
            self._rules.setdefault(key, []).append(rule)

    def get_value(
        self, country: str, debtor: str, code: str, day: date
    ) -> Decimal | None:
        """The value on ``day``; ``None`` when no rule or more than one applies."""
        found = [
            rule
            for rule in self._rules.get((country, debtor, code), ())
            if rule.applies_on(day)
        ]
        return found[0].value if len(found) == 1 else None

    def get_brackets(
        self, country: str, debtor: str, code: str, day: date
    ) -> dict[Decimal, Decimal] | None:
        """Values of a scale on ``day`` by the principal at which they begin.

        ``None`` when there is none, or two for one bracket.
        """
        found: dict[Decimal, Decimal] = {}
        for rule in self._rules.get((country, debtor, code), ()):
            if not rule.applies_on(day):
                continue
            if rule.amount_from in found:
                return None
            found[rule.amount_from] = rule.value
        return found or None

    def get_changes(self, country: str, debtor: str, code: str) -> tuple[date, ...]:
        """The days on which a value begins, in order."""
        rules = self._rules.get((country, debtor, code), ())
        return tuple(sorted(rule.valid_from for rule in rules))

    def get_days(self, country: str, debtor: str, code: str, day: date) -> int | None:
        value = self.get_value(country, debtor, code, day)
        return None if value is None else int(value)


def _get_arrival(
    book: RuleBook, country: str, debtor: str, notice: Notice
) -> date | None:
    """Day on which a notice counts as received, ``None`` without a rule."""
    if notice.channel != POST:
        return notice.sent
    days = book.get_days(country, debtor, "delivery_days", notice.sent)
    if days is None:
        return None
    if country == "NL":
        return calendar.add_postal_days(notice.sent, days, country)
    return calendar.add_working_days(notice.sent, days, country)


def get_term_end(
    book: RuleBook, country: str, debtor: str, notice: Notice
) -> date | Refusal:
    """First day on which more than a free reminder may follow a notice.

    For a business in NL, BE and DE nothing has to be waited for; a value of 0
    in the rules says so. The table of ``test_engine_law`` shows each case.
    """
    wait = book.get_days(country, debtor, "notice_days", notice.sent)
    if wait is None:
        return Refusal(RULE_MISSING)
    if not wait:
        return notice.sent + timedelta(days=1)
    try:
        arrival = _get_arrival(book, country, debtor, notice)
        if arrival is None:
            return Refusal(RULE_MISSING)
        if country == "BE":
            # A letter's term starts on its third working day itself, that of an
            # e-mail on the calendar day after sending.
            start = arrival if notice.channel == POST else arrival + timedelta(days=1)
            end = start + timedelta(days=wait)
        else:
            end = arrival + timedelta(days=wait + 1)
        safety = book.get_days(country, debtor, "safety_days", notice.sent) or 0
        if safety:
            # The last day of a term is never a Saturday, Sunday or holiday.
            last = end + timedelta(days=safety - 1)
            end = calendar.move_to_working_day(last, country) + timedelta(days=1)
    except calendar.CalendarMissing:
        return Refusal(RULE_MISSING)
    return end


def get_post_day(
    book: RuleBook, country: str, debtor: str, notice: Notice
) -> date | None:
    """First day on which an e-mail without proof of its arrival goes by post.

    NL: whoever claims costs proves that the notice arrived (art. 3:37 par. 3 BW, art.
    6:96 par. 6 BW). Receipt of a letter is assumed by the courts, that of an e-mail is
    not. ``None`` where no rule asks for it.

    >>> book = RuleBook([Rule("NL", "consumer", "proof_days", Decimal(3),
    ...                       date(2012, 7, 1))])
    >>> get_post_day(book, "NL", "consumer", Notice(date(2026, 11, 20), EMAIL, True))
    datetime.date(2026, 11, 24)
    >>> get_post_day(book, "NL", "consumer", Notice(date(2026, 11, 20), POST, True))
    """
    days = book.get_days(country, debtor, "proof_days", notice.sent)
    if notice.channel != EMAIL or not notice.is_formal or days is None:
        return None
    return notice.sent + timedelta(days=days + 1)


def get_default_day(
    country: str, due: date, notices: Iterable[Notice], how: str = ""
) -> date | None:
    """First day of default, ``None`` while there is none.

    In Germany (§ 286 BGB) a reminder after the due date brings it about, or a day of
    the calendar that was agreed (``how`` = ``date``), or thirty days when the invoice
    told the consumer so (``text``). Elsewhere the due date does it.

    >>> get_default_day("DE", date(2026, 11, 2), (), "text")
    datetime.date(2026, 12, 3)
    >>> get_default_day("DE", date(2026, 11, 2), (Notice(date(2026, 11, 20), POST),))
    datetime.date(2026, 11, 25)
    >>> get_default_day("DE", date(2026, 11, 2), ()) is None
    True
    """
    if country != "DE" or how == "date":
        return due + timedelta(days=1)
    days = [due + timedelta(days=31)] if how == "text" else []
    for notice in notices:
        if notice.sent > due:
            # Our own margin: a letter counts as received on the third working day.
            wait = 3 if notice.channel == POST else 1
            days.append(calendar.add_working_days(notice.sent, wait, country))
    return min(days, default=None)
