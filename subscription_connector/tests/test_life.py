from ast import literal_eval
from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestLife(SubscriptionCommon):
    @freeze_time("2026-02-10")
    def test_staff_sells_from_the_form(self):
        """L6: customer, plan, start and method; the lines come from the plan."""
        with Form(self.env["subscription.subscription"].with_user(self.office)) as form:
            form.partner_id = self.customer
            form.plan_id = self.plan
            form.payment_token_id = self.token
        subscription = form.record
        self.assertEqual(subscription.line_ids.product_id, self.product)
        self.assertEqual(subscription.amount_total, 15.0)
        subscription.action_start()
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.event_ids.kind, "started")
        self.assertAlmostEqual(subscription.event_ids.mrr_change, 12.40)

    @freeze_time("2026-02-10")
    def test_a_start_next_week_is_planned_and_begins_by_itself(self):
        """L6, L12: nothing is billed before the day it begins."""
        subscription = self._create_subscription("2026-02-17")
        self.assertEqual(subscription.state, "planned")
        self._run_billing()
        self.assertFalse(subscription.period_ids)
        with freeze_time("2026-02-17"):
            self._run_billing()
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.period_ids.date_from, date(2026, 2, 17))
        self.assertEqual(
            subscription.event_ids.sorted("id").mapped("kind"), ["planned", "started"]
        )

    @freeze_time("2026-02-10")
    def test_missing_data_is_named_before_anything_starts(self):
        """L7: no method, no start."""
        subscription = self.env["subscription.subscription"].create(
            {"partner_id": self.customer.id, "plan_id": self.plan.id}
        )
        with self.assertRaisesRegex(UserError, "Mieke Jansen"):
            subscription.action_start()

    def test_a_fixed_number_of_periods_ends_by_itself(self):
        """L4: after the last period it expires and nothing more is billed."""
        self.plan.period_count = 2
        with freeze_time("2026-01-31"):
            subscription = self._create_subscription("2026-01-31")
            self._run_billing()
        self.assertEqual(subscription.date_end, date(2026, 3, 31))
        with freeze_time("2026-06-01"):
            self._run_billing()
            self._run_billing()
        self.assertEqual(subscription.state, "expired")

    def test_a_missed_run_still_bills_all_of_a_fixed_term(self):
        """User wish 7: the term is over, but its periods were owed."""
        self.plan.period_count = 2
        subscription = self._create_subscription("2026-01-31")
        with freeze_time("2026-06-01"):
            self._run_billing()
        self.assertEqual(len(subscription.period_ids), 2)
        self.assertEqual(subscription.state, "expired")

    @freeze_time("2026-02-10")
    def test_a_pause_on_request_bills_nothing_until_it_is_resumed(self):
        """L13; the days of the pause are never billed afterwards."""
        subscription = self._create_subscription("2026-02-10")
        self._run_billing()
        subscription._plan_pause(date(2026, 2, 10), settlement="none")
        self.assertEqual(subscription.pause_kind, "requested")
        with freeze_time("2026-05-20"):
            self._run_billing()
            self.assertEqual(len(subscription.period_ids), 1)
            subscription.action_resume()
            self._run_billing()
        newest = subscription.period_ids.sorted("date_from")[-1]
        self.assertEqual(newest.date_from, date(2026, 5, 20))
        self.assertEqual(subscription.pause_ids.date_to, date(2026, 5, 20))

    @freeze_time("2026-02-10")
    def test_cancelling_at_the_end_of_the_period_keeps_it_until_then(self):
        """L14: stays active, no later bills, undo until then."""
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        wizard = (
            self.env["subscription.cancel"]
            .with_user(self.office)
            .create(
                {
                    "subscription_id": subscription.id,
                    "reason_id": self.env.ref(
                        "subscription_connector.close_reason_price"
                    ).id,
                }
            )
        )
        self.assertEqual(wizard.date, date(2026, 3, 1))
        wizard.action_cancel()
        self.assertEqual(subscription.state, "active")
        self.assertFalse(subscription.date_next)
        subscription.action_undo_cancel()
        self.assertEqual(subscription.date_next, date(2026, 3, 1))
        wizard.action_cancel()
        with freeze_time("2026-03-01"):
            self._run_billing()
        self.assertEqual(subscription.state, "cancelled")
        self.assertEqual(len(subscription.period_ids), 1)
        self.assertEqual(subscription.event_ids[0].reason_id, wizard.reason_id)

    @freeze_time("2026-02-10")
    def test_cancelling_now_stops_the_charges_that_wait(self):
        """L14: no later charges; the customer gets a receipt (H14)."""
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        subscription._cancel()
        self.assertEqual(subscription.state, "cancelled")
        self.assertEqual(subscription.charge_ids.state, "stopped")
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])
        mail = self.env["mail.mail"].search(
            [("model", "=", "subscription.subscription")]
        )
        self.assertEqual(mail.recipient_ids, self.customer)

    @freeze_time("2026-02-10")
    def test_a_planned_one_can_be_cancelled_before_it_begins(self):
        subscription = self._create_subscription("2026-02-17")
        subscription._cancel(subscription._get_cancel_dates()[0])
        self.assertEqual(subscription.state, "cancelled")

    @freeze_time("2026-02-10")
    def test_a_repeated_change_of_state_does_nothing(self):
        subscription = self._create_subscription("2026-02-01")
        events = len(subscription.event_ids)
        subscription._activate()
        self.assertEqual(len(subscription.event_ids), events)
        subscription.action_resume()
        self.assertEqual(len(subscription.event_ids), events)
        with self.assertRaises(UserError):
            subscription._update_state(("paused",), "expired")

    def test_what_is_not_saved_yet_is_not_in_arrears(self):
        """L11: the red ribbon is for what is late, not for an empty form."""
        new = self.env["subscription.subscription"].new({"plan_id": self.plan.id})
        self.assertFalse(new.has_arrears)

    @freeze_time("2026-02-10")
    def test_the_top_of_the_form_says_what_happens_next(self):
        """L15: when, how much, by which method."""
        subscription = self._create_subscription("2026-02-17")
        for part in ("15.00", "02/17/2026", "1234"):
            self.assertIn(part, subscription.next_step)

    @freeze_time("2026-02-10")
    def test_a_card_that_is_over_before_the_next_billing_is_told(self):
        """L7, L15: last digits and expiry, for the office without rights on methods."""
        self.token.date_expiry = date(2026, 3, 31)
        subscription = self._create_subscription("2026-02-10")
        seen = subscription.with_user(self.office)
        self.assertIn("1234", seen.payment_method_label)
        self.assertEqual(seen.payment_expiry, date(2026, 3, 31))
        self.assertFalse(seen.is_method_expiring)
        for day in ("2026-02-10", "2026-03-10"):
            with freeze_time(day):
                self._run_billing()
        self.assertEqual(subscription.date_next, date(2026, 4, 10))
        seen.invalidate_recordset()
        self.assertTrue(seen.is_method_expiring)

    @freeze_time("2026-02-10")
    def test_the_list_filters_on_status_customer_plan_and_arrears(self):
        """L11: customer, status, plan, creation are shown; arrears flagged."""
        running = self._create_subscription("2026-02-01")
        ended = self._create_subscription(
            "2026-02-01", partner_id=self._create_customer("Left Us").id
        )
        self._run_billing()
        with self._provider_answers("fail"):
            self._run_cron("ir_cron_charge")
        ended._cancel()
        views = self.env["subscription.subscription"].get_views(
            [(False, "list"), (False, "search")]
        )["views"]
        for name in ("partner_id", "state", "plan_id", "create_date", "has_arrears"):
            self.assertIn(f'name="{name}"', views["list"]["arch"])
        search = etree.fromstring(views["search"]["arch"])
        found = {}
        for name in ("filter_running", "filter_ended", "filter_arrears"):
            (node,) = search.xpath(f"//filter[@name='{name}']")
            domain = [
                ("company_id", "=", self.company.id),
                *literal_eval(node.get("domain")),
            ]
            found[name] = self.env["subscription.subscription"].search(domain)
        self.assertEqual(found["filter_running"], running)
        self.assertEqual(found["filter_ended"], ended)
        self.assertIn(running, found["filter_arrears"])
        for field in ("partner_id", "plan_id"):
            self.assertTrue(search.xpath(f"//field[@name='{field}']"))
