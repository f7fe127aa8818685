from contextlib import suppress
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

SEND = (
    "odoo.addons.payment.models.payment_transaction."
    "PaymentTransaction._send_refund_request"
)
SUPPORT = (
    "support_express_checkout",
    "support_manual_capture",
    "support_tokenization",
)
MODEL = "odoo.addons.subscription_connector.models.subscription_refund"


@tagged("post_install", "-at_install")
class TestRefund(SubscriptionCommon):
    """A payment of 15.00 that goes back."""

    def setUp(self):
        super().setUp()
        self.payment_method.support_refund = "partial"
        self.support = "partial"
        self.patch(
            type(self.env["payment.provider"]),
            "_compute_feature_support_fields",
            lambda providers: providers.update(
                dict.fromkeys(SUPPORT, None) | {"support_refund": self.support}
            ),
        )
        self.subscription = self._create_subscription("2026-11-01", collection="token")
        self._run_billing()
        with self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        self.charge = self.subscription.charge_ids[:1]
        self.paid = self.charge.transaction_id
        self.sent = []

    def _ask(self, **values):
        wizard = Form(
            self.env["subscription.refund.wizard"].with_context(
                default_transaction_id=self.paid.id
            )
        )
        wizard.reason = "Charged for a paused month"
        for name, value in values.items():
            setattr(wizard, name, value)
        wizard.save().action_refund()
        return self.env["subscription.refund"].search([], limit=1)

    def _send(self, answer="done"):
        def send(transaction):
            self.sent.append((transaction.reference, transaction.amount))
            self._give_answer(transaction, answer)

        with patch(SEND, send), mute_logger(MODEL):
            self._run_cron("ir_cron_refund")

    def test_history_shows_the_payment_with_its_details(self):
        """L15, L17: every try with reference, method, provider's number and state."""
        rows = self.subscription.with_user(self.office).transaction_ids
        self.assertEqual(rows, self.paid)
        self.assertEqual(rows.state, "done")
        self.assertEqual(rows.amount, 15.00)
        self.assertTrue(rows.reference)
        self.assertTrue(rows.subscription_is_refundable)

    def test_a_refund_asks_for_a_reason(self):
        """L18: without one nothing is noted."""
        wizard = self.env["subscription.refund.wizard"].create(
            {"transaction_id": self.paid.id, "reason": "  "}
        )
        self.assertIn("within 3 working days", wizard.effect)
        with self.assertRaises(UserError):
            wizard.action_refund()
        self.assertFalse(self.env["subscription.refund"].search([]))

    def test_money_goes_back_with_a_credit_note_and_a_mail(self):
        """L17, L18: same method, credit note settled by it, customer told."""
        refund = self._ask()
        self.assertEqual(refund.state, "waiting")
        self._send()
        self.assertEqual(self.sent, [(refund.refund_transaction_id.reference, -15.0)])
        self.assertEqual(refund.state, "done")
        self.assertEqual(refund.refund_transaction_id.token_id, self.paid.token_id)
        credit = refund.credit_move_id
        self.assertEqual(credit.state, "posted")
        self.assertEqual(credit.amount_total, 15.00)
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertEqual(credit.reversed_entry_id, self.charge.move_id)
        self.assertIn(self.charge.move_id.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.subscription.event_ids.sorted("id")[-1].kind, "refunded")
        mail = self.env["mail.mail"].search([("model", "=", "subscription.refund")])
        self.assertIn("3 working days", mail.body_html)
        self.assertFalse(self.paid.subscription_is_refundable)

    def test_a_part_goes_back_and_credits_that_part_to_the_cent(self):
        refund = self._ask(amount=4.99)
        self._send()
        self.assertEqual(refund.credit_move_id.amount_total, 4.99)
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)
        with self.assertRaises(UserError):
            self._ask(amount=10.02)
        self._ask(amount=10.01)
        self._send()
        self.assertEqual([amount for _ref, amount in self.sent], [-4.99, -10.01])

    def test_without_credit_note_only_the_money_moves(self):
        refund = self._ask(is_credited=False)
        self._send()
        self.assertEqual(refund.state, "done")
        self.assertFalse(refund.credit_move_id)

    def test_nothing_goes_back_twice(self):
        """A second request, a second run and a refund made in core's own screen."""
        refund = self._ask()
        with self.assertRaises(UserError):
            self._ask()
        with (
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            refund.sudo().copy({"state": "waiting", "transaction_id": self.paid.id})
            self.env.flush_all()
        self._send()
        self._send()
        self.assertEqual(len(self.sent), 1)
        other = self._create_subscription("2026-11-01")
        self._run_billing()
        with self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        paid = other.charge_ids[:1].transaction_id
        with patch(SEND, lambda transaction: transaction._set_done()):
            paid._refund(10.0)
        self.assertEqual(paid._get_refundable(), 5.0)

    def test_a_worker_that_dies_in_the_call_does_not_send_again(self):
        """The intent is on disk; the answer waits for a person."""
        refund = self._ask()
        with suppress(KeyboardInterrupt):
            self._send(KeyboardInterrupt())
        self.assertEqual(refund.state, "running")
        self._send()
        refund.sudo().date_running = "2020-01-01 00:00:00"
        self._send()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(refund.state, "unknown")
        self.assertTrue(refund.activity_ids)
        refund.action_set_refunded()
        self.assertEqual(refund.state, "done")
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)

    def test_a_lost_answer_waits_and_may_turn_out_not_sent(self):
        refund = self._ask()
        self._send("lost")
        self.assertEqual(refund.state, "unknown")
        with self.assertRaises(UserError):
            self._ask()
        refund.action_set_not_refunded()
        self.assertEqual(refund.state, "failed")
        self.assertEqual(self.paid._get_refundable(), 15.0)

    def test_a_refusal_says_why_and_asks_a_person(self):
        refund = self._ask()
        self._send("Refund period is over")
        self.assertEqual((refund.state, refund.error), ("failed", refund.error))
        self.assertIn("Refund period is over", refund.error)
        self.assertTrue(refund.activity_ids)
        self.assertFalse(refund.credit_move_id)

    def test_a_refund_under_way_is_followed_when_it_arrives(self):
        refund = self._ask()
        self._send("pending")
        self.assertEqual(refund.state, "pending")
        refund.refund_transaction_id._set_done()
        self.assertEqual(refund.state, "done")
        refund.refund_transaction_id._post_process()
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)
        mails = self.env["mail.mail"].search([("model", "=", "subscription.refund")])
        self.assertEqual(len(mails), 1)

    def test_what_the_provider_cannot_pay_back_is_refused_with_words(self):
        self.support = "none"
        self.provider.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "credit note"):
            self._ask()
        self.support = "full_only"
        self.provider.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "as a whole"):
            self._ask(amount=1.0)

    def test_paying_back_is_for_managers(self):
        """Least rights: the office sees it, and cannot do it."""
        refund = self._ask()
        self.assertEqual(refund.with_user(self.office).amount, 15.0)
        with self.assertRaises(AccessError):
            self.env["subscription.refund.wizard"].with_user(self.office).create(
                {"transaction_id": self.paid.id, "reason": "x"}
            )
        refund.sudo().state = "unknown"
        with self.assertRaises(UserError):
            refund.with_user(self.office).action_set_refunded()
