import doctest
import unittest
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector import const
from odoo.addons.subscription_connector.engine import brake
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


def load_tests(loader, tests, ignore):
    tests.addTests(doctest.DocTestSuite(brake))
    return tests


class TestBrakeEngine(unittest.TestCase):
    def test_few_invoices_never_wait_and_zero_switches_it_off(self):
        few = brake.Facts(19, 19, Decimal(9999), Decimal(1), 9, 10)
        many = brake.Facts(20, 20, Decimal(9999), Decimal(1), 9, 10)
        self.assertEqual(brake.judge(few, 50), ())
        self.assertEqual(brake.judge(many, 0), ())
        self.assertEqual(brake.judge(many, 50), ("late", "amount"))

    def test_a_first_run_has_nothing_to_differ_from(self):
        first = brake.Facts(500, 0, Decimal(0), Decimal(0), 0, 0)
        self.assertEqual(brake.judge(first, 50), ())


@tagged("post_install", "-at_install")
class TestBrake(SubscriptionCommon):
    def _create_many(self, start):
        found = self.env["subscription.subscription"]
        for number in range(20):
            found |= self._create_subscription(
                start,
                partner_id=self._create_customer(f"Member {number}").id,
                collection="invoice",
            )
        return found

    def test_many_are_judged_in_bites_and_forgotten(self):
        """What is counted is the same, and no more than a bite is held in memory."""
        with freeze_time("2026-04-01"):
            subscriptions = self._create_many("2026-01-01")
            runs = self.env["subscription.billing.run"]
            at_once = runs._get_brake_facts(self.company)
            self.assertEqual((at_once.invoices, at_once.late), (80, 60))
            self.env.invalidate_all()
            states = subscriptions._fields["state"]._get_cache(self.env)
            held = []
            with patch.object(const, "BITE", 6):
                for bite in subscriptions._in_bites():
                    self.assertLessEqual(len(bite), 6)
                    self.assertTrue(all(bite.mapped("state")))
                    held.append(len(states.keys() & set(subscriptions.ids)))
                self.assertEqual(held, [6, 6, 6, 2])
                self.assertEqual(runs._get_brake_facts(self.company), at_once)

    def _find_run(self):
        return self.env["subscription.billing.run"].search([], limit=1)

    def test_a_run_far_outside_expectation_waits_for_a_person(self):
        """Missed months of many members: nothing is made until somebody says so."""
        with freeze_time("2026-04-01"):
            subscriptions = self._create_many("2026-01-01")
            self._run_billing("ir_cron_draft", "ir_cron_draft")
            run = self._find_run()
            self.assertEqual(run.state, "waiting")
            self.assertIn("60 of 80", run.brake_reason)
            self.assertIn(self.env.user, run.activity_ids.user_id)
            self.assertEqual((run.to_draft, run.to_post), (20, 0))
            self.assertFalse(subscriptions.period_ids)
            with self.assertRaises(AccessError):
                run.with_user(self.office).action_release()
            run.action_release()
            self._run_billing("ir_cron_draft")
            run.invalidate_recordset()
            self.assertEqual((run.state, run.drafted), ("running", 80))
            self.assertEqual((run.to_draft, run.to_post), (0, 80))
        self.assertEqual(len(subscriptions.period_ids), 80)
        self.assertEqual(run.released_user_id, self.env.user)

    def test_a_price_with_a_zero_too_many_waits(self):
        with freeze_time("2026-01-01"):
            subscriptions = self._create_many("2026-01-01")
            self._run_billing()
        for subscription in subscriptions:
            self._agree(subscription, price_unit=150.0)
        with freeze_time("2026-02-01"):
            self._run_billing()
        self.assertEqual(len(subscriptions.period_ids), 20)
        self.assertEqual(self._find_run().state, "waiting")

    def test_the_brake_of_one_company_does_not_hold_another(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        runs = self.env["subscription.billing.run"]
        runs.sudo().create({"company_id": other.id, "state": "waiting"})
        free = runs.sudo()._hold_odd_runs(self.company | other)
        self.assertEqual(free, self.company)

    @freeze_time("2026-03-22")
    def test_the_preview_says_what_the_run_then_makes(self):
        """Who, how much, why; looking makes nothing."""
        fee = self._create_product_for_plan("Set-up", 25.0)
        plan = self._create_plan(
            alignment="calendar",
            intro_discount=50.0,
            intro_count=1,
            line_ids=[
                Command.create({"product_id": self.product.id}),
                Command.create({"product_id": fee.id, "is_one_time": True}),
            ],
        )
        fresh = self._create_subscription("2026-03-22", plan_id=plan.id)
        late = self._create_subscription("2026-01-31")
        preview = (
            self.env["subscription.billing.preview"]
            .with_user(self.office)
            .create({"company_id": self.company.id})
        )
        self.assertFalse((fresh | late).period_ids)
        rows = {
            (line.subscription_id, line.date_from): line for line in preview.line_ids
        }
        self._run_billing()
        periods = (fresh | late).period_ids
        self.assertEqual(preview.invoice_count, len(periods))
        for period in periods:
            line = rows[period.subscription_id, period.date_from]
            self.assertEqual(line.amount, period.move_id.amount_total)
            self.assertEqual(line.date_last, period.date_last)
        first = rows[fresh, date(2026, 3, 22)].reason
        for word in ("first invoice", "part of a period", "50 %", "one-time"):
            self.assertIn(word, first)
        self.assertIn("overdue", rows[late, date(2026, 1, 31)].reason)

    def test_the_preview_compares_with_last_time(self):
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_billing()
        self._agree(subscription, price_unit=18.0)
        with freeze_time("2026-02-15"):
            preview = self.env["subscription.billing.preview"].create(
                {"company_id": self.company.id, "date": "2026-03-01"}
            )
        line = preview.line_ids
        self.assertEqual((line.amount_last, line.difference), (15.0, 3.0))
        self.assertEqual(preview.changed_count, 1)
        self.assertIn("18.00", preview.amounts)
