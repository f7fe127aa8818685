"""Engine: costs and interest, the test vectors of the law. Runs without a database."""

import doctest
import unittest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.postal_dunning.engine import fees, interest, law, returns

from .law_data import build_book, read_rules

TODAY = date(2026, 11, 20)
BOOK = build_book()


def build_notice(days_ago, channel="email", wording=fees.WORDING_NL_MAIL, named=5000):
    sent = TODAY - timedelta(days=days_ago)
    amount = None if named is None else Decimal(named)
    return law.Notice(sent, channel, True, wording, amount)


def build_claim(number, amount, *notices, days_overdue=60, **values):
    due = TODAY - timedelta(days=days_overdue)
    return fees.Claim(number, due, Decimal(str(amount)), notices, **values)


def ask_costs(country, debtor, *claims, book=BOOK, today=TODAY, **values):
    """The amount as text, or the rule's id."""
    ask = fees.Ask(country, debtor, claims, **values)
    answer = fees.decide_costs(book, ask, today)
    return str(answer.value) if isinstance(answer, fees.Amount) else answer.code


class TestScales(unittest.TestCase):
    def test_scale_of_nl_gives_the_amounts_of_the_law(self):
        """Besluit vergoeding voor buitengerechtelijke incassokosten art. 2."""
        table = (
            ("10", "40.00"),
            ("266.66", "40.00"),
            ("266.67", "40.00"),
            ("300", "45.00"),
            ("2500", "375.00"),
            ("3000", "425.00"),
            ("5000", "625.00"),
            ("10000", "875.00"),
            ("200000", "2775.00"),
            ("1000000", "6775.00"),
            ("2000000", "6775.00"),
        )
        for debtor in ("consumer", "business"):
            for principal, expected in table:
                with self.subTest(debtor=debtor, principal=principal):
                    found = fees.get_scale(
                        BOOK, "NL", debtor, Decimal(principal), TODAY
                    )
                    self.assertEqual(str(found), expected)

    def test_lump_sum_of_be_gives_the_amounts_of_the_law(self):
        """Art. XIX.4 WER, with the jump at 150.01."""
        table = (
            ("50", "20.00"),
            ("150", "20.00"),
            ("150.01", "30.00"),
            ("300", "45.00"),
            ("500", "65.00"),
            ("501", "65.05"),
            ("1000", "90.00"),
            ("39200", "2000.00"),
            ("50000", "2000.00"),
        )
        for principal, expected in table:
            with self.subTest(principal=principal):
                found = fees.get_scale(
                    BOOK, "BE", "consumer", Decimal(principal), TODAY
                )
                self.assertEqual(str(found), expected)

    def test_rates_are_those_of_the_tables(self):
        table = (
            ("NL", "consumer", date(2022, 12, 31), "2"),
            ("NL", "consumer", date(2024, 2, 29), "7"),
            ("NL", "consumer", date(2026, 12, 31), "4"),
            ("NL", "business", date(2025, 7, 1), "10.15"),
            ("NL", "business", date(2026, 7, 1), "10.4"),
            ("BE", "business", date(2024, 12, 31), "12.5"),
            ("BE", "business", date(2026, 7, 1), "10.5"),
            ("BE", "consumer", date(2024, 6, 1), "5.75"),
            ("BE", "consumer", date(2026, 6, 1), "4.5"),
            ("DE", "consumer", date(2022, 12, 31), "4.12"),
            ("DE", "consumer", date(2025, 12, 31), "6.27"),
            ("DE", "consumer", date(2026, 7, 1), "6.52"),
            ("DE", "business", date(2016, 7, 1), "8.12"),
            ("DE", "business", date(2026, 12, 31), "10.52"),
        )
        for country, debtor, day, expected in table:
            with self.subTest(country=country, debtor=debtor, day=day):
                rate = BOOK.get_value(country, debtor, "interest_rate", day)
                self.assertEqual(rate, Decimal(expected))

    def test_no_value_is_used_past_the_day_it_was_looked_up_for(self):
        """A missing rate refuses, it is never the last one known."""
        for country in ("NL", "BE", "DE"):
            for debtor in ("consumer", "business"):
                value = BOOK.get_value(
                    country, debtor, "interest_rate", date(2027, 1, 1)
                )
                self.assertIsNone(value)

    def test_every_rule_has_a_source_and_no_two_hold_on_one_day(self):
        for rule in read_rules():
            self.assertTrue(rule.source)
            twins = [
                one
                for one in read_rules()
                if (one.country, one.debtor, one.code, one.amount_from)
                == (rule.country, rule.debtor, rule.code, rule.amount_from)
                and one.applies_on(rule.valid_from)
            ]
            self.assertEqual(twins, [rule])


class TestCosts(unittest.TestCase):
    def test_nl_consumer_pays_costs_only_after_a_lawful_letter_in_vain(self):
        """Refusals NL-NO-14-DAY-LETTER, NL-WORDING-INVALID, NL-TERM-NOT-OVER."""
        dated = build_notice(40, wording=fees.WORDING_NL_DATED)
        table = (
            ((), "NL-NO-14-DAY-LETTER"),
            ((build_notice(70),), "NL-NO-14-DAY-LETTER"),
            ((dated,), "NL-WORDING-INVALID"),
            ((build_notice(40, wording=""),), "NL-WORDING-INVALID"),
            ((build_notice(40, named=None),), "NL-WORDING-INVALID"),
            ((build_notice(5),), "NL-TERM-NOT-OVER"),
            ((dated, build_notice(5)), "NL-TERM-NOT-OVER"),
            ((build_notice(40),), "45.00"),
        )
        for notices, expected in table:
            with self.subTest(notices=notices):
                answer = ask_costs("NL", "consumer", build_claim(1, 300, *notices))
                self.assertEqual(answer, expected)

    def test_nl_claims_are_one_sum(self):
        """Art. 6:96 par. 7 BW, refusal NL-SPLIT-CLAIMS."""
        claims = [build_claim(number, 200, build_notice(40)) for number in (1, 2)]
        self.assertEqual(ask_costs("NL", "consumer", *claims), "60.00")
        split = ask_costs("NL", "consumer", *claims, chosen=frozenset({1}))
        self.assertEqual(split, "NL-SPLIT-CLAIMS")

    def test_nl_costs_booked_before_count(self):
        first = build_claim(1, 200, build_notice(40), is_charged=True)
        second = build_claim(2, 200, build_notice(40))
        charged = ask_costs("NL", "consumer", first, second, charged=Decimal(40))
        self.assertEqual(charged, "20.00")
        small = build_claim(2, 15, build_notice(40))
        again = ask_costs("NL", "consumer", first, small, charged=Decimal(40))
        self.assertEqual(again, "NL-SPLIT-CLAIMS")

    def test_nl_part_payment_lowers_the_base_and_full_payment_ends_it(self):
        part = build_claim(1, 280, build_notice(40))
        self.assertEqual(ask_costs("NL", "consumer", part), "42.00")
        paid = build_claim(1, 0, build_notice(40))
        self.assertEqual(ask_costs("NL", "consumer", paid), "NOT-DUE")

    def test_nl_never_more_than_the_letter_announced(self):
        claim = build_claim(1, 3000, build_notice(40, named=100))
        self.assertEqual(ask_costs("NL", "consumer", claim), "100.00")

    def test_own_tariff_lowers_and_never_raises(self):
        claim = build_claim(1, 300, build_notice(40))
        for wanted, expected in ((25, "25.00"), (500, "45.00")):
            answer = ask_costs("NL", "consumer", claim, wanted=Decimal(wanted))
            self.assertEqual(answer, expected)

    def test_nl_vat_only_where_the_decree_allows_it(self):
        """Art. 2 par. 3: 300 gives 45.00 and 9.45; refusal NL-VAT-NOT-ALLOWED."""
        claim = build_claim(1, 300, build_notice(40))
        vat = fees.Vat(Decimal(21), True, True, True)
        answer = fees.decide_costs(
            BOOK, fees.Ask("NL", "consumer", (claim,), vat=vat), TODAY
        )
        self.assertEqual((answer.value, answer.vat), (Decimal(45), Decimal("9.45")))
        for flags in ((False, True, True), (True, False, True), (True, True, False)):
            vat = fees.Vat(Decimal(21), *flags)
            code = ask_costs("NL", "consumer", claim, vat=vat)
            self.assertEqual(code, "NL-VAT-NOT-ALLOWED")
        code = ask_costs(
            "DE", "consumer", claim, vat=fees.Vat(Decimal(19), *[True] * 3)
        )
        self.assertEqual(code, "VAT-NOT-ALLOWED")

    def test_nl_business_pays_the_scale_without_a_letter(self):
        table = ((10, "40.00"), (3000, "425.00"))
        for amount, expected in table:
            answer = ask_costs("NL", "business", build_claim(1, amount))
            self.assertEqual(answer, expected)
        young = build_claim(1, 300, days_overdue=0)
        self.assertEqual(ask_costs("NL", "business", young), "NOT-DUE")

    def test_business_of_be_and_de_pays_forty_for_each_item(self):
        """Directive 2011/7/EU art. 6."""
        for country in ("BE", "DE"):
            claims = [build_claim(number, 15) for number in (1, 2)]
            self.assertEqual(ask_costs(country, "business", *claims), "80.00")
            charged = build_claim(1, 15, is_charged=True)
            self.assertEqual(
                ask_costs(country, "business", charged, claims[1]), "40.00"
            )

    def test_be_consumer_pays_after_the_free_reminder_if_agreed(self):
        """Refusals BE-NO-CLAUSE, BE-WAIT-14, BE-SECTOR, BE-CAP."""
        late = build_claim(1, 300, build_notice(40, wording=fees.WORDING_BE))
        early = build_claim(1, 300, build_notice(5, wording=fees.WORDING_BE))
        table = (
            (late, {"has_clause": True}, "45.00"),
            (late, {"has_clause": False}, "BE-NO-CLAUSE"),
            (early, {"has_clause": True}, "BE-WAIT-14"),
            (build_claim(1, 300), {"has_clause": True}, "BE-WAIT-14"),
            (late, {"has_clause": True, "is_special": True}, "BE-SECTOR"),
            (late, {"has_clause": True, "wanted": Decimal(60)}, "BE-CAP"),
            (late, {"has_clause": True, "wanted": Decimal(30)}, "30.00"),
        )
        for claim, values, expected in table:
            with self.subTest(values=values, expected=expected):
                answer = ask_costs("BE", "consumer", claim, **values)
                self.assertEqual(answer, expected)

    def test_de_consumer_pays_real_costs_after_default(self):
        """BGH VIII ZR 95/18; refusals DE-NOT-IN-DEFAULT, DE-CONSUMER-FLAT-FEE."""
        late = build_claim(1, 300, default_since=TODAY - timedelta(days=9))
        table = (
            (build_claim(1, 300), {"real_costs": Decimal(1)}, "DE-NOT-IN-DEFAULT"),
            (late, {"real_costs": Decimal("0.76")}, "0.76"),
            (late, {"real_costs": Decimal(2), "charged": Decimal(2)}, "NO-COST"),
            (late, {"wanted": Decimal("2.50")}, "2.50"),
            (late, {"wanted": Decimal("2.51")}, "DE-CONSUMER-FLAT-FEE"),
        )
        for claim, values, expected in table:
            with self.subTest(values=values):
                answer = ask_costs("DE", "consumer", claim, **values)
                self.assertEqual(answer, expected)

    def test_guards_refuse_any_charge(self):
        """Refusals DISPUTED, ON-HOLD, PAYMENT-DATA-STALE, RATE-MISSING."""
        claim = build_claim(1, 300)
        for flag, code in (
            ("is_disputed", "DISPUTED"),
            ("is_on_hold", "ON-HOLD"),
            ("is_stale", "PAYMENT-DATA-STALE"),
        ):
            answer = ask_costs("NL", "business", claim, **{flag: True})
            self.assertEqual(answer, code)
        self.assertEqual(ask_costs("FR", "consumer", claim), "RATE-MISSING")
        book = build_book(cost_max=False)
        answer = ask_costs("NL", "business", claim, book=book)
        self.assertEqual(answer, "RATE-MISSING")


class TestArrival(unittest.TestCase):
    """A mail that nothing proves: NL refuses, BE asks for a proof of sending only."""

    def ask(self, country, wording, **values):
        notice = replace(build_notice(30, wording=wording), is_proven=False)
        claim = build_claim(1, 300, notice)
        return ask_costs(country, "consumer", claim, **values)

    def test_nl_refuses_costs_over_a_mail_without_proof(self):
        """Art. 3:37 par. 3 BW."""
        found = self.ask("NL", fees.WORDING_NL_MAIL)
        self.assertEqual(found, "NL-NO-PROOF-OF-ARRIVAL")

    def test_be_grants_costs_after_the_term_of_a_mail_that_was_sent(self):
        """Art. XIX.2 WER."""
        found = self.ask("BE", fees.WORDING_BE, has_clause=True)
        self.assertEqual(found, "45.00")


class TestReminders(unittest.TestCase):
    def _ask(self, *claims, country="BE", **values):
        values = {"has_clause": True, **values}
        ask = fees.Ask(country, "consumer", claims, **values)
        answer = fees.decide_reminder(BOOK, ask, TODAY)
        return str(answer.value) if isinstance(answer, fees.Amount) else answer.code

    def test_be_first_reminder_is_free_for_three_due_dates_a_year(self):
        """Refusal BE-FREE-THREE-PER-YEAR; the fourth due date may cost."""
        for rank, expected in ((1, "BE-FREE-THREE-PER-YEAR"), (4, "7.50")):
            self.assertEqual(self._ask(build_claim(1, 15, rank=rank)), expected)
        once = build_claim(1, 15, is_regular=False, rank=9)
        self.assertEqual(self._ask(once), "BE-FREE-THREE-PER-YEAR")

    def test_be_second_reminder_costs_after_the_waiting_time(self):
        notice = build_notice(40, wording=fees.WORDING_BE)
        late = build_claim(1, 15, notice)
        self.assertEqual(self._ask(late, postage=Decimal("1.62")), "9.12")
        self.assertEqual(self._ask(late, wanted=Decimal(8)), "BE-CAP")
        early = build_claim(1, 15, build_notice(5, wording=fees.WORDING_BE))
        self.assertEqual(self._ask(early), "BE-WAIT-14")
        self.assertEqual(self._ask(late, has_clause=False), "BE-NO-CLAUSE")

    def test_nl_consumer_never_pays_for_a_reminder(self):
        late = build_claim(1, 15, build_notice(40))
        self.assertEqual(self._ask(late, country="NL"), "NL-COSTS-ONLY")
        self.assertEqual(self._ask(late, country="FR"), "RATE-MISSING")


class TestInterest(unittest.TestCase):
    def _ask(self, country, debtor, start, until, *balances, agreed=None):
        terms = interest.Terms(country, debtor, agreed)
        balances = balances or ((start, Decimal(1000)),)
        claim = interest.Running(1, start, balances)
        answer = interest.decide_interest(BOOK, terms, (claim,), until)
        return str(answer.value) if isinstance(answer, fees.Amount) else answer.code

    def test_interest_follows_rate_year_and_payments(self):
        half = ((date(2026, 1, 1), Decimal(1000)), (date(2026, 2, 1), Decimal(500)))
        table = (
            # 31 days at 4 %
            ("NL", "consumer", date(2026, 1, 1), date(2026, 2, 1), (), "3.40"),
            # 366 days of a leap year are one year
            ("NL", "consumer", date(2024, 1, 1), date(2025, 1, 1), (), "70.00"),
            # the rate changes on 1 July 2026: 30 days at 6.27, 30 days at 6.52
            ("DE", "consumer", date(2026, 6, 1), date(2026, 7, 31), (), "10.51"),
            # no interest on interest in Germany: 84.94 in 2024 and 67.66 in 2025
            ("DE", "consumer", date(2024, 1, 1), date(2026, 1, 1), (), "152.60"),
            # interest on interest in the Netherlands: 1000 x 1.07 x 1.06
            ("NL", "consumer", date(2024, 1, 1), date(2026, 1, 1), (), "134.20"),
            # half is paid on 1 February
            ("NL", "consumer", date(2026, 1, 1), date(2026, 3, 1), half, "4.93"),
            ("NL", "business", date(2026, 7, 1), date(2026, 7, 2), (), "0.28"),
            ("NL", "consumer", date(2026, 12, 1), date(2027, 1, 2), (), "RATE-MISSING"),
            ("NL", "consumer", date(2010, 12, 1), date(2026, 1, 2), (), "RATE-MISSING"),
            ("NL", "consumer", date(2026, 2, 1), date(2026, 2, 1), (), "NO-COST"),
        )
        for country, debtor, start, until, balances, expected in table:
            with self.subTest(country=country, start=start, until=until):
                found = self._ask(country, debtor, start, until, *balances)
                self.assertEqual(found, expected)

    def test_agreed_interest_holds_up_to_the_cap(self):
        start, until = date(2026, 1, 1), date(2027, 1, 1)
        for agreed, expected in (("8", "80.00"), ("15", "105.00")):
            found = self._ask("BE", "consumer", start, until, agreed=Decimal(agreed))
            self.assertEqual(found, expected)
        found = self._ask("NL", "consumer", start, until, agreed=Decimal(9))
        self.assertEqual(found, "40.00")

    def test_interest_booked_before_is_not_booked_again(self):
        start = date(2026, 1, 1)
        claim = interest.Running(1, start, ((start, Decimal(1000)),), Decimal("3.40"))
        terms = interest.Terms("NL", "consumer")
        answer = interest.decide_interest(BOOK, terms, (claim,), date(2026, 2, 1))
        self.assertEqual(answer.code, "NO-COST")


def load_tests(loader, tests, pattern):
    for module in (fees, interest, returns):
        tests.addTests(doctest.DocTestSuite(module))
    return tests
