from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

BROKEN = "This one is broken."
LOGGERS = [
    f"odoo.addons.subscription_connector.models.{name}"
    for name in (
        "subscription_charge_guard",
        "subscription_refund",
        "subscription_subscription_mail",
    )
]


@tagged("post_install", "-at_install")
class TestOneBad(SubscriptionCommon):
    """In each stage of each job the record that fails stays behind, alone."""

    def _create_three(self, start, **values):
        """Return subscriptions of three customers; the first is the bad one."""
        found = self.env["subscription.subscription"]
        for number in range(3):
            found |= self._create_subscription(
                start,
                partner_id=self._create_customer(f"Member {number}").id,
                **{"collection": "invoice", **values},
            )
        return found

    @contextmanager
    def _fails(self, model, method, is_bad):
        """Let a method fail for the records that are bad, and nothing else."""
        owner = self.registry[model]
        original = getattr(owner, method)

        def fail(records, *arguments, **options):
            if any(is_bad(record, *arguments) for record in records or [records]):
                raise UserError(BROKEN)
            return original(records, *arguments, **options)

        with patch.object(owner, method, fail), mute_logger(*LOGGERS):
            yield

    def _check_kept_back(self, bad):
        self.assertEqual(bad.billing_error, BROKEN)
        self.assertIn("broken", bad.activity_ids.summary)

    def test_one_that_cannot_begin_keeps_no_other_from_it(self):
        """Nor does a bite: all that is due begins in one run."""
        with freeze_time("2026-04-01"):
            bad, *good = self._create_three("2026-04-10")
        model = "subscription.subscription"
        with freeze_time("2026-04-10"):
            with (
                self._fails(model, "_activate", lambda record: record == bad),
                self._scheduler(model) as subscriptions,
            ):
                subscriptions._begin_planned(batch_size=1)
            self.assertEqual(bad.state, "planned")
            self.assertEqual([one.state for one in good], ["active"] * 2)
            self._check_kept_back(bad)
            self._run_billing()
        self.assertEqual(bad.state, "active")
        self.assertFalse(bad.billing_error)
        self.assertEqual(len(bad.period_ids), 1)

    def test_one_that_cannot_end_keeps_no_other_from_it(self):
        with freeze_time("2026-04-10"):
            bad, *good = self._create_three("2026-04-10", period_count=1)
            self._run_billing()
        model = "subscription.subscription"
        with freeze_time("2026-05-10"):
            with self._fails(model, "_end_expired", lambda record: record == bad):
                self._run_billing()
            self.assertEqual([one.state for one in good], ["expired"] * 2)
            self._check_kept_back(bad)
            self._run_billing()
        self.assertEqual((bad.state, bad.billing_error), ("expired", False))

    def test_one_that_cannot_pause_or_change_keeps_no_other_from_it(self):
        with freeze_time("2026-04-10"):
            three = self._create_three("2026-04-10")
            self._run_billing()
            gold = self._create_plan(name="Gold")
            for one in three:
                one._plan_pause(date(2026, 5, 10), date(2026, 5, 20))
        bad, *good = three
        model = "subscription.subscription"
        with (
            freeze_time("2026-05-10"),
            self._fails(model, "_begin_pause", lambda record: record == bad),
        ):
            self._run_billing()
        self.assertEqual([one.state for one in good], ["paused"] * 2)
        self._check_kept_back(bad)
        with freeze_time("2026-05-21"):
            self._run_billing()
            for one in three:
                one._plan_change(gold, one._get_change_rows(gold), "period")
        with (
            freeze_time("2026-06-30"),
            self._fails(model, "_apply_change", lambda record, *_rest: record == bad),
        ):
            self._run_billing()
        self.assertEqual([one.plan_id for one in good], [gold] * 2)
        self.assertEqual(bad.plan_id, self.plan)

    def test_one_reminder_that_fails_keeps_no_other_back(self):
        self.plan.reminder_days = 5
        with freeze_time("2026-04-10"):
            bad, *good = self._create_three("2026-04-10")
            self._run_billing()
        with (
            freeze_time("2026-05-08"),
            self._fails(
                "subscription.subscription",
                "_send_template",
                lambda record, *_rest: record == bad,
            ),
        ):
            self._run_cron("ir_cron_remind")
        self.assertEqual([one.date_reminded for one in good], [date(2026, 5, 10)] * 2)
        self.assertFalse(bad.date_reminded)

    @freeze_time("2026-04-10")
    def test_one_charge_that_cannot_be_sent_keeps_no_other_back(self):
        """Nothing was sent: a person is told, and it is tried again tomorrow."""
        bad, *good = self._create_three("2026-04-10", collection="token")
        self._run_billing()
        with (
            self._fails(
                "subscription.charge",
                "_prepare_transaction_vals",
                lambda record, *_rest: record.subscription_id == bad,
            ),
            self._provider_answers("done") as sent,
        ):
            self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 2)
        self.assertEqual([one.charge_ids.state for one in good], ["done"] * 2)
        charge = bad.charge_ids
        self.assertEqual(charge.date_next_try, date(2026, 4, 11))
        self.assertEqual(charge.last_error, BROKEN)
        self.assertIn("broken", charge.activity_ids.summary)
        run = self.env["subscription.billing.run"].search([], limit=1)
        self.assertEqual(run.failure_ids.subscription_id, bad)
        with freeze_time("2026-04-11"), self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        self.assertEqual(charge.state, "done")

    @freeze_time("2026-04-10")
    def test_one_charge_that_cannot_be_asked_for_keeps_no_other_back(self):
        subscriptions = self._create_three("2026-04-10", collection="token")
        self._run_billing()
        with self._provider_answers("lost"):
            self._run_cron("ir_cron_charge")
        bad, *good = subscriptions.charge_ids.sudo()
        subscriptions.charge_ids.sudo().date_ask = "2026-04-10 00:00:00"
        logger = "odoo.addons.subscription_connector.models.subscription_charge"

        def look_up(transaction):
            if transaction == bad.transaction_id:
                raise KeyError("_embedded")
            transaction._set_done()
            return "known"

        with (
            patch.object(
                self.registry["payment.transaction"],
                "_look_up_subscription_charge",
                look_up,
            ),
            mute_logger(logger),
        ):
            self._run_cron("ir_cron_charge")
        self.assertEqual([one.state for one in good], ["done"] * 2)
        self.assertEqual(bad.state, "unknown")

    @freeze_time("2026-04-10")
    def test_one_refund_that_cannot_be_sent_keeps_no_other_back(self):
        subscriptions = self._create_three("2026-04-10", collection="token")
        self._run_billing()
        with self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        paid = subscriptions.charge_ids.transaction_id.sudo()
        refunds = self.env["subscription.refund"].sudo()
        with patch.object(self.registry["payment.transaction"], "_check_can_refund"):
            for transaction in paid:
                refunds |= refunds._request(transaction, 5.0, "Too much", False)
        bad, *good = refunds

        def pay_back(transaction):
            transaction._set_done()

        with (
            self._fails(
                "payment.transaction",
                "_create_child_transaction",
                lambda record, *_rest: record == bad.transaction_id,
            ),
            patch.object(
                self.registry["payment.transaction"], "_send_refund_request", pay_back
            ),
        ):
            self._run_cron("ir_cron_refund")
        self.assertEqual([one.state for one in good], ["done"] * 2)
        self.assertEqual((bad.state, bad.error), ("failed", BROKEN))
        self.assertTrue(bad.activity_ids)
