import doctest
import unittest
from datetime import date

from odoo.addons.subscription_connector.engine import retry

FIRST = date(2026, 3, 1)


def load_tests(loader, tests, ignore):
    tests.addTests(doctest.DocTestSuite(retry))
    return tests


class TestRetry(unittest.TestCase):
    def test_soft_failures_are_tried_after_3_5_and_7_days(self):
        """L19: days are counted from the first failure."""
        tries, today = [], FIRST
        for attempt in (1, 2, 3):
            decision = retry.decide("AM04", attempt, FIRST, today)
            tries.append((decision.date_next - FIRST).days)
            today = decision.date_next
        self.assertEqual(tries, [3, 5, 7])
        last = retry.decide("AM04", 4, FIRST, today)
        self.assertIsNone(last.date_next)
        self.assertEqual(last.reason, "exhausted")

    def test_a_late_run_does_not_try_twice_on_a_day(self):
        today = date(2026, 3, 20)
        self.assertEqual(
            retry.decide(None, 2, FIRST, today).date_next, date(2026, 3, 21)
        )

    def test_each_code_is_soft_hard_or_stop(self):
        for code, kind, again in (
            ("AM04", "soft", True),
            ("MS03", "soft", True),
            ("AC04", "hard", False),
            ("MS02", "hard", False),
            ("MD01", "stop", False),
            ("MD07", "stop", False),
            ("stolen_card", "stop", False),
            ("expired_card", "hard", False),
            (None, "soft", True),
        ):
            with self.subTest(code=code):
                decision = retry.decide(code, 1, FIRST, FIRST)
                self.assertEqual(decision.kind, kind)
                self.assertEqual(bool(decision.date_next), again)

    def test_a_reason_that_hides_others_is_tried_only_once_more(self):
        self.assertTrue(retry.decide("MS03", 1, FIRST, FIRST).date_next)
        self.assertIsNone(retry.decide("MS03", 2, FIRST, FIRST).date_next)

    def test_a_code_that_is_not_one_is_not_found(self):
        self.assertIsNone(retry.find_code("Invoice AB12 was declined"))
        self.assertEqual(retry.find_code("returned: MD01"), "MD01")
