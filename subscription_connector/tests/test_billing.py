from contextlib import suppress
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import ExclusionViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

MODEL = (
    "odoo.addons.subscription_connector.models.subscription_subscription_billing."
    "SubscriptionSubscription"
)


@tagged("post_install", "-at_install")
class TestBilling(SubscriptionCommon):
    def test_the_database_forbids_two_claims_on_one_day(self):
        """I1: not the code but the database keeps a day from being billed twice."""
        subscription = self._create_subscription()
        values = {
            "subscription_id": subscription.id,
            "date_from": date(2026, 2, 1),
            "date_to": date(2026, 3, 1),
        }
        periods = self.env["subscription.period"].sudo()
        periods.create(values)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ExclusionViolation),
            self.cr.savepoint(),
        ):
            periods.create(values | {"date_from": date(2026, 2, 28)})
        touching = values | {"date_from": date(2026, 3, 1), "date_to": date(2026, 4, 1)}
        self.assertTrue(periods.create(touching))
        self.assertTrue(periods.create(values | {"kind": "proration"}))

    def test_a_credited_period_may_be_billed_again(self):
        subscription = self._create_subscription()
        values = {
            "subscription_id": subscription.id,
            "date_from": date(2026, 2, 1),
            "date_to": date(2026, 3, 1),
        }
        periods = self.env["subscription.period"].sudo()
        periods.create(values | {"is_credited": True})
        self.assertTrue(periods.create(values))

    @freeze_time("2026-04-01")
    def test_missed_periods_are_all_billed_once(self):
        """A18, user wish 7: three missed months make three invoices, not one."""
        subscription = self._create_subscription("2026-01-31")
        self._run_billing()
        spans = subscription.period_ids.sorted("date_from").mapped(
            lambda period: (str(period.date_from), str(period.date_to))
        )
        self.assertEqual(
            spans,
            [
                ("2026-01-31", "2026-02-28"),
                ("2026-02-28", "2026-03-31"),
                ("2026-03-31", "2026-04-30"),
            ],
        )
        self.assertEqual(subscription.date_next, date(2026, 4, 30))
        moves = subscription.period_ids.move_id
        self.assertEqual(len(moves), 3)
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(moves.mapped("amount_total"), [15.0] * 3)

    @freeze_time("2026-02-10")
    def test_a_second_run_finds_nothing_to_do(self):
        """A8: running again, also at once, makes no second invoice."""
        subscriptions = self._create_subscription("2026-02-01")
        for name in ("Anna Bakker", "Bram Visser"):
            customer = self._create_customer(name)
            subscriptions |= self._create_subscription(
                "2026-02-01", partner_id=customer.id
            )
        self._run_billing()
        periods = subscriptions.period_ids
        self.assertEqual(len(periods), 3)
        self._run_billing()
        self.assertEqual(subscriptions.period_ids, periods)
        self.assertEqual(len(periods.move_id), 3)

    @freeze_time("2026-02-10")
    def test_the_invoice_names_product_and_service_period(self):
        self.customer.lang = "en_US"
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        line = subscription.period_ids.move_id.invoice_line_ids
        self.assertEqual(line.name, "Membership\n02/01/2026 – 02/28/2026")
        self.assertEqual(line.tax_ids, self.tax)
        self.assertEqual(line.subscription_period_id, subscription.period_ids)
        self.assertEqual(line.subscription_line_id, subscription.line_ids)

    @freeze_time("2026-02-10")
    def test_one_bad_record_stays_behind_and_the_others_go_on(self):
        """User wish 6: an error on the record, its owner, its next try."""
        good = self._create_subscription("2026-02-01")
        bad = self._create_subscription(
            "2026-02-01", partner_id=self._create_customer("Bad Record").id
        )
        prepare = f"{MODEL}._prepare_invoice_vals"
        original = type(self.env["subscription.subscription"])._prepare_invoice_vals

        message = "This customer has no account."

        def break_one(subscription, span, earlier=()):
            if subscription.id == bad.id:
                raise UserError(message)
            return original(subscription, span, earlier)

        with patch(prepare, break_one), mute_logger("odoo.sql_db"):
            self._run_billing()
        self.assertEqual(good.period_ids.move_id.state, "posted")
        self.assertFalse(bad.period_ids)
        self.assertEqual(bad.billing_error, message)
        self.assertTrue(bad.date_billing_retry)
        self.assertEqual(bad.activity_ids.user_id, bad.user_id)
        run = self.env["subscription.billing.run"].search([], limit=1)
        self.assertEqual(run.failure_ids.subscription_id, bad)
        self.assertEqual(run.drafted, 1)
        with freeze_time("2026-02-12"):
            self._run_billing()
        self.assertFalse(bad.billing_error)
        self.assertEqual(len(bad.period_ids), 1)

    @freeze_time("2026-02-10")
    def test_a_crash_after_the_first_of_three_loses_and_doubles_nothing(self):
        """R1: the bites before the crash stand, the next run does the rest."""
        subscriptions = self._create_subscription("2026-02-01")
        for name in ("Anna Bakker", "Bram Visser"):
            customer = self._create_customer(name)
            subscriptions |= self._create_subscription(
                "2026-02-01", partner_id=customer.id
            )
        model = type(self.env["subscription.subscription"])
        original = model._draft_bite
        done = []

        def crash_at_second(records, due):
            if done:
                raise KeyboardInterrupt
            done.append(due)
            return original(records, due)

        with (
            patch.object(model, "_draft_bite", crash_at_second),
            suppress(KeyboardInterrupt),
            self._scheduler("subscription.subscription") as scheduled,
        ):
            scheduled._cron_draft(batch_size=1)
        self.assertEqual(len(done), 1)
        self.assertEqual(len(subscriptions.period_ids), 1)
        self._run_billing()
        self.assertEqual(len(subscriptions.period_ids), 3)
        self.assertEqual(len(subscriptions.period_ids.move_id), 3)

    @freeze_time("2026-02-10")
    def test_a_deleted_draft_is_billed_again(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        subscription.period_ids.move_id.unlink()
        self.assertFalse(subscription.period_ids)
        self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.state, "posted")

    @freeze_time("2026-02-10")
    def test_an_invoice_posted_by_hand_gets_its_charge(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        subscription.period_ids.move_id.action_post()
        self.assertEqual(subscription.period_ids.state, "posted")
        self.assertEqual(subscription.charge_ids.state, "waiting")

    @freeze_time("2026-02-10")
    def test_an_invoice_is_sent_once_the_way_the_customer_prefers(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        sender = type(self.env["account.move.send"])
        with patch.object(sender, "_generate_and_send_invoices") as send:
            self._run_billing("ir_cron_send")
            self._run_billing("ir_cron_send")
        self.assertEqual(send.call_count, 1)
        self.assertEqual(subscription.period_ids.state, "sent")

    @freeze_time("2026-02-10")
    def test_a_customer_without_address_is_named_and_kept_back(self):
        customer = self._create_customer("No Mail")
        subscription = self._create_subscription("2026-02-01", partner_id=customer.id)
        customer.email = False
        self._run_billing()
        with mute_logger(
            "odoo.addons.subscription_connector.models.subscription_period_billing"
        ):
            self._run_billing("ir_cron_send")
        self.assertEqual(subscription.period_ids.state, "posted")
        self.assertIn("No Mail", subscription.period_ids.error)

    @freeze_time("2026-02-10")
    def test_a_run_without_work_leaves_no_record(self):
        self._run_billing()
        self.assertFalse(self.env["subscription.billing.run"].search([]))

    @freeze_time("2026-02-10")
    def test_the_calendar_of_a_billed_subscription_is_fixed(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        with self.assertRaises(UserError):
            subscription.interval_unit = "year"
