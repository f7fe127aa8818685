from contextlib import suppress
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import LOOK_UP, SubscriptionCommon

LOGGER = "odoo.addons.subscription_connector.models.subscription_charge"


@tagged("post_install", "-at_install")
class TestCharging(SubscriptionCommon):
    def _create_billed(self, **values):
        subscription = self._create_subscription("2026-02-01", **values)
        self._run_billing()
        return subscription

    def test_two_workers_do_not_both_make_the_line_that_books(self):
        """The second meets a row that was changed since, and is tried again."""
        lines = self.env["account.payment.method.line"]
        lines = lines.search([("payment_provider_id", "=", self.provider.id)])
        lines.payment_provider_id = False
        self.env.flush_all()
        before = self._get_row_version()
        self.provider._ensure_payment_method_line()
        self.assertNotEqual(self._get_row_version(), before)
        before = self._get_row_version()
        self.provider._ensure_payment_method_line()
        self.assertEqual(self._get_row_version(), before)

    def _get_row_version(self):
        self.env.cr.execute(
            "SELECT ctid::text FROM payment_provider WHERE id = %s", [self.provider.id]
        )
        return self.env.cr.fetchone()

    @freeze_time("2026-02-10")
    def test_an_invoice_that_changed_meanwhile_is_charged_a_moment_later(self):
        """The sending of invoices works on them too; no error, no charge is lost."""
        subscription = self._create_billed()
        execute = type(self.env.cr).execute
        changed = []

        def meet(cursor, query, *arguments, **options):
            if "FROM account_move WHERE id" in str(query) and not changed:
                changed.append(query)
                raise SerializationFailure
            return execute(cursor, query, *arguments, **options)

        with (
            patch.object(type(self.env.cr), "execute", meet),
            patch.object(type(self.env.cr), "rollback"),
        ):
            self._run_billing("ir_cron_charge")
        self.assertTrue(changed)
        self.assertEqual(subscription.charge_ids.state, "waiting")
        with self._provider_answers("done") as sent:
            self._run_billing("ir_cron_charge")
        self.assertEqual(len(sent), 1)
        self.assertEqual(subscription.charge_ids.state, "done")

    @freeze_time("2026-02-10")
    def test_a_failed_payment_that_arrives_after_its_retry_is_not_lost(self):
        """No euro lost: it is booked as credit, and a person hears of it."""
        subscription = self._create_billed()
        with self._provider_answers("fail"):
            self._run_cron("ir_cron_charge")
        late = subscription.charge_ids.transaction_id
        subscription.charge_ids.action_retry()
        with self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertEqual(charge.state, "done")
        activities = charge.activity_ids
        late._set_done()
        late._post_process()
        self.assertEqual(late.state, "done")
        self.assertFalse(late.subscription_charge_id)
        self.assertEqual(late.payment_id.amount, late.amount)
        self.assertIn(late.reference, (charge.activity_ids - activities).summary)

    @freeze_time("2026-02-10")
    def test_a_charge_that_succeeds_pays_the_invoice(self):
        subscription = self._create_billed()
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertEqual(len(sent), 1)
        self.assertEqual(charge.state, "done")
        self.assertIn(charge.move_id.payment_state, ("paid", "in_payment"))
        self.assertEqual(charge.transaction_id.operation, "offline")
        self.assertEqual(charge.transaction_id.invoice_ids, charge.move_id)
        run = self.env["subscription.billing.run"].search([], limit=1)
        self.assertEqual((run.drafted, run.posted, run.charged), (1, 1, 1))

    @freeze_time("2026-02-10")
    def test_a_failed_charge_gets_its_next_try(self):
        """L19: after 3 days; the customer is told at the first failure."""
        subscription = self._create_billed()
        with self._provider_answers("fail"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertEqual(charge.state, "retry")
        self.assertEqual(charge.date_next_try, date(2026, 2, 13))
        self.assertEqual(subscription.state, "active")
        self.assertTrue(subscription.has_arrears)
        mail = self.env["mail.mail"].search([("model", "=", "subscription.charge")])
        self.assertEqual(mail.recipient_ids, self.customer)

    def test_three_failures_later_it_pauses_and_a_payment_resumes_it(self):
        """L12, L19, L20: tries on days 3, 5, 7, then paused; a success corrects it."""
        with freeze_time("2026-02-10"):
            subscription = self._create_billed()
        charge = subscription.charge_ids
        with self._provider_answers("fail") as sent:
            for day in range(10, 28):
                with freeze_time(f"2026-02-{day}"):
                    self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 4)
        self.assertEqual(len(set(sent)), 4)
        self.assertEqual((charge.state, charge.attempts), ("stopped", 4))
        self.assertEqual(
            (subscription.state, subscription.pause_kind), ("paused", "payment")
        )
        with freeze_time("2026-02-28"), self._provider_answers("done"):
            charge.with_user(self.office).action_retry()
            self._run_cron("ir_cron_charge")
        self.assertEqual(charge.state, "done")
        self.assertEqual(subscription.state, "active")

    @freeze_time("2026-02-10")
    def test_a_code_that_forbids_it_is_never_tried_again(self):
        """L19 improved: MD01 stops at once and a person is asked."""
        subscription = self._create_billed()
        with self._provider_answers("Returned with MD01"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "stop"))
        self.assertFalse(charge.date_next_try)
        self.assertTrue(charge.activity_ids)

    @freeze_time("2026-02-10 10:00:00")
    def test_a_lost_answer_is_asked_for_and_not_repeated(self):
        """R4: while unknown, nothing is charged; the answer settles it."""
        subscription = self._create_billed()
        with self._provider_answers("lost") as sent:
            self._run_cron("ir_cron_charge")
            charge = subscription.charge_ids
            self.assertEqual(charge.state, "unknown")
            self.assertEqual(charge.transaction_id.state, "draft")
            with freeze_time("2026-02-20"):
                self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 1)
        with self.assertRaises(UserError):
            charge.action_retry()
        charge.sudo().date_ask = fields.Datetime.now()

        def found(transaction):
            transaction._set_done()
            return "known"

        with patch(LOOK_UP, found), self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])
        self.assertEqual(charge.state, "done")

    @freeze_time("2026-02-10 10:00:00")
    def test_a_charge_the_provider_never_saw_is_sent_again(self):
        subscription = self._create_billed()
        with self._provider_answers("lost"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        charge.sudo().date_ask = fields.Datetime.now()
        with (
            patch(LOOK_UP, lambda transaction: "absent"),
            self._provider_answers("done") as sent,
        ):
            self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 1)
        self.assertEqual(charge.state, "done")
        self.assertEqual(
            sorted(charge.transaction_ids.mapped("state")), ["cancel", "done"]
        )

    @freeze_time("2026-02-10 10:00:00")
    def test_an_unknown_result_nobody_can_ask_for_waits_for_a_person(self):
        subscription = self._create_billed()
        with self._provider_answers("lost"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertFalse(charge.date_ask)
        self.assertTrue(charge.activity_ids)
        self.assertIn(self.provider.name, charge.guidance)
        self.assertIn(charge.transaction_id.reference, charge.guidance)
        action = charge.action_set_not_charged()
        self.env[action["res_model"]].with_context(**action["context"]).create(
            {}
        ).action_confirm()
        self.assertEqual(charge.state, "stopped")
        self.assertEqual(charge.transaction_ids.state, "cancel")

    @freeze_time("2026-02-10 10:00:00")
    def test_a_worker_that_dies_in_the_call_leaves_an_intent_behind(self):
        """I20: the intent is on disk before the call; afterwards it is unknown."""
        subscription = self._create_billed()
        charge = subscription.charge_ids
        with (
            self._provider_answers(KeyboardInterrupt()),
            suppress(KeyboardInterrupt),
            self._scheduler("subscription.charge") as scheduled,
        ):
            scheduled._cron_charge()
        self.assertEqual(charge.state, "running")
        self.assertEqual(charge.transaction_id.state, "draft")
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
            self.assertEqual(sent, [])
            with freeze_time("2026-02-10 10:11:00"):
                self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])
        self.assertEqual(charge.state, "unknown")

    @freeze_time("2026-02-10")
    def test_an_error_of_the_provider_code_is_unknown_too(self):
        subscription = self._create_billed()
        with self._provider_answers(KeyError("id")), mute_logger(LOGGER):
            self._run_cron("ir_cron_charge")
        self.assertEqual(subscription.charge_ids.state, "unknown")

    @freeze_time("2026-02-10")
    def test_the_database_allows_one_living_transaction_per_charge(self):
        """I3: a second charge while one is done or under way is impossible."""
        subscription = self._create_billed()
        with self._provider_answers("pending"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        self.assertEqual(charge.state, "pending")
        values = charge._prepare_transaction_vals(self.token)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self.env["payment.transaction"].create(values)

    @freeze_time("2026-02-10")
    def test_a_pending_debit_that_comes_back_is_a_failure(self):
        """A12: pending for days, then returned by the bank."""
        subscription = self._create_billed()
        with self._provider_answers("pending"):
            self._run_cron("ir_cron_charge")
        charge = subscription.charge_ids
        charge.transaction_id._set_error("AM04 insufficient funds")
        self.assertEqual(charge.state, "retry")
        self.assertEqual(charge.date_next_try, date(2026, 2, 13))

    @freeze_time("2026-02-10")
    def test_an_invoice_paid_another_way_is_not_charged(self):
        subscription = self._create_billed()
        move = subscription.period_ids.move_id
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])
        self.assertEqual(subscription.charge_ids.state, "done")

    @freeze_time("2026-02-10")
    def test_one_failure_does_not_stop_the_charges_after_it(self):
        subscriptions = self._create_billed()
        for name in ("Anna Bakker", "Bram Visser"):
            subscriptions |= self._create_billed(
                partner_id=self._create_customer(name).id
            )
        with self._provider_answers("done", "fail", "done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 3)
        self.assertEqual(
            subscriptions.charge_ids.sorted("id").mapped("state"),
            ["done", "retry", "done"],
        )
        run = self.env["subscription.billing.run"].search([], limit=1)
        self.assertEqual((run.charged, run.failed), (2, 1))

    @freeze_time("2026-02-10")
    def test_a_method_in_use_cannot_be_removed_unseen(self):
        """User wish 16: the method names what it pays."""
        subscription = self._create_subscription("2026-02-01")
        with self.assertRaisesRegex(UserError, subscription.name):
            self.token.active = False
        self.assertEqual(self.token.get_linked_records_info()[0]["id"], subscription.id)

    @freeze_time("2026-02-10")
    def test_a_charged_invoice_cannot_go_back_to_draft_meanwhile(self):
        subscription = self._create_billed()
        with self._provider_answers("pending"):
            self._run_cron("ir_cron_charge")
        with self.assertRaises(UserError):
            subscription.charge_ids.move_id.button_draft()

    @freeze_time("2026-02-10 10:00:00")
    def test_a_result_is_kept_also_when_what_follows_fails(self):
        """A11: money first; the rest is done later and nothing is charged again."""
        subscription = self._create_billed()
        charge = subscription.charge_ids
        model = type(charge)
        with (
            patch.object(model, "_set_done", side_effect=ValueError("crash")),
            self._provider_answers("done"),
            mute_logger(LOGGER),
        ):
            self._run_cron("ir_cron_charge")
        self.assertEqual(charge.transaction_id.state, "done")
        self.assertEqual(charge.state, "running")
        with (
            freeze_time("2026-02-10 10:11:00"),
            self._provider_answers("done") as sent,
        ):
            self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])
        self.assertEqual(charge.state, "done")

    @freeze_time("2026-02-10")
    def test_an_invoice_posted_after_cancelling_is_not_charged(self):
        """L14: no later charges; the invoice stays open."""
        subscription = self._create_subscription("2026-02-01")
        self._run_billing("ir_cron_draft")
        subscription._cancel()
        with self._provider_answers("done") as sent:
            self._run_billing("ir_cron_post", "ir_cron_charge")
        move = subscription.period_ids.move_id
        self.assertEqual((move.state, move.payment_state), ("posted", "not_paid"))
        self.assertEqual((sent, len(subscription.charge_ids)), ([], 0))

    def test_a_charge_that_fails_after_cancelling_is_not_tried_again(self):
        """L14: also when the bank's answer comes later than the cancellation."""
        with freeze_time("2026-02-10"):
            subscription = self._create_billed()
            with self._provider_answers("pending"):
                self._run_cron("ir_cron_charge")
            charge = subscription.charge_ids
            subscription._cancel()
            self.assertEqual(charge.state, "pending")
            charge.transaction_id._set_error("Insufficient funds")
        self.assertEqual((charge.state, charge.date_next_try), ("stopped", False))
        with freeze_time("2026-02-20"), self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(sent, [])

    @freeze_time("2026-02-10")
    def test_nothing_is_charged_while_the_customer_pays_it_himself(self):
        """R4: the invoice has another payment that is not settled yet."""
        subscription = self._create_billed()
        charge = subscription.charge_ids
        own = self._create_transaction(
            "direct",
            reference="by hand",
            amount=charge.amount_residual,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(charge.move_id.ids)],
        )
        own._set_pending()
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
            self.assertEqual(sent, [])
            self.assertEqual(charge.date_next_try, date(2026, 2, 11))
            own._set_canceled()
            with freeze_time("2026-02-11"):
                self._run_cron("ir_cron_charge")
        self.assertEqual((len(sent), charge.state), (1, "done"))
