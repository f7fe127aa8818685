from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

STAGES = ("ir_cron_draft", "ir_cron_post", "ir_cron_charge")


@tagged("post_install", "-at_install")
class TestChargeFirstChange(SubscriptionCommon):
    """The money comes before the invoice: 30.00 for April, changed on the 11th."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.charge_time = "before"
        cls.gold = cls._create_plan(
            name="Gold",
            product=cls._create_product_for_plan("Gold card", 30.0),
            charge_time="before",
        )
        cls.yearly = cls._create_plan(
            name="Per year",
            interval_unit="year",
            product=cls._create_product_for_plan("Year card", 150.0),
            charge_time="before",
        )

    def _begin(self, answer, plan=None):
        with freeze_time("2026-04-01"), self._provider_answers(answer):
            subscription = self._create_subscription(
                "2026-04-01", plan_id=(plan or self.gold).id
            )
            self._run_billing(*STAGES)
        return subscription

    def _change(self, subscription, plan, mode="now"):
        rows = subscription._get_change_rows(plan)
        texts = subscription._get_change_preview(plan, rows, mode)
        subscription._plan_change(plan, rows, mode)
        return " ".join(texts)

    def _collected(self, subscription):
        return sorted(
            subscription.charge_ids.transaction_ids.filtered(
                lambda tx: tx.state == "done"
            ).mapped("amount")
        )

    def test_a_downgrade_while_the_payment_failed_is_on_the_draft(self):
        """Ten days at 30.00 and twenty at 15.00 are collected, once: 20.00."""
        subscription = self._begin("fail")
        move = subscription.period_ids.move_id
        with freeze_time("2026-04-11"):
            text = self._change(subscription, self.plan)
            self.assertIn("10.00", text)
            self._run_billing("ir_cron_draft", "ir_cron_post")
            self.assertEqual((move.state, move.amount_total), ("draft", 20.0))
            with self._provider_answers("done"):
                subscription.charge_ids.action_retry()
                self._run_billing(*STAGES)
        self.assertEqual(self._collected(subscription), [20.0])
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(subscription.period_ids.move_id, move)
        self.assertEqual(subscription._get_credit_amount(date(2026, 4, 21)), 5.0)
        with freeze_time("2026-05-01"), self._provider_answers("done"):
            self._run_billing(*STAGES)
        self.assertEqual(self._collected(subscription), [15.0, 20.0])

    def test_an_upgrade_while_the_payment_failed_is_on_the_draft(self):
        subscription = self._begin("fail", self.plan)
        with freeze_time("2026-04-11"), self._provider_answers("done"):
            self._change(subscription, self.gold)
            subscription.charge_ids.action_retry()
            self._run_billing(*STAGES)
        self.assertEqual(self._collected(subscription), [25.0])
        self.assertEqual(subscription.period_ids.move_id.payment_state, "paid")

    def test_another_interval_keeps_the_used_days_on_the_draft(self):
        """Ten days of April, then a year from the 11th; no day twice."""
        subscription = self._begin("fail")
        with freeze_time("2026-04-11"), self._provider_answers("done"):
            self._change(subscription, self.yearly)
            subscription.charge_ids.action_retry()
            self._run_billing(*STAGES)
        self.assertEqual(self._collected(subscription), [10.0, 150.0])
        self.assertEqual(subscription.date_next, date(2027, 4, 11))

    def test_while_the_payment_is_under_way_it_waits(self):
        """The amount that was asked for is fixed: nobody is charged twice."""
        for answer in ("pending", "lost"):
            subscription = self._begin(answer)
            with freeze_time("2026-04-11"):
                with self.assertRaisesRegex(UserError, "under way"):
                    self._change(subscription, self.plan)
                self.env.invalidate_all()
            subscription = self._begin(answer)
            with freeze_time("2026-04-11"):
                self._change(subscription, self.plan, "period")
            self.assertEqual(subscription.date_change, date(2026, 5, 1))

    def test_credit_of_a_downgrade_is_taken_off_the_next_charge(self):
        """What was collected too much pays the next period; it is charged the rest."""
        subscription = self._begin("done")
        self.assertEqual(self._collected(subscription), [30.0])
        with freeze_time("2026-04-21"):
            self._change(subscription, self.plan)
            self._run_billing("ir_cron_draft", "ir_cron_post")
        credit = subscription.period_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(credit.amount_residual, 5.0)
        with freeze_time("2026-05-01"), self._provider_answers("done"):
            self._run_billing(*STAGES)
        self.assertEqual(self._collected(subscription), [10.0, 30.0])
        invoice = subscription.period_ids.sorted("date_from")[-1:].move_id
        self.assertEqual((invoice.amount_total, invoice.payment_state), (15.0, "paid"))
        self.assertEqual(credit.amount_residual, 0.0)
        paid = subscription.charge_ids.transaction_ids.payment_id
        receivable = paid.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertTrue(all(receivable.mapped("reconciled")), "no money without place")

    def test_credit_that_pays_all_of_it_asks_for_no_money(self):
        subscription = self._begin("done")
        cheap = self._create_plan(
            name="Friend",
            product=self._create_product_for_plan("Friend card", 3.0),
            charge_time="before",
        )
        with freeze_time("2026-04-11"):
            self._change(subscription, cheap)
            self._run_billing("ir_cron_draft", "ir_cron_post")
        with freeze_time("2026-05-01"), self._provider_answers("done") as sent:
            self._run_billing(*STAGES)
        self.assertEqual(sent, [])
        invoice = subscription.period_ids.sorted("date_from")[-1:].move_id
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 3.0))
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(subscription.charge_ids.mapped("state"), ["done", "done"])
        credit = subscription.period_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(credit.amount_residual, 15.0)

    def test_paid_after_the_cancellation_is_given_back(self):
        """L14: the payment was under way; the unused days have their credit note."""
        subscription = self._begin("pending")
        with freeze_time("2026-04-11"):
            subscription.with_user(self.office)._cancel(credit=True)
        self.assertEqual(subscription.state, "cancelled")
        self.assertFalse(subscription.period_ids.move_id.name)
        with freeze_time("2026-04-12"):
            paid = subscription.charge_ids.transaction_id.sudo()
            paid._set_done()
            paid._post_process()
            self._run_billing("ir_cron_draft", "ir_cron_post")
        moves = subscription.period_ids.move_id
        invoice = moves.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((moves - invoice).amount_total, 20.0)
        self.assertEqual((moves - invoice).state, "posted")
        self.assertIn("pay back", subscription.activity_ids.mapped("summary")[-1])
