from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestBillingDay(SubscriptionCommon):
    def test_the_day_begins_at_the_company_and_not_in_utc(self):
        """23:30 in London is half past midnight in Amsterdam."""
        self.company.partner_id.tz = "Europe/Amsterdam"
        with freeze_time("2026-01-31 22:30:00"):
            subscription = self._create_subscription("2026-02-01")
            self._run_billing("ir_cron_draft")
            self.assertFalse(subscription.period_ids)
        with freeze_time("2026-01-31 23:30:00"):
            self._run_billing("ir_cron_draft", "ir_cron_draft")
        self.assertEqual(subscription.period_ids.move_id.invoice_date, date(2026, 2, 1))

    def test_without_a_time_zone_that_of_the_country_counts(self):
        self.company.partner_id.write(
            {"tz": False, "country_id": self.env.ref("base.nl").id}
        )
        with freeze_time("2026-07-01 22:30:00"):
            self.assertEqual(self.company._get_billing_day(), date(2026, 7, 2))

    @freeze_time("2026-01-31 23:30:00")
    def test_two_companies_have_each_their_own_day(self):
        self.company.partner_id.tz = "Europe/Amsterdam"
        other = self.env["res.company"].sudo().create({"name": "New York"})
        other.partner_id.tz = "America/New_York"
        domain = self.env["res.company"]._get_billing_day_domain("date_start")
        subscription = self._create_subscription("2026-02-01")
        self.assertTrue(subscription.filtered_domain(domain))
        subscription.sudo().plan_id.copy({"company_id": other.id})
        self.assertEqual(other._get_billing_day(), date(2026, 1, 31))

    def test_days_of_the_next_tries_are_rising_whole_numbers(self):
        """L19: 3, 5 and 7 unless the organisation says otherwise."""
        self.assertEqual(self.company._get_retry_days(), (3, 5, 7))
        self.company.subscription_retry_days = "1 2"
        self.assertEqual(self.company._get_retry_days(), (1, 2))
        for wrong in ("5, 3", "two", "0, 1", "3, 3"):
            with self.assertRaises(ValidationError):
                self.company.subscription_retry_days = wrong

    def test_the_tries_follow_the_days_of_the_company(self):
        """L19: configured, two tries and no third."""
        self.company.subscription_retry_days = "2"
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_billing()
        with self._provider_answers("fail") as sent:
            for day in range(1, 9):
                with freeze_time(f"2026-02-0{day}"):
                    self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 2)
        self.assertEqual(subscription.pause_kind, "payment")

    @freeze_time("2026-06-15")
    def test_missed_periods_come_a_few_in_a_run(self):
        """A wrong start date makes no flood: the rest follows in the next run."""
        self.company.subscription_catch_up_cap = 2
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        self.assertEqual(len(subscription.period_ids), 2)
        self._run_billing("ir_cron_draft", "ir_cron_draft")
        self.assertEqual(len(subscription.period_ids), 5)

    def test_a_member_elsewhere_acts_on_the_day_of_the_company(self):
        """Half past midnight in Amsterdam is the evening before in New York."""
        self.company.partner_id.tz = "Europe/Amsterdam"
        with freeze_time("2026-02-01 10:00:00"):
            subscription = self._create_subscription("2026-02-01")
            paused = self._create_subscription("2026-02-01", pause_settlement="none")
            self._run_billing()
        abroad = {"tz": "America/New_York"}
        with freeze_time("2026-02-09 23:30:00"):
            own = subscription.with_context(**abroad)
            self.assertEqual(own._get_today(), date(2026, 2, 10))
            own._cancel()
            paused.with_context(**abroad)._plan_pause(date(2026, 2, 10))
        self.assertEqual(subscription.state, "cancelled")
        self.assertEqual(subscription.date_cancel, date(2026, 2, 10))
        self.assertEqual(subscription.event_ids[0].date, date(2026, 2, 10))
        self.assertEqual(paused.state, "paused")
        self.assertEqual(paused.pause_ids.date_from, date(2026, 2, 10))
        with freeze_time("2026-02-11 23:30:00"):
            paused.with_context(tz="Pacific/Auckland")._resume()
        self.assertEqual(paused.pause_ids.date_to, date(2026, 2, 12))

    def test_yesterday_is_no_day_for_a_pause_wherever_one_is(self):
        self.company.partner_id.tz = "Europe/Amsterdam"
        subscription = self._create_subscription("2026-02-01")
        with freeze_time("2026-02-09 23:30:00"), self.assertRaises(UserError):
            subscription.with_context(tz="America/New_York")._plan_pause(
                date(2026, 2, 9)
            )

    def test_what_is_planned_begins_when_the_day_begins_at_the_company(self):
        self.company.partner_id.tz = "Europe/Amsterdam"
        with freeze_time("2026-01-20"):
            subscription = self._create_subscription("2026-02-01")
        model = self.env["subscription.subscription"]
        for moment, state in (
            ("2026-01-31 22:30:00", "planned"),
            ("2026-01-31 23:30:00", "active"),
        ):
            with freeze_time(moment), self._scheduler(model._name) as planned:
                planned._begin_planned()
            subscription.invalidate_recordset()
            self.assertEqual(subscription.state, state)
