import doctest
import random
import unittest
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.addons.subscription_connector.engine import schedule
from odoo.addons.subscription_connector.engine.schedule import Calendar, Interval

_STEPS = {
    "day": {"days": 1},
    "week": {"weeks": 1},
    "month": {"months": 1},
    "quarter": {"months": 3},
    "year": {"years": 1},
}


def load_tests(loader, tests, ignore):
    tests.addTests(doctest.DocTestSuite(schedule))
    return tests


def naive_boundary(anchor, interval, n):
    """The slow way: a calendar library, always from the anchor."""
    step = {
        name: amount * interval.count * n
        for name, amount in _STEPS[interval.unit].items()
    }
    return anchor + relativedelta(**step)


def cases(count, seed=19):
    """Random anchors and intervals, the same ones in every run."""
    chance = random.Random(seed)  # noqa: S311
    for _i in range(count):
        anchor = date(2020, 1, 1) + timedelta(days=chance.randrange(4000))
        interval = Interval(chance.randrange(1, 7), chance.choice(schedule.UNITS))
        yield chance, anchor, interval


class TestSchedule(unittest.TestCase):
    def test_a_month_end_comes_back(self):
        """A18: the day of the month never drifts."""
        monthly = Interval(1, "month")
        days = [schedule.boundary(date(2027, 1, 31), monthly, n) for n in range(13)]
        self.assertEqual(
            [day.day for day in days],
            [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31],
        )

    def test_a_leap_day_is_kept_for_leap_years(self):
        yearly = Interval(1, "year")
        days = [schedule.boundary(date(2024, 2, 29), yearly, n) for n in (1, 4, 5)]
        self.assertEqual(
            [str(day) for day in days], ["2025-02-28", "2028-02-29", "2029-02-28"]
        )

    def test_boundaries_equal_a_calendar_library(self):
        for chance, anchor, interval in cases(3000):
            n = chance.randrange(0, 60)
            self.assertEqual(
                schedule.boundary(anchor, interval, n),
                naive_boundary(anchor, interval, n),
            )

    def test_every_day_lies_in_exactly_one_period(self):
        for chance, anchor, interval in cases(3000, seed=20):
            day = anchor + timedelta(days=chance.randrange(-1500, 3000))
            n = schedule.index_at(anchor, interval, day)
            self.assertLessEqual(schedule.boundary(anchor, interval, n), day)
            self.assertLess(day, schedule.boundary(anchor, interval, n + 1))

    def test_periods_touch_and_never_overlap(self):
        for chance, anchor, interval in cases(500, seed=21):
            today = anchor + timedelta(days=chance.randrange(0, 900))
            due = Calendar(anchor, interval).due(anchor, today, 1000)
            self.assertFalse(due.is_capped)
            self.assertEqual(due.spans[0].start, anchor)
            for before, after in zip(due.spans, due.spans[1:], strict=False):
                self.assertEqual(before.end, after.start)
            self.assertLessEqual(due.spans[-1].start, today)
            self.assertGreater(due.spans[-1].end, today)

    def test_a_second_look_finds_nothing(self):
        for chance, anchor, interval in cases(500, seed=22):
            today = anchor + timedelta(days=chance.randrange(0, 900))
            due = Calendar(anchor, interval).due(anchor, today, 1000)
            again = Calendar(anchor, interval).due(due.spans[-1].end, today)
            self.assertEqual(again.spans, ())

    def test_catching_up_in_pieces_gives_the_same_periods(self):
        anchor, monthly = date(2024, 1, 31), Interval(1, "month")
        today = date(2026, 11, 22)
        whole = Calendar(anchor, monthly).due(anchor, today, 100).spans
        pieces, start = [], anchor
        while True:
            due = Calendar(anchor, monthly).due(start, today, 5)
            pieces += due.spans
            if not due.is_capped:
                break
            start = due.spans[-1].end
        self.assertEqual(tuple(pieces), whole)

    def test_an_end_cuts_the_last_period(self):
        terms = Calendar(date(2026, 1, 1), Interval(1, "month"), date(2026, 3, 10))
        due = terms.due(date(2026, 2, 1), date(2026, 6, 1))
        self.assertEqual(due.spans[-1].end, date(2026, 3, 10))
        self.assertTrue(due.spans[-1].is_stub)

    def test_offered_ends_never_lie_in_a_billed_period(self):
        for chance, anchor, interval in cases(500, seed=23):
            billed_to = schedule.boundary(anchor, interval, chance.randrange(1, 9))
            today = anchor + timedelta(days=chance.randrange(0, 400))
            for day in schedule.next_ends(anchor, interval, billed_to, today):
                self.assertGreaterEqual(day, billed_to)
                self.assertGreaterEqual(day, today)

    def test_an_interval_of_nothing_is_refused(self):
        with self.assertRaises(ValueError):
            Interval(0, "month")
        with self.assertRaises(ValueError):
            Interval(1, "fortnight")
