"""Each value and each date of the law, row by row. Runs without a database.

The tables are those of the sources named with them; what the addon ships as dated data
has to give each of these answers and no others.
"""

import unittest
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from odoo.addons.postal_dunning.engine import fees, interest, law

from .law_data import build_book

BOOK = build_book()
DAY = timedelta(days=1)
FRIDAY = date(2026, 11, 20)

#: (country, debtor, code, source) → (first day, percent); nothing is known before the
#: first row, and nothing from the day after ``KNOWN_UNTIL``
TABLES = {
    ("NL", "consumer", "interest_rate", "art. 6:119 BW, BWBR0047640"): (
        ("2015-01-01", "2"), ("2023-01-01", "4"), ("2023-07-01", "6"),
        ("2024-01-01", "7"), ("2025-01-01", "6"), ("2026-01-01", "4"),
    ),
    ("NL", "business", "interest_rate", "art. 6:119a, 6:120 BW: ECB + 8"): (
        ("2023-01-01", "10.5"), ("2023-07-01", "12"), ("2024-01-01", "12.5"),
        ("2024-07-01", "12.25"), ("2025-01-01", "11.15"), ("2025-07-01", "10.15"),
        ("2026-01-01", "10.15"), ("2026-07-01", "10.4"),
    ),
    ("BE", "business", "interest_rate", "Act of 2 Aug 2002: ECB + 8, half point up"): (
        ("2023-01-01", "10.5"), ("2023-07-01", "12"), ("2024-01-01", "12.5"),
        ("2024-07-01", "12.5"), ("2025-01-01", "11.5"), ("2025-07-01", "10.5"),
        ("2026-01-01", "10.5"), ("2026-07-01", "10.5"),
    ),
    ("BE", "consumer", "interest_cap", "art. XIX.4 WER: the trade rate"): (
        ("2023-01-01", "10.5"), ("2023-07-01", "12"), ("2024-01-01", "12.5"),
        ("2025-01-01", "11.5"), ("2025-07-01", "10.5"), ("2026-07-01", "10.5"),
    ),
    ("BE", "consumer", "interest_rate", "legal interest, yearly"): (
        ("2023-01-01", "5.25"), ("2024-01-01", "5.75"), ("2025-01-01", "4.5"),
        ("2026-01-01", "4.5"),
    ),
    ("DE", "consumer", "interest_rate", "§ 288 BGB: base + 5"): (
        ("2016-07-01", "4.12"), ("2023-01-01", "6.62"), ("2023-07-01", "8.12"),
        ("2024-01-01", "8.62"), ("2024-07-01", "8.37"), ("2025-01-01", "7.27"),
        ("2025-07-01", "6.27"), ("2026-01-01", "6.27"), ("2026-07-01", "6.52"),
    ),
    ("DE", "business", "interest_rate", "§ 288 BGB: base + 9"): (
        ("2016-07-01", "8.12"), ("2023-01-01", "10.62"), ("2023-07-01", "12.12"),
        ("2024-01-01", "12.62"), ("2024-07-01", "12.37"), ("2025-01-01", "11.27"),
        ("2025-07-01", "10.27"), ("2026-01-01", "10.27"), ("2026-07-01", "10.52"),
    ),
}  # fmt: skip
#: § 247 BGB, Bundesbank: the base rate that the German rates follow
BASE = {
    "2016-07-01": "-0.88", "2023-01-01": "1.62", "2023-07-01": "3.12",
    "2024-01-01": "3.62", "2024-07-01": "3.37", "2025-01-01": "2.27",
    "2025-07-01": "1.27", "2026-01-01": "1.27", "2026-07-01": "1.52",
}  # fmt: skip
KNOWN_UNTIL = date(2026, 12, 31)


def get_rate(country, debtor, code, day):
    return BOOK.get_value(country, debtor, code, day)


class TestRates(unittest.TestCase):
    def test_each_row_holds_from_its_first_day_to_the_day_before_the_next(self):
        for (country, debtor, code, source), rows in TABLES.items():
            starts = [date.fromisoformat(first) for first, _rate in rows]
            ends = [start - DAY for start in starts[1:]] + [KNOWN_UNTIL]
            for (first, rate), start, end in zip(rows, starts, ends, strict=True):
                with self.subTest(source=source, country=country, first=first):
                    for day in (start, end):
                        found = get_rate(country, debtor, code, day)
                        self.assertEqual(found, Decimal(rate))

    def test_nothing_is_known_before_the_first_row_and_after_the_last_day(self):
        """NL trade in 2022 (8 %) rests on one source: it is refused, not guessed."""
        for (country, debtor, code, source), rows in TABLES.items():
            with self.subTest(source=source, country=country):
                first = date.fromisoformat(rows[0][0])
                for day in (first - DAY, KNOWN_UNTIL + DAY):
                    self.assertIsNone(get_rate(country, debtor, code, day))

    def test_german_rates_follow_the_base_rate(self):
        for first, base in BASE.items():
            day = date.fromisoformat(first)
            for debtor, points in (("consumer", 5), ("business", 9)):
                with self.subTest(first=first, debtor=debtor):
                    found = get_rate("DE", debtor, "interest_rate", day)
                    self.assertEqual(found, Decimal(base) + points)

    def test_belgian_trade_rate_is_the_dutch_one_up_to_the_half_point(self):
        """ECB + 8, rounded up; both follow the same ECB rate."""
        for first, rate in TABLES[
            ("NL", "business", "interest_rate", "art. 6:119a, 6:120 BW: ECB + 8")
        ]:
            with self.subTest(first=first):
                day = date.fromisoformat(first)
                half = (Decimal(rate) * 2).to_integral_value(ROUND_CEILING) / 2
                self.assertEqual(get_rate("BE", "business", "interest_rate", day), half)

    def test_a_day_in_a_leap_year_is_a_366th_part(self):
        """Actual days over those of the year (art. 6:119 BW): 7 % of 36,600.00."""
        running = ((date(2024, 2, 28), Decimal(36600)),)
        claim = interest.Running(1, date(2024, 2, 28), running)
        answer = interest.decide_interest(
            BOOK, interest.Terms("NL", "consumer"), (claim,), date(2024, 3, 1)
        )
        self.assertEqual(answer.value, Decimal("14.00"))


class TestEarliestDay(unittest.TestCase):
    """The first day on which costs may be booked, by country, debtor and channel."""

    def _find_first_day(self, country, debtor, due, *notices, **values):
        """Ask day by day; what is refused on the day before is given on this one."""
        how = values.pop("how", "")
        for day in (due + DAY * number for number in range(120)):
            claim = fees.Claim(
                1,
                due,
                Decimal(300),
                tuple(one for one in notices if one.sent <= day),
                default_since=law.get_default_day(country, due, notices, how),
            )
            ask = fees.Ask(country, debtor, (claim,), **values)
            if isinstance(fees.decide_costs(BOOK, ask, day), fees.Amount):
                return day
        return None

    def test_consumer_of_nl_after_fourteen_days_and_the_margin(self):
        """Art. 6:96 par. 6 BW, HR 2016:2704: the day after the letter was delivered.

        Sent on Friday, delivered on Tuesday 24 November: 14 days end on 8 December,
        two of safety on the 10th. By mail: 4 December, the 6th is a Sunday.
        """
        table = (
            ("post", fees.WORDING_NL_POST, date(2026, 12, 11)),
            ("email", fees.WORDING_NL_MAIL, date(2026, 12, 8)),
        )
        for channel, wording, expected in table:
            with self.subTest(channel=channel):
                notice = law.Notice(FRIDAY, channel, True, wording, Decimal(45))
                found = self._find_first_day(
                    "NL", "consumer", date(2026, 11, 1), notice
                )
                self.assertEqual(found, expected)

    def test_consumer_of_be_after_fourteen_days(self):
        """Art. XIX.2 WER: from the third working day, by mail from the next day."""
        for channel, expected in (
            ("post", date(2026, 12, 9)),
            ("email", date(2026, 12, 5)),
        ):
            with self.subTest(channel=channel):
                notice = law.Notice(FRIDAY, channel, True, fees.WORDING_BE, Decimal(45))
                found = self._find_first_day(
                    "BE", "consumer", date(2026, 11, 1), notice, has_clause=True
                )
                self.assertEqual(found, expected)

    def test_consumer_of_de_from_default_on(self):
        """§ 286 BGB: a day of the calendar, thirty days with the words, or a reminder.

        The letter that brings about the default costs nothing; mail never does.
        """
        due = date(2026, 11, 2)
        letter = law.Notice(FRIDAY, "post")
        table = (
            ("date", (), date(2026, 11, 3)),
            ("text", (), date(2026, 12, 3)),
            ("", (letter,), date(2026, 11, 25)),
            ("", (law.Notice(FRIDAY, "email"),), date(2026, 11, 23)),
            ("", (), None),
        )
        for how, notices, expected in table:
            with self.subTest(how=how, notices=notices):
                found = self._find_first_day(
                    "DE",
                    "consumer",
                    due,
                    *notices,
                    how=how,
                    real_costs=Decimal("0.76"),
                )
                self.assertEqual(found, expected)
        free = self._find_first_day("DE", "consumer", due, letter)
        self.assertIsNone(free, "no letter after default, no costs")

    def test_business_from_the_day_after_the_due_date(self):
        """Directive 2011/7/EU art. 6; art. 6:96 par. 4 BW; § 288 par. 5 BGB."""
        due = date(2026, 11, 2)
        for country in ("NL", "BE", "DE"):
            with self.subTest(country=country):
                found = self._find_first_day(country, "business", due)
                self.assertEqual(found, due + DAY)


class TestWhatIsNoBase(unittest.TestCase):
    def test_costs_of_nl_are_counted_over_all_claims_and_what_is_open(self):
        """Art. 6:96 par. 7 BW: one sum; a payment in the term lowers it."""
        notice = law.Notice(
            date(2026, 10, 1), "email", True, fees.WORDING_NL_MAIL, Decimal(5000)
        )
        claims = tuple(
            fees.Claim(number, date(2026, 9, 1), Decimal(amount), (notice,))
            for number, amount in enumerate(("1000", "1500"))
        )
        ask = fees.Ask("NL", "consumer", claims)
        answer = fees.decide_costs(BOOK, ask, FRIDAY)
        self.assertEqual(answer.value, Decimal("375.00"))

    def test_vat_of_a_collector_on_top(self):
        """Art. 2 par. 3 of the decree: 45.00 and 9.45 are 54.45."""
        notice = law.Notice(
            date(2026, 10, 1), "email", True, fees.WORDING_NL_MAIL, Decimal(5000)
        )
        claim = fees.Claim(1, date(2026, 9, 1), Decimal(300), (notice,))
        ask = fees.Ask(
            "NL", "consumer", (claim,), vat=fees.Vat(Decimal(21), True, True, True)
        )
        answer = fees.decide_costs(BOOK, ask, FRIDAY)
        self.assertEqual(answer.value + answer.vat, Decimal("54.45"))
