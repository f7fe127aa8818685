"""Dates, catch-up, trials, pauses and shares against a second, naive reckoning."""

import unittest
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.subscription_connector.engine import amounts, schedule
from odoo.addons.subscription_connector.engine.schedule import Calendar, Interval, Span

from setup.lib.pytest_plugin import is_long

#: 102,000 cases with ``--long``, spread over the six properties: some minutes.
CASES = settings(
    deadline=None, max_examples=17_000 if is_long() else 300, database=None
)
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
INTERVALS = st.builds(Interval, st.integers(1, 7), st.sampled_from(schedule.UNITS))
MONEY = st.decimals("0.01", "9999.99", places=2)
_STEPS = {
    "day": {"days": 1},
    "week": {"days": 7},
    "month": {"months": 1},
    "quarter": {"months": 3},
    "year": {"months": 12},
}
_DAY = timedelta(days=1)


def naive_starts(anchor, interval, until):
    """All days on which a period begins, by the calendar library, as a set."""
    step = {name: n * interval.count for name, n in _STEPS[interval.unit].items()}
    starts, n = set(), 0
    while True:
        day = anchor + relativedelta(**{name: size * n for name, size in step.items()})
        starts.add(day)
        if day > until:
            return starts
        n += 1


def naive_spans(calendar, start, today):
    """Walk day by day; return the spans that should be billed by ``today``."""
    starts = naive_starts(calendar.anchor, calendar.interval, today)
    spans, begin, day = [], start, start
    while begin <= today:
        if calendar.end is not None and begin >= calendar.end:
            break
        day += _DAY
        in_trial = calendar.trial_end is not None and begin < calendar.trial_end
        is_over = day == calendar.trial_end if in_trial else day in starts
        if is_over or day == calendar.end:
            if (day if calendar.in_arrears else begin) > today:
                break
            spans.append((begin, day))
            begin = day
    return spans


@st.composite
def calendars(draw):
    """A calendar, the day billing begins, and a today some years around it."""
    anchor, interval = draw(DAYS), draw(INTERVALS)
    trial = draw(st.none() | st.integers(1, 60))
    first = anchor + timedelta(days=draw(st.integers(0, 400)))
    start = first
    trial_end = None
    if trial:
        trial_end = first + timedelta(days=trial)
        anchor = draw(st.sampled_from((anchor, trial_end)))
    end = draw(st.none() | st.integers(1, 900))
    calendar = Calendar(
        anchor,
        interval,
        first + timedelta(days=end) if end else None,
        trial_end,
        draw(st.booleans()),
    )
    return calendar, start, start + timedelta(days=draw(st.integers(-10, 700)))


def as_pairs(spans):
    return [(span.start, span.end) for span in spans]


class TestCalendar(unittest.TestCase):
    @CASES
    @given(case=calendars())
    def test_what_is_due_equals_the_naive_walk(self, case):
        calendar, start, today = case
        due = calendar.due(start, today, cap=10_000)
        self.assertEqual(as_pairs(due.spans), naive_spans(calendar, start, today))

    @CASES
    @given(case=calendars(), cap=st.integers(1, 5))
    def test_catching_up_in_pieces_equals_one_run(self, case, cap):
        """What a run leaves for the next one is neither lost nor billed again."""
        calendar, start, today = case
        whole = calendar.due(start, today, cap=10_000).spans
        pieces, begin = [], start
        while True:
            due = calendar.due(begin, today, cap)
            pieces += due.spans
            if not due.is_capped:
                break
            begin = due.spans[-1].end
        self.assertEqual(tuple(pieces), whole)

    @CASES
    @given(case=calendars(), days=st.lists(st.integers(0, 90), max_size=6))
    def test_running_on_any_days_equals_running_once(self, case, days):
        """Late, early or twice a day: the same periods exist in the end."""
        calendar, start, today = case
        billed, begin = [], start
        for day in sorted(today - timedelta(days=n) for n in days):
            for _again in range(2):
                spans = calendar.due(begin, day, cap=10_000).spans
                billed += spans
                begin = spans[-1].end if spans else begin
        billed += calendar.due(begin, today, cap=10_000).spans
        self.assertEqual(tuple(billed), calendar.due(start, today, cap=10_000).spans)

    @CASES
    @given(case=calendars(), pause=st.integers(0, 200), length=st.integers(0, 200))
    def test_no_day_of_a_pause_is_billed_and_none_after_it_is_lost(
        self, case, pause, length
    ):
        """The calendar goes on, or begins anew on the day it is resumed."""
        calendar, start, today = case
        stop = start + timedelta(days=pause)
        again = stop + timedelta(days=length)
        before = calendar.due(start, min(stop - _DAY, today), cap=10_000).spans
        paid_to = before[-1].end if before else start
        if paid_to < again:
            calendar = Calendar(
                again, calendar.interval, calendar.end, None, calendar.in_arrears
            )
        after = calendar.due(max(paid_to, again), today, cap=10_000).spans
        days = [
            span.start + timedelta(days=n)
            for span in (*before, *after)
            for n in range((span.end - span.start).days)
        ]
        self.assertEqual(len(days), len(set(days)))
        self.assertFalse({day for day in days if max(paid_to, stop) <= day < again})
        if after:
            self.assertEqual(after[0].start, max(paid_to, again))

    @CASES
    @given(anchor=DAYS, interval=INTERVALS, n=st.integers(0, 20), cut=st.integers(0))
    def test_shares_are_days_and_two_parts_are_a_whole(self, anchor, interval, n, cut):
        calendar = Calendar(anchor, interval)
        whole = calendar.span(schedule.boundary(anchor, interval, n))
        length = (whole.end - whole.start).days
        middle = whole.start + timedelta(days=cut % length)
        parts = [
            Span(whole.start, middle, is_stub=True),
            Span(middle, whole.end, is_stub=True),
        ]
        shares = [
            calendar.share(part) if part.start < part.end else Fraction(0)
            for part in parts
        ]
        self.assertEqual(sum(shares), 1)
        counted = sum(1 for k in range(length) if whole.start + k * _DAY < middle)
        self.assertEqual(shares[0], Fraction(counted, length))

    @CASES
    @given(price=MONEY, days=st.integers(1, 366), cut=st.integers(0, 366))
    def test_money_of_two_parts_differs_by_a_cent_at_most(self, price, days, cut):
        """Each part is exact to the cent; the naive way counts with plain numbers."""
        share = Fraction(min(cut, days), days)
        first = amounts.part_of(price, share, Decimal(1))
        other = amounts.part_of(price, 1 - share, Decimal(1))
        exact = price * min(cut, days) / days
        cent = Decimal("0.01")
        self.assertEqual(first, exact.quantize(cent, rounding=ROUND_HALF_UP))
        self.assertLessEqual(abs(first + other - price), cent)
