from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestMails(SubscriptionCommon):
    def _get_mails(self, subscription):
        return self.env["mail.mail"].search(
            [("model", "=", subscription._name), ("res_id", "=", subscription.id)]
        )

    @freeze_time("2026-04-01")
    def test_a_start_is_confirmed_with_plan_interval_and_duration(self):
        """L8: the plan's name, the billing interval, the duration."""
        self.plan.period_count = 6
        mail = self._get_mails(self._create_subscription("2026-04-20"))
        self.assertEqual(mail.recipient_ids, self.customer)
        for part in ("Member per month", "every month", "6 periods", "15.00"):
            self.assertIn(part, mail.body_html)

    @freeze_time("2026-04-01")
    def test_the_confirmation_can_be_switched_off(self):
        """L8: on the plan, or for one migration."""
        self.plan.is_confirmation_mail = False
        self.assertFalse(self._get_mails(self._create_subscription("2026-04-01")))
        self.plan.is_confirmation_mail = True
        quiet = self.env["subscription.subscription"].with_context(
            subscription_no_mail=True
        )
        subscription = quiet.create(
            {
                "partner_id": self.customer.id,
                "plan_id": self.plan.id,
                "payment_token_id": self.token.id,
            }
        )
        subscription.action_start()
        self.assertFalse(self._get_mails(subscription))

    def test_a_renewal_is_announced_once(self):
        """Before the next period begins, with its amount."""
        self.plan.write({"is_confirmation_mail": False, "reminder_days": 10})
        with freeze_time("2026-04-01"):
            subscription = self._create_subscription("2026-04-01")
            self._run_billing()
            self._run_cron("ir_cron_remind")
        self.assertFalse(self._get_mails(subscription))
        for day in ("2026-04-22", "2026-04-23"):
            with freeze_time(day):
                self._run_cron("ir_cron_remind")
        mail = self._get_mails(subscription)
        self.assertEqual(len(mail), 1)
        self.assertIn("15.00", mail.body_html)
