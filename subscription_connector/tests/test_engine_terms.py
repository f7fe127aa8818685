import doctest
import itertools
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.subscription_connector.engine import (
    ending,
    import_file,
    pause,
    proration,
)
from odoo.addons.subscription_connector.engine.schedule import Interval, Span

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
LENGTHS = st.integers(1, 400)
MONEY = st.integers(1, 10_000_00).map(lambda cents: Decimal(cents) / 100)


def load_tests(loader, tests, ignore):
    for module in (ending, import_file, pause, proration):
        tests.addTests(doctest.DocTestSuite(module))
    return tests


class TestProration(unittest.TestCase):
    @settings(deadline=None, max_examples=300)
    @given(start=DAYS, days=LENGTHS, amount=MONEY, cuts=st.lists(DAYS, max_size=6))
    def test_the_parts_of_a_period_add_up_to_it(self, start, days, amount, cuts):
        """L14, user wish 9: whatever is cut out, not a cent is lost or made."""
        span = Span(start, start + timedelta(days=days))
        inside = sorted(cut for cut in cuts if span.start < cut < span.end)
        bounds = [span.start, *inside, span.end]
        parts = [
            proration.part(amount, span, first, end)
            for first, end in itertools.pairwise(bounds)
        ]
        self.assertEqual(sum(parts), amount)
        self.assertTrue(all(part >= 0 for part in parts))

    def test_a_day_outside_costs_nothing(self):
        span = Span(date(2026, 4, 1), date(2026, 5, 1))
        before = proration.part(Decimal(15), span, date(2026, 1, 1), date(2026, 4, 1))
        self.assertEqual(before, 0)
        self.assertIsNone(proration.overlap(span, date(2026, 5, 1), None))


class TestPause(unittest.TestCase):
    @settings(deadline=None, max_examples=300)
    @given(paid_to=DAYS, first=DAYS, days=LENGTHS)
    def test_a_shift_gives_every_paid_day_back(self, paid_to, first, days):
        """L13, user wish 10: against a day-by-day account."""
        end = first + timedelta(days=days)
        left = {
            first + timedelta(days=n)
            for n in range(days)
            if first + timedelta(days=n) < paid_to
        }
        day = max(paid_to, end)
        for _used in left:
            day += timedelta(days=1)
        anchor = pause.anchor_after(paid_to, first, end, "shift")
        self.assertEqual(anchor or paid_to, day)

    def test_without_a_shift_the_calendar_stays_inside_the_paid_period(self):
        args = date(2026, 5, 1), date(2026, 4, 3), date(2026, 4, 20)
        for settlement in ("none", "credit"):
            self.assertIsNone(pause.anchor_after(*args, settlement))


class TestEnding(unittest.TestCase):
    @settings(deadline=None, max_examples=300)
    @given(paid_to=DAYS, first=DAYS, any_day=st.booleans())
    def test_no_day_is_offered_that_the_contract_forbids(self, paid_to, first, any_day):
        """H14, L14: notice and minimum term hold for every offered day."""
        anchor, month = date(2024, 1, 31), Interval(1, "month")
        days = ending.offered_ends(anchor, month, paid_to, first, any_day)
        self.assertEqual(len(days), 3)
        self.assertEqual(list(days), sorted(set(days)))
        self.assertGreaterEqual(days[0], first)
        if any_day:
            self.assertEqual(days[0], first)
        else:
            self.assertGreaterEqual(days[0], paid_to)
