"""Engine: waiting times, steps, guards, channels. Runs without a database."""

import doctest
import unittest
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.postal_dunning.engine import (
    address,
    calendar,
    channels,
    disagreement,
    epc,
    geometry,
    guards,
    instalments,
    law,
    steps,
)

TODAY = date(2026, 11, 20)  # a Friday
POLICY = (
    steps.Step(1, 14, wait_days=14),
    steps.Step(2, 30, wait_days=20),
    steps.Step(3, 60),
)


def build_book():
    rows = (
        ("NL", "consumer", "notice_days", 14, date(2012, 7, 1)),
        ("NL", "consumer", "delivery_days", 2, date(2012, 7, 1)),
        ("BE", "consumer", "notice_days", 14, date(2023, 9, 1)),
        ("BE", "consumer", "delivery_days", 3, date(2023, 9, 1)),
        ("DE", "consumer", "notice_days", 0, date(2002, 1, 1)),
        ("NL", "business", "notice_days", 0, date(2013, 3, 16)),
    )
    return law.RuleBook(
        law.Rule(country, kind, code, Decimal(value), start)
        for country, kind, code, value, start in rows
    )


def build_item(number, days_overdue, **values):
    due = TODAY - timedelta(days=days_overdue)
    return steps.Item(number, due, Decimal(15), **values)


class TestLaw(unittest.TestCase):
    def test_term_of_a_notice_ends_as_the_table_of_law_says(self):
        book = build_book()
        # (country, channel, sent, first day after the term)
        table = (
            # delivered on Tuesday 24 November, plus 15 days
            ("NL", "post", date(2026, 11, 20), date(2026, 12, 9)),
            ("NL", "email", date(2026, 11, 20), date(2026, 12, 5)),
            # third working day is Wednesday 25 November, plus 14 days
            ("BE", "post", date(2026, 11, 20), date(2026, 12, 9)),
            ("BE", "email", date(2026, 11, 20), date(2026, 12, 5)),
            ("DE", "post", date(2026, 11, 20), date(2026, 11, 21)),
            # Christmas lies between: delivered on Wednesday 30 December
            ("NL", "post", date(2026, 12, 24), date(2027, 1, 14)),
        )
        for country, channel, sent, expected in table:
            with self.subTest(country=country, channel=channel, sent=sent):
                notice = law.Notice(sent, channel, True)
                end = law.get_term_end(book, country, "consumer", notice)
                self.assertEqual(end, expected)

    def test_safety_days_end_on_a_working_day(self):
        book = law.RuleBook(
            law.Rule("NL", "consumer", code, Decimal(value), date(2012, 7, 1))
            for code, value in (
                ("notice_days", 14),
                ("delivery_days", 2),
                ("safety_days", 2),
            )
        )
        notice = law.Notice(date(2026, 11, 19), "email", True)
        # 14 days and 2 of safety end on Saturday 5 December, so on Monday the 7th
        end = law.get_term_end(book, "NL", "consumer", notice)
        self.assertEqual(end, date(2026, 12, 8))

    def test_rule_of_another_time_is_never_used(self):
        book = build_book()
        notice = law.Notice(date(2011, 1, 3), "email", True)
        end = law.get_term_end(book, "NL", "consumer", notice)
        self.assertEqual(end, law.Refusal("RATE-MISSING"))

    def test_two_rules_for_one_day_refuse(self):
        rule = law.Rule("NL", "consumer", "notice_days", Decimal(1), date(2000, 1, 1))
        book = law.RuleBook([rule, rule])
        self.assertIsNone(book.get_days("NL", "consumer", "notice_days", TODAY))

    def test_holidays_of_a_country_without_data_are_refused(self):
        with self.assertRaises(calendar.CalendarMissing):
            calendar.get_holidays("FR", 2026)


class TestSteps(unittest.TestCase):
    def _decide(self, *items, **values):
        debtor = steps.Debtor(items=items, country="NL", **values)
        return steps.decide(debtor, POLICY, today=TODAY, book=build_book())

    def test_age_of_the_item_gives_the_step(self):
        for days, level in ((13, None), (14, 1), (29, 1), (30, 2), (60, 3), (400, 3)):
            with self.subTest(days=days):
                decision = self._decide(build_item(1, days))
                self.assertEqual(decision.step and decision.step.level, level)

    def test_step_before_the_due_date_is_possible(self):
        debtor = steps.Debtor(items=(build_item(1, -3),))
        decision = steps.decide(debtor, (steps.Step(1, -5),), today=TODAY)
        self.assertEqual(decision.item_ids, (1,))

    def test_one_message_per_debtor_led_by_the_highest_step(self):
        decision = self._decide(
            build_item(1, 45), build_item(2, 15), build_item(3, 5), build_item(4, -9)
        )
        self.assertEqual(decision.step.level, 2)
        self.assertEqual(decision.item_ids, (1, 2, 3))

    def test_step_is_not_repeated(self):
        decision = self._decide(build_item(1, 20, level=1))
        self.assertIsNone(decision.step)
        self.assertEqual(decision.next_step.level, 2)
        self.assertEqual(decision.next_date, TODAY + timedelta(days=10))

    def test_guard_takes_an_item_out_and_says_why(self):
        table = (
            ({"is_blocked": True}, guards.BLOCKED),
            ({"is_excluded": True}, guards.NO_FOLLOWUP),
            ({"is_pending": True}, guards.PENDING_MONEY),
        )
        for values, code in table:
            with self.subTest(code=code):
                decision = self._decide(build_item(1, 45, **values), build_item(2, 15))
                self.assertEqual(decision.item_ids, (2,))
                self.assertEqual(decision.step.level, 1)
                self.assertEqual(decision.refusals[0].code, code)

    def test_paid_item_is_never_reminded_of(self):
        item = steps.Item(1, TODAY - timedelta(days=90), Decimal(0))
        decision = self._decide(item)
        self.assertIsNone(decision.step)
        self.assertEqual(decision.refusals[0].code, guards.PAID)

    def test_guard_stops_the_debtor_and_says_until_when(self):
        later = TODAY + timedelta(days=7)
        table = (
            ({"hold_until": later}, guards.ON_HOLD, later),
            ({"hold_until": date.max}, guards.ON_HOLD, None),
            ({"is_stale": True}, guards.STALE, None),
            ({"unmatched": Decimal(1)}, guards.UNMATCHED, None),
            ({"is_under_way": True}, guards.UNDER_WAY, None),
        )
        for values, code, expected in table:
            with self.subTest(code=code):
                decision = self._decide(build_item(1, 45), **values)
                self.assertIsNone(decision.step)
                self.assertEqual(decision.refusals[0].code, code)
                self.assertEqual(decision.next_date, expected)

    def test_hold_that_is_over_does_not_stop(self):
        self.assertTrue(self._decide(build_item(1, 45), hold_until=TODAY).step)

    def test_rest_of_the_policy_is_waited_for(self):
        last = law.Notice(TODAY - timedelta(days=5), "email")
        decision = self._decide(
            build_item(1, 45, level=1), last=last, last_wait_days=14
        )
        self.assertEqual(decision.refusals[0].code, "WAITING-TIME")
        self.assertEqual(decision.next_date, TODAY + timedelta(days=9))

    def test_term_of_law_is_waited_for_when_it_is_longer(self):
        last = law.Notice(TODAY - timedelta(days=14), "email", True)
        decision = self._decide(build_item(1, 70, level=2), last=last, last_wait_days=3)
        self.assertEqual(decision.refusals[0].code, "NL-TERM-NOT-OVER")
        self.assertEqual(decision.next_date, TODAY + timedelta(days=1))
        debtor = steps.Debtor(
            items=(build_item(1, 71, level=2),),
            country="NL",
            last=last,
            last_wait_days=3,
        )
        later = TODAY + timedelta(days=1)
        decision = steps.decide(debtor, POLICY, today=later, book=build_book())
        self.assertEqual(decision.step.level, 3)


class TestAddressAndChannels(unittest.TestCase):
    def test_address_problems_are_named(self):
        full = {
            "name": "J. Bos",
            "street": "Dam 1",
            "zip": "1012 JS",
            "city": "Amsterdam",
            "country": "NL",
        }
        table = (
            ({}, []),
            ({"zip": "12"}, ["ZIP-FORMAT"]),
            ({"zip": ""}, ["ZIP-MISSING"]),
            ({"country": ""}, ["COUNTRY-MISSING"]),
            ({"name": ""}, ["NAME-MISSING"]),
            ({"country": "BE", "zip": "9000"}, []),
            ({"country": "DE", "zip": "1011"}, ["ZIP-FORMAT"]),
            ({"street": "x" * 46}, ["LINE-TOO-LONG"]),
        )
        for values, expected in table:
            with self.subTest(values=values):
                found = address.find_problems(address.PostalAddress(**full | values))
                self.assertEqual(found, expected)

    def test_channel_falls_back_with_its_reason(self):
        no_mail = channels.Reach(email_problem="NO-EMAIL")
        nothing = channels.Reach("NO-EMAIL", "NO-ADDRESS")
        table = (
            (("", "", "email", channels.Reach()), "email", ""),
            (("email", "post", "email", channels.Reach()), "post", ""),
            (("", "", "email", no_mail), "post", "NO-EMAIL"),
            (("post", "", "", nothing), "manual", "NO-ADDRESS"),
        )
        for arguments, channel, problem in table:
            with self.subTest(arguments=arguments):
                choice = channels.choose(*arguments)
                self.assertEqual((choice.channel, choice.problem), (channel, problem))

    def test_qr_code_refuses_what_cannot_be_paid(self):
        for amount in ("0", "-1", "1000000000"):
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                epc.build_payload(
                    epc.Transfer("De Linden", "NL91ABNA0417164300", Decimal(amount))
                )

    def test_qr_code_has_the_twelve_lines_of_the_standard_in_order(self):
        lines = epc.build_payload(
            epc.Transfer("De Linden", "NL91 ABNA 0417 1643 00", Decimal(30), text="A 1")
        ).split("\n")
        self.assertEqual(
            lines,
            ["BCD", "002", "1", "SCT", "", "De Linden", "NL91ABNA0417164300",
             "EUR30.00", "", "", "A 1"],
        )  # fmt: skip


def load_tests(loader, tests, pattern):
    for module in (
        address,
        calendar,
        channels,
        disagreement,
        epc,
        geometry,
        instalments,
        law,
        steps,
    ):
        tests.addTests(doctest.DocTestSuite(module))
    return tests
