from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10")
class TestLanes(SubscriptionCommon):
    """More than one scheduled action drafts, and only what was judged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lane = cls.env.ref("subscription_connector.ir_cron_draft_lane")
        cls.runs = cls.env["subscription.billing.run"].sudo()

    def _create_due(self, count):
        """Return ``count`` subscriptions of as many customers, due today."""
        found = self.env["subscription.subscription"]
        for number in range(count):
            found |= self._create_subscription(
                "2026-04-10",
                partner_id=self._create_customer(f"Member {number}").id,
                collection="invoice",
            )
        return found

    def _count_calls(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        return triggers.search_count([("cron_id", "=", self.lane.id)])

    def test_more_than_a_bite_wakes_the_second_lane(self):
        self._create_due(3)
        with self._scheduler("subscription.subscription") as subscriptions:
            subscriptions._cron_draft(batch_size=3)
        self.assertFalse(self._count_calls())
        self._create_due(3)
        with self._scheduler("subscription.subscription") as subscriptions:
            subscriptions._cron_draft(batch_size=2)
        self.assertEqual(self._count_calls(), 1)

    def test_a_copy_of_the_lane_is_one_more(self):
        self.lane.copy()
        self.env["subscription.subscription"]._wake_lanes()
        triggers = self.env["ir.cron.trigger"].sudo().search([])
        woken = triggers.cron_id.filtered(
            lambda cron: cron.code == "model._cron_draft_lane()"
        )
        self.assertEqual(len(woken), 2)

    def test_the_lane_leaves_alone_what_nobody_judged(self):
        due = self._create_due(2)
        self._run_cron("ir_cron_draft_lane")
        self.assertFalse(due.period_ids)
        run = self.runs.create({"company_id": self.company.id, "state": "waiting"})
        self._run_cron("ir_cron_draft_lane")
        self.assertFalse(due.period_ids)
        run.state = "running"
        run.date_start = "2026-04-09 12:00:00"  # judged yesterday
        self._run_cron("ir_cron_draft_lane")
        self.assertFalse(due.period_ids)

    def test_the_lane_drafts_for_a_run_that_began(self):
        due = self._create_due(3)
        run = self.runs.create({"company_id": self.company.id})
        with self._scheduler("subscription.subscription") as subscriptions:
            subscriptions._cron_draft_lane(batch_size=2)
        self.assertEqual(
            due.period_ids.mapped("date_from"), [date(2026, 4, 10)] * len(due)
        )
        self.assertEqual(run.drafted, 3)
        self._run_billing()
        self.assertEqual(run.drafted, 3)
        self.assertEqual(run.posted, 3)

    def test_one_that_cannot_be_billed_does_not_hold_the_lane(self):
        due = self._create_due(3)
        self.runs.create({"company_id": self.company.id})
        prepare = type(due)._prepare_invoice_vals

        def refuse(subscription, *args):
            if subscription.id == due[1].id:
                raise ValueError("x-ray")
            return prepare(subscription, *args)

        with (
            patch.object(type(due), "_prepare_invoice_vals", refuse),
            self._scheduler("subscription.subscription") as subscriptions,
        ):
            subscriptions._cron_draft_lane(batch_size=1)
        self.assertEqual(due.period_ids.subscription_id, due - due[1])
        self.assertEqual(due[1].billing_error, "x-ray")

    def test_drafting_and_posting_ask_little_for_each_invoice(self):
        """Ten alike invoices more cost no more than a few questions each."""
        self._run_billing()
        asked = []
        for count in (5, 15):
            due = self._create_due(count)
            self.env.flush_all()
            before = self.cr.sql_log_count
            due.sudo()._draft_periods()
            due.period_ids.sudo().move_id._post_in_bulk()
            self.env.flush_all()
            asked.append(self.cr.sql_log_count - before)
        few, many = asked
        self.assertLess(many - few, 10 * 4)
