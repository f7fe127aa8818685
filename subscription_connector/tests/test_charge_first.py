from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import LOOK_UP, SubscriptionCommon


@tagged("post_install", "-at_install")
class TestChargeFirst(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write({"charge_time": "before", "is_shipped": True})

    def _run_all(self):
        self._run_billing("ir_cron_draft", "ir_cron_post", "ir_cron_charge")
        self._run_billing("ir_cron_deliver")

    def test_a_success_makes_invoice_and_delivery_at_once(self):
        """L10: the sale of the interval is made when the money is there."""
        with freeze_time("2026-02-01"), self._provider_answers("done") as sent:
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
        period = subscription.period_ids
        self.assertEqual(sent, [f"{subscription.name}-20260201"])
        self.assertEqual(period.move_id.state, "posted")
        self.assertIn(period.move_id.payment_state, ("paid", "in_payment"))
        self.assertEqual(period.delivery_order_id.state, "sale")

    def test_a_failure_makes_no_invoice_and_no_delivery(self):
        """L10: no sale if the payment failed; L20: a later success makes both."""
        with freeze_time("2026-02-01"), self._provider_answers("fail") as sent:
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
            self._run_all()
        period = subscription.period_ids
        self.assertEqual((len(sent), period.move_id.state), (1, "draft"))
        self.assertFalse(period.move_id.name)
        self.assertFalse(period.delivery_order_id)
        self.assertIn(subscription.name, subscription.next_step)
        with freeze_time("2026-02-03"), self._provider_answers("done"):
            subscription.charge_ids.with_user(self.office).action_retry()
            self._run_billing("ir_cron_charge", "ir_cron_deliver")
        self.assertEqual(period.move_id.state, "posted")
        self.assertEqual(period.move_id.invoice_date, date(2026, 2, 3))
        self.assertIn(period.move_id.payment_state, ("paid", "in_payment"))
        self.assertEqual(period.delivery_order_id.state, "sale")
        self.assertEqual(len(subscription.period_ids), 1)

    def test_no_more_tries_pause_it_without_an_invoice(self):
        """L12, L19: paused by the payment; the draft stays the claim of its days."""
        with self._provider_answers("fail") as sent:
            for day in (1, 4, 6, 8, 20):
                with freeze_time(f"2026-02-{day:02}"):
                    if day == 1:
                        subscription = self._create_subscription("2026-02-01")
                    self._run_all()
        self.assertEqual(len(sent), 4)
        self.assertEqual(subscription.pause_kind, "payment")
        self.assertEqual(subscription.period_ids.move_id.state, "draft")

    def test_cancelling_takes_an_unpaid_draft_back(self):
        """L14: no later charges, and no invoice for what was never delivered."""
        with freeze_time("2026-02-01"), self._provider_answers("fail"):
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
            move = subscription.period_ids.move_id
            subscription.with_user(self.office)._cancel()
        self.assertEqual(move.state, "cancel")
        self.assertFalse(subscription.period_ids)
        self.assertEqual(subscription.charge_ids.state, "stopped")

    @freeze_time("2026-02-01")
    def test_a_direct_debit_is_announced_by_a_posted_invoice(self):
        debit = self.env.ref("payment.payment_method_sepa_direct_debit")
        token = self._create_saved_method(
            self.customer, "NL12", payment_method_id=debit.id
        )
        subscription = self._create_subscription(
            "2026-02-01", payment_token_id=token.id
        )
        self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.state, "posted")
        self.assertEqual(subscription.charge_ids.date_next_try, date(2026, 2, 15))

    @freeze_time("2026-02-01 10:00:00")
    def test_what_was_paid_while_the_answer_was_lost_is_sold_by_the_next_run(self):
        """L20: money first; the invoice and the delivery follow without a person."""
        subscription = self._create_subscription("2026-02-01")
        with self._provider_answers("lost"):
            self._run_all()
        charge = subscription.charge_ids
        charge.sudo().date_ask = fields.Datetime.now()

        def found(transaction):
            transaction._set_done()
            return "known"

        with patch(LOOK_UP, found):
            self._run_billing("ir_cron_charge", "ir_cron_deliver")
        self.assertEqual(subscription.period_ids.move_id.state, "posted")
        self.assertEqual(subscription.period_ids.delivery_order_id.state, "sale")

    @freeze_time("2026-02-01")
    def test_a_deleted_draft_takes_its_charge_along(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        self.assertEqual(subscription.charge_ids.state, "waiting")
        subscription.period_ids.move_id.unlink()
        self.assertFalse(subscription.charge_ids)
        self._run_billing("ir_cron_draft")
        self.assertEqual(len(subscription.charge_ids), 1)
