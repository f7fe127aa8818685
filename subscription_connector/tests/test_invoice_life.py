from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestInvoiceLife(SubscriptionCommon):
    """What becomes of a period when people work on its invoice by hand."""

    @freeze_time("2026-02-10")
    def test_a_cancelled_draft_gives_its_period_free(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        cancelled = subscription.period_ids.move_id
        cancelled.button_cancel()
        self.assertFalse(subscription.period_ids)
        self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.state, "posted")
        with self.assertRaises(UserError):
            cancelled.button_draft()

    @freeze_time("2026-02-10")
    def test_a_posted_invoice_that_is_cancelled_is_billed_anew_and_charged_once(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        subscription.period_ids.move_id.button_cancel()
        self.assertEqual(subscription.charge_ids.state, "stopped")
        self._run_billing()
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 1)
        self.assertEqual(
            sorted(subscription.charge_ids.mapped("state")), ["done", "stopped"]
        )

    @freeze_time("2026-02-10")
    def test_a_delivered_period_is_not_billed_and_delivered_again(self):
        self.plan.is_shipped = True
        subscription = self._create_subscription("2026-02-01", collection="invoice")
        self._run_billing("ir_cron_draft", "ir_cron_post", "ir_cron_deliver")
        period = subscription.period_ids
        period.move_id.button_cancel()
        self._run_billing("ir_cron_draft", "ir_cron_post", "ir_cron_deliver")
        self.assertEqual(subscription.period_ids, period)
        self.assertTrue(period.error)

    @freeze_time("2026-02-10")
    def test_money_under_way_keeps_an_invoice_from_being_cancelled(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        with self._provider_answers("pending"):
            self._run_cron("ir_cron_charge")
        with self.assertRaises(UserError):
            subscription.period_ids.move_id.button_cancel()

    @freeze_time("2026-02-10")
    def test_who_is_charged_is_not_asked_to_transfer(self):
        charged = self._create_subscription("2026-02-01")
        paying = self._create_subscription(
            "2026-02-01",
            partner_id=self._create_customer("Pays Alone").id,
            collection="invoice",
        )
        self._run_billing()
        for subscription, is_asked in ((charged, False), (paying, True)):
            move = subscription.period_ids.move_id
            sender = self.env["account.move.send"]
            template = sender._get_default_mail_template_id(move)
            body = sender._get_default_mail_body(move, template, "en_US")
            self.assertEqual("remit payment" in body, is_asked)
            self.assertEqual("you need not do anything" in body, not is_asked)
        self.assertIn("1234", charged.period_ids.move_id._get_charge_announcement())

    @freeze_time("2026-02-10")
    def test_a_member_does_not_read_what_went_wrong_inside(self):
        subscription = self._create_subscription("2026-02-01")
        with patch.object(
            type(subscription), "_prepare_invoice_vals", side_effect=UserError("x-ray")
        ):
            self._run_billing("ir_cron_draft")
        self.assertIn("x-ray", subscription.with_user(self.office).next_step)
        member = new_test_user(
            self.env, "member", "base.group_portal", partner_id=self.customer.id
        )
        seen = subscription.with_user(member)
        self.assertNotIn("x-ray", seen.next_step)
        self.assertTrue(seen.next_step)
        with self.assertRaises(UserError):
            seen.read(["billing_error"])
