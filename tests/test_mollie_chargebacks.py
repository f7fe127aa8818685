"""Direct debits that the bank takes back, in both addons that hear of it."""

from datetime import datetime, timezone
from decimal import Decimal

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.moneybird_reconcile.engine.facts import ReceiptFacts

from tests.mollie_common import MollieCommon


@tagged("post_install", "-at_install")
class TestMollieChargebacks(MollieCommon):
    """A collected period of 15.00 is taken back two weeks later."""

    def _collect(self):
        with freeze_time("2026-02-01 10:00:00"):
            charge = self._create_billed()
            self._charge()
            self._end(charge, "paid")
        self.assertEqual(charge.state, "done")
        self.assertEqual(charge.move_id.payment_state, "paid")
        return charge

    def _end(self, charge, status):
        paid = charge.transaction_id.sudo()
        payment = {"id": paid.provider_reference, "status": status}
        self.sandbox.scene("mollie", status=[payment])
        self._read_again(paid)
        paid._post_process()

    def _take_back(self, charge, **values):
        reference = charge.transaction_id.sudo().provider_reference
        row = {"paymentId": reference, "reason": "AM04", **values}
        return self.sandbox.scene("mollie", chargebacks=[row])

    def _sweep_chargebacks(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "subscription_mollie.ir_cron_chargebacks"
            ).method_direct_trigger()
        self.env.invalidate_all()
        # The job had a transaction of its own, which counted on.
        self.env["account.move"]._get_sequence_cache().clear()

    def _outstanding(self):
        """Return what is on the account between Mollie and the bank."""
        payments = self.env["account.payment"].search(
            [("payment_transaction_id.provider_id", "=", self.mollie.id)]
        )
        lines = payments.move_id.line_ids
        return sum(
            lines.filtered(
                lambda line: line.account_id in payments.outstanding_account_id
            ).mapped("balance")
        )

    @freeze_time("2026-02-15 10:00:00")
    def test_the_invoice_is_open_again_and_the_subscription_in_arrears(self):
        """L12: paused by the payment; one entry, whoever tells of it and how often."""
        charge = self._collect()
        paid, move = charge.transaction_id.sudo(), charge.move_id
        self._take_back(charge)
        self._read_again(paid)
        for _run in range(2):
            self._sweep_chargebacks()
            self._read_again(paid)
        self.assertEqual(move.payment_state, "not_paid")
        self.assertEqual(move.amount_residual, 15.0)
        self.assertEqual(len(paid.child_transaction_ids), 1)
        self.assertEqual(self._outstanding(), 0.0)
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "soft"))
        self.assertIn("AM04", charge.last_error)
        subscription = charge.subscription_id
        self.assertTrue(subscription.has_arrears)
        self.assertEqual(
            (subscription.state, subscription.pause_kind), ("paused", "payment")
        )
        self.assertTrue(charge.activity_ids)
        self.assertEqual(subscription.event_ids[0].kind, "paused")
        self.assertIn("charge_failed", subscription.event_ids.mapped("kind"))

    @freeze_time("2026-02-15 10:00:00")
    def test_nothing_is_collected_again_without_a_person(self):
        """L20: the button charges once; what was taken back stays in the history."""
        charge = self._collect()
        first = charge.transaction_id
        self._take_back(charge)
        self._sweep_chargebacks()
        with freeze_time("2026-03-15 10:00:00"):
            self._charge()
            self.assertEqual(len(self._payments(sequenceType="recurring")), 1)
            charge.with_user(self.office).action_retry()
            self._charge()
            self._end(charge, "paid")
        self.assertEqual(len(self._payments(sequenceType="recurring")), 2)
        self.assertEqual(charge.state, "done")
        self.assertEqual(charge.move_id.payment_state, "paid")
        self.assertEqual(len(charge.transaction_ids), 2)
        self.assertIn(first, charge.transaction_ids)
        self.assertEqual(charge.subscription_id.state, "active")
        self.assertEqual(self._outstanding(), 15.0)

    @freeze_time("2026-02-15 10:00:00")
    def test_a_part_that_is_taken_back_opens_that_part(self):
        charge = self._collect()
        self._take_back(charge, amount={"currency": "EUR", "value": "6.05"})
        self._sweep_chargebacks()
        self.assertEqual(charge.move_id.amount_residual, 6.05)
        self.assertEqual(self._outstanding(), 8.95)

    @freeze_time("2026-02-15 10:00:00")
    def test_what_went_back_cannot_be_paid_back_too(self):
        charge = self._collect()
        paid = charge.transaction_id.sudo()
        self._take_back(charge)
        self._sweep_chargebacks()
        self.assertEqual(paid._get_refundable(), 0.0)

    def _tell_receipts(self, connection, *facts):
        receipts, _created = (
            self.env["matching.receipt"].sudo()._upsert_facts(connection, list(facts))
        )
        receipts._match()
        return receipts

    def _make_facts(self, kind, external_id, amount, **values):
        return ReceiptFacts(
            provider="mollie",
            kind=kind,
            external_id=external_id,
            amount=Decimal(amount),
            currency="EUR",
            moment=datetime.now(timezone.utc),
            status="paid",
            stage="paid",
            method="directdebit",
            **values,
        )

    @freeze_time("2026-02-15 10:00:00")
    def test_told_to_both_addons_it_is_booked_once(self):
        """The receipts may hear of it first: they wait, then point to our entry."""
        charge = self._collect()
        paid, move = charge.transaction_id.sudo(), charge.move_id
        connection = self._create_connection("mollie", company_id=self.company.id)
        connection._ensure_clearing()
        connection = connection.sudo()
        payment = self._make_facts("payment", paid.provider_reference, "15.00")
        (made,) = self._take_back(charge)["chargebacks"]
        back = self._make_facts(
            "chargeback", made, "-15.00", raw={"paymentId": paid.provider_reference}
        )
        entries = self.env["account.move"].search_count([])
        receipts = self._tell_receipts(connection, payment, back)
        self.assertEqual(receipts.transaction_id, paid)
        waiting = receipts.filtered(lambda receipt: receipt.kind == "chargeback")
        self.assertEqual(waiting.reason_code, "return_of_transaction")
        self.assertEqual(self.env["account.move"].search_count([]), entries)
        self._sweep_chargebacks()
        self.assertEqual(move.amount_residual, 15.0)
        waiting._match()
        self.assertEqual(waiting.state, "matched")
        self.assertEqual(waiting.transaction_id, paid.child_transaction_ids)
        self.assertFalse(waiting.statement_line_id)
        self.assertEqual(self.env["account.move"].search_count([]), entries + 1)
        self.assertEqual(move.amount_residual, 15.0)
        self.assertTrue(charge.subscription_id.has_arrears)
