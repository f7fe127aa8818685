from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestRenewal(SubscriptionCommon):
    """Three months from 1 January, two months' notice, then until cancelled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.write(
            {
                "period_count": 3,
                "after_term": "renew",
                "notice_count": 2,
                "notice_unit": "month",
                "term_reminder_days": 14,
                "is_confirmation_mail": False,
            }
        )

    def _bill_until(self, *days):
        for day in days:
            with freeze_time(day):
                self._run_billing("ir_cron_draft")

    def _get_mails(self, subscription):
        return self.env["mail.mail"].search(
            [("model", "=", subscription._name), ("res_id", "=", subscription.id)]
        )

    def _create(self, **values):
        with freeze_time("2026-01-01"):
            return self._create_subscription("2026-01-01", **values)

    def test_a_term_that_goes_on_is_billed_without_a_gap(self):
        """L4: the fourth month follows the third, and the history tells why."""
        subscription = self._create()
        days = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01")
        self._bill_until(*days)
        self.assertEqual(
            subscription.period_ids.sorted("date_from").mapped("date_from"),
            [date.fromisoformat(day) for day in days],
        )
        self.assertEqual(subscription.state, "active")
        self.assertFalse(subscription.date_end)
        event = subscription.event_ids.filtered(lambda e: e.kind == "renewed")
        self.assertEqual(event.date, date(2026, 4, 1))
        self.assertEqual(event.mrr_change, 0.0)

    def test_a_consumer_then_leaves_on_any_day_with_a_month(self):
        """Art. 6:236 j BW and § 309 Nr. 9 BGB: two months were agreed."""
        subscription = self._create()
        self._bill_until("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
        self.assertEqual(
            (subscription.notice_count, subscription.notice_unit), (1, "month")
        )
        with freeze_time("2026-04-07"):
            self.assertEqual(subscription._get_cancel_dates()[0], date(2026, 5, 7))

    def test_a_company_keeps_the_notice_that_was_agreed(self):
        partner = self._create_customer("Drukkerij De Pers")
        partner.is_company = True
        subscription = self._create(partner_id=partner.id)
        self._bill_until("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
        self.assertEqual(subscription.notice_count, 2)
        self.assertEqual(subscription.cancel_mode, "period")

    def test_who_is_late_is_bound_for_a_month_and_no_further_term(self):
        """The last day to object is over: a month from the wish, not three."""
        subscription = self._create()
        self._bill_until("2026-01-01", "2026-02-01", "2026-03-01")
        with freeze_time("2026-01-20"):
            self.assertEqual(subscription._get_cancel_dates(), [date(2026, 4, 1)])
        with freeze_time("2026-03-20"):
            self.assertEqual(subscription._get_cancel_dates(), [date(2026, 4, 20)])
            subscription._cancel(date(2026, 4, 20))
        self._bill_until("2026-04-01", "2026-04-20", "2026-05-01")
        self.assertEqual(subscription.state, "cancelled")
        self.assertEqual(max(subscription.period_ids.mapped("date_to")).month, 4)

    def test_the_customer_is_told_in_time_to_object(self):
        """14 days before the last day to object, which is 1 February; once."""
        subscription = self._create()
        with freeze_time("2026-01-17"):
            self._run_cron("ir_cron_remind")
        self.assertFalse(self._get_mails(subscription))
        for day in ("2026-01-18", "2026-01-19"):
            with freeze_time(day):
                self._run_cron("ir_cron_remind")
        mail = self._get_mails(subscription)
        self.assertEqual(len(mail), 1)
        for words in ("goes on until you cancel", "15.00", "02/01/2026", "any day"):
            self.assertIn(words, mail.body_html)

    def test_a_term_that_ends_is_announced_and_ends(self):
        """L4: ends by itself after a fixed number of periods."""
        self.plan.after_term = "end"
        subscription = self._create()
        with freeze_time("2026-03-18"):
            self._run_cron("ir_cron_remind")
        self.assertIn("ends by itself", self._get_mails(subscription).body_html)
        self._bill_until("2026-03-18", "2026-03-19", "2026-04-01", "2026-04-02")
        self.assertEqual(subscription.state, "expired")
        self.assertEqual(len(subscription.period_ids), 3)

    def test_who_has_cancelled_is_not_reminded(self):
        subscription = self._create()
        with freeze_time("2026-01-05"):
            subscription._cancel(date(2026, 4, 1))
        mails = self._get_mails(subscription)
        with freeze_time("2026-01-20"):
            self._run_cron("ir_cron_remind")
        self.assertEqual(self._get_mails(subscription), mails)

    def test_a_missed_run_renews_once_and_forgets_no_month(self):
        subscription = self._create()
        self._bill_until("2026-01-01", "2026-06-10", "2026-06-10", "2026-06-10")
        self.assertEqual(len(subscription.period_ids), 6)
        renewed = subscription.event_ids.filtered(lambda e: e.kind == "renewed")
        self.assertEqual(len(renewed), 1)
