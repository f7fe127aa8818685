"""Engine: days of interest as they are, or months of 30 days. Without a database."""

import unittest
from datetime import date
from decimal import Decimal
from itertools import pairwise

from odoo.addons.postal_dunning.engine import interest

from .law_data import build_book

BOOK = build_book()


def ask(start, until, day_count=interest.THIRTY, country="DE", debtor="consumer"):
    """Interest over 1,000, and how its first step is told."""
    terms = interest.Terms(country, debtor, day_count=day_count)
    claim = interest.Running(1, start, ((start, Decimal(1000)),))
    answer = interest.decide_interest(BOOK, terms, (claim,), until)
    return str(answer.value), answer.steps[0]


class TestDayCount(unittest.TestCase):
    """Legal.md 3.1: 365 is usual, the court's order for payment uses 30/360."""

    def test_each_month_has_thirty_days(self):
        table = (
            # 6.27 % of 2026: a month is a twelfth, long or short
            (date(2026, 1, 1), date(2026, 2, 1), "5.23"),
            (date(2026, 2, 1), date(2026, 3, 1), "5.23"),
            (date(2026, 1, 1), date(2026, 7, 1), "31.35"),
            # the 31st is no day of its own
            (date(2026, 3, 31), date(2026, 4, 1), "0.17"),
            # 28 February counts three times, the leap day twice
            (date(2026, 2, 28), date(2026, 3, 1), "0.52"),
            # 2024: 8.62 and 8.37 %
            (date(2024, 2, 29), date(2024, 3, 1), "0.48"),
            (date(2024, 1, 1), date(2025, 1, 1), "84.95"),
            # across the change of 1 July 2026: 30 days each at 6.27 and 6.52 %
            (date(2026, 6, 1), date(2026, 8, 1), "10.66"),
        )
        for start, until, expected in table:
            with self.subTest(start=start, until=until):
                self.assertEqual(ask(start, until)[0], expected)

    def test_thirtieth_of_a_long_month_counts_nothing(self):
        days = (date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1))
        found = [
            interest.get_days(start, end, interest.THIRTY)
            for start, end in pairwise(days)
        ]
        self.assertEqual(found, [0, 1])

    def test_days_as_they_are_is_the_default(self):
        """31 days of January in a year of 365."""
        terms = interest.Terms("DE", "consumer")
        self.assertEqual(terms.day_count, interest.ACTUAL)
        start, until = date(2026, 1, 1), date(2026, 2, 1)
        value, step = ask(start, until, interest.ACTUAL)
        self.assertEqual(value, "5.33")
        self.assertNotIn("30/360", step)

    def test_count_is_kept_with_the_calculation(self):
        self.assertEqual(
            ask(date(2026, 1, 1), date(2026, 2, 1))[1],
            "2026-01-01..2026-01-31: 1000.00 x 6.27 % (30/360)",
        )

    def test_only_where_the_law_lets_it(self):
        """NL and BE have no such rule: their days are counted as they are."""
        start, until = date(2026, 1, 1), date(2026, 2, 1)
        for country in ("NL", "BE"):
            for debtor in ("consumer", "business"):
                with self.subTest(country=country, debtor=debtor):
                    values = {"country": country, "debtor": debtor}
                    wanted = ask(start, until, **values)
                    actual = ask(start, until, interest.ACTUAL, **values)
                    self.assertEqual(wanted, actual)
