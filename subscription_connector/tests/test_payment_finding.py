from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPaymentFinding(SubscriptionCommon):
    """What a person saw at a provider that Odoo cannot ask, or that does not tell."""

    def setUp(self):
        super().setUp()
        clock = freeze_time("2026-02-10 10:00:00")
        clock.start()
        self.addCleanup(clock.stop)

    def _create_charge(self, answer):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        with self._provider_answers(answer):
            self._run_cron("ir_cron_charge")
        return subscription.charge_ids

    def _find(self, charge, button, user=None, **values):
        action = getattr(charge.with_user(user or self.office), button)()
        finding = (
            self.env[action["res_model"]]
            .with_user(user or self.office)
            .with_context(**action["context"])
            .create(values)
        )
        finding.action_confirm()
        return finding

    def test_a_payment_that_was_seen_pays_the_invoice_under_its_number(self):
        charge = self._create_charge("lost")
        self.assertEqual(charge.state, "unknown")
        with self.assertRaisesRegex(UserError, "number"):
            self._find(charge, "action_set_charged", number=" ")
        self._find(charge, "action_set_charged", number="tr_1")
        transaction = charge.transaction_id.sudo()
        self.assertEqual((charge.state, transaction.state), ("done", "done"))
        self.assertEqual(transaction.provider_reference, "tr_1")
        self.assertFalse(charge.activity_ids)
        self.assertIn("tr_1", "".join(charge.message_ids.mapped("body")))
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertFalse(sent)
        self.assertIn(charge.move_id.payment_state, ("paid", "in_payment"))

    def test_one_payment_is_not_taken_for_two(self):
        """No euro twice: the number belongs to another charge."""
        first = self._create_charge("lost")
        self._find(first, "action_set_charged", number="tr_1")
        with freeze_time("2026-03-02 10:00:00"):
            self._run_billing()
            with self._provider_answers("lost"):
                self._run_cron("ir_cron_charge")
        second = first.subscription_id.charge_ids - first
        with self.assertRaisesRegex(UserError, first.transaction_id.reference):
            self._find(second, "action_set_charged", number="tr_1")
        self.assertEqual(second.state, "unknown")

    def test_what_never_arrived_cannot_be_taken_back(self):
        charge = self._create_charge("lost")
        with self.assertRaisesRegex(UserError, "arrived"):
            self._find(
                charge, "action_take_back", self.env.user, number="1", reason="MD06"
            )
        self.assertFalse(charge.transaction_id.sudo().child_transaction_ids)

    def test_what_became_known_meanwhile_is_not_overruled(self):
        charge = self._create_charge("lost")
        action = charge.action_set_not_charged()
        finding = (
            self.env[action["res_model"]].with_context(**action["context"]).create({})
        )
        charge.transaction_id.sudo()._set_done()
        with self.assertRaisesRegex(UserError, "known"):
            finding.action_confirm()
        self.assertEqual(charge.state, "done")

    def test_a_payment_that_the_bank_took_back_is_booked_by_a_manager(self):
        """For providers that do not tell: the invoice is open, nothing is collected."""
        charge = self._create_charge("done")
        paid = charge.transaction_id.sudo()
        values = {"number": "chb_1", "reason": "MD06: disputed"}
        with self.assertRaises(AccessError):
            self._find(charge, "action_take_back", **values)
        for wrong in ({"reason": ""}, {"amount": 15.01}, {"amount": 0.0}):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self._find(charge, "action_take_back", self.env.user, **values | wrong)
        self._find(charge, "action_take_back", self.env.user, **values)
        self.assertEqual(charge.move_id.payment_state, "not_paid")
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "stop"))
        self.assertEqual(paid.child_transaction_ids.provider_reference, "chb_1")
        self.assertEqual(charge.date_first_failure, date(2026, 2, 10))
        with self.assertRaises(UserError):
            self.env["subscription.payment.finding"].create(
                {"transaction_id": paid.id, "kind": "taken_back", **values}
            ).action_confirm()
