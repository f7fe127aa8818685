import doctest
import unittest
from decimal import Decimal

from odoo.addons.subscription_connector.engine import amounts
from odoo.addons.subscription_connector.engine.schedule import Interval


def load_tests(loader, tests, ignore):
    tests.addTests(doctest.DocTestSuite(amounts))
    return tests


class TestAmounts(unittest.TestCase):
    def test_every_interval_comes_to_the_same_year(self):
        for count, unit, amount in (
            (1, "month", "10"),
            (3, "month", "30"),
            (1, "quarter", "30"),
            (1, "year", "120"),
        ):
            with self.subTest(unit=unit, count=count):
                self.assertEqual(
                    amounts.per_month(Decimal(amount), Interval(count, unit)),
                    Decimal("10.00"),
                )

    def test_days_and_weeks_use_the_length_of_a_year(self):
        self.assertEqual(
            amounts.per_month(Decimal(1), Interval(1, "day")), Decimal("30.42")
        )
        self.assertEqual(
            amounts.per_month(Decimal(14), Interval(2, "week")), Decimal("30.42")
        )
