"""Charges through Mollie against the sandbox: its book is the judge."""

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from tests.mollie_common import MollieCommon
from tests.sandbox.testing import http


@tagged("post_install", "-at_install")
class TestMollieCharges(MollieCommon):
    def test_a_first_payment_gives_a_mandate_that_is_kept(self):
        """L9: no account number is typed into Odoo; the mandate is at Mollie."""
        token = self._pay_first()
        (payment,) = self._payments()
        self.assertEqual(payment["sequenceType"], "first")
        self.assertEqual(token.provider_ref, payment["mandateId"])
        self.assertEqual(token.sudo().mollie_customer_ref, payment["customerId"])
        self.assertEqual(token.payment_method_id, self.debit)
        self.assertEqual(token.payment_details, "0000")
        self._pay_first("second")
        self.assertEqual(len(self.sandbox.objects("mollie", "customer")), 1)

    def test_a_card_is_kept_with_its_last_day(self):
        """L15: method, last four digits and expiry, as Mollie tells them."""
        self.ideal = self.env.ref("payment.payment_method_card")
        self.mollie.payment_method_ids = [Command.link(self.ideal.id)]
        self.ideal.sudo().active = True
        token = self._pay_first("card")
        self.assertEqual(str(token.date_expiry), "2030-12-31")
        self.assertTrue(token.payment_details)

    @freeze_time("2026-02-01 10:00:00")
    def test_a_charge_uses_the_mandate_and_is_paid_days_later(self):
        """A direct debit is pending until the bank says more, webhook or not."""
        charge = self._create_billed()
        self._charge()
        self.assertEqual(charge.state, "pending")
        (payment,) = self._payments(sequenceType="recurring")
        self.assertEqual(payment["description"], charge.transaction_id.reference)
        self.assertEqual(payment["amount"]["value"], "15.00")
        self.sandbox.scene("mollie", status=[{"id": payment["id"], "status": "paid"}])
        self._sweep()
        self.assertEqual(charge.state, "pending")
        self.env.cr.execute(
            "UPDATE payment_transaction SET write_date = '2026-01-31' WHERE id = %s",
            charge.transaction_id.ids,
        )
        self.env.invalidate_all()
        self._sweep()
        self.assertEqual(charge.state, "done")

    @freeze_time("2026-02-01 10:00:00")
    def test_the_banks_code_decides_on_the_next_try(self):
        """L19: AM04 is tried again after 3 days, MD01 never."""
        for code, state in (("AM04", "retry"), ("MD01", "stopped")):
            self.sandbox.scene(
                "mollie", outcomes=[{"status": "failed", "reason": code}]
            )
            charge = self._create_billed(code)
            self._charge()
            self.assertEqual(charge.state, state)
            self.assertIn(code, charge.last_error)

    @freeze_time("2026-02-01 10:00:00")
    def test_a_lost_answer_is_found_by_our_reference(self):
        """R4: Mollie did the work, we never heard of it; it is not done again."""
        charge = self._create_billed()
        self.sandbox.fault(
            "mollie", "timeout_after", method="POST", path="^/v2/payments$"
        )
        self._charge()
        self.assertEqual(charge.state, "unknown")
        self.assertTrue(charge.date_ask)
        with freeze_time("2026-02-01 10:05:00"):
            self._charge()
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self._payments(sequenceType="recurring")), 1)

    @freeze_time("2026-02-01 10:00:00")
    def test_what_mollie_never_received_is_sent_again_once(self):
        """R4: only when nothing can arrive any more."""
        charge = self._create_billed()
        self.sandbox.fault(
            "mollie", "timeout_before", method="POST", path="^/v2/payments$"
        )
        self._charge()
        charge.sudo().date_ask = fields.Datetime.now()
        self._charge()
        self.assertEqual(charge.state, "unknown")
        self.assertEqual(self._payments(sequenceType="recurring"), [])
        with freeze_time("2026-02-01 11:00:00"):
            self._charge()
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self._payments(sequenceType="recurring")), 1)

    @freeze_time("2026-02-01 10:00:00")
    def test_a_mandate_that_ended_asks_for_another_method(self):
        charge = self._create_billed()
        for mandate in self.sandbox.objects("mollie", "mandate"):
            http.delete(
                f"{self.mollie.mollie_test_url}/v2/customers/{mandate['customerId']}"
                f"/mandates/{mandate['id']}",
                headers={"Authorization": f"Bearer {self.mollie.mollie_api_key}"},
            )
        self._charge()
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "hard"))

    @freeze_time("2026-02-01 10:00:00")
    def test_a_refund_goes_back_and_is_done_when_mollie_says_so(self):
        """L17: money back on the same way."""
        charge = self._create_billed()
        self._charge()
        paid = charge.transaction_id.sudo()
        self.sandbox.scene(
            "mollie", status=[{"id": paid.provider_reference, "status": "paid"}]
        )
        self._read_again(paid)
        refund = paid._refund(5.0)
        self.assertEqual(refund.state, "pending")
        (made,) = self.sandbox.objects("mollie", "refund")
        self.assertEqual(made["amount"]["value"], "5.00")
        self.assertEqual(refund.provider_reference, made["id"])
        refund._mollie_follow_refund({"status": "refunded"})
        self.assertEqual(refund.state, "done")

    @freeze_time("2026-02-01 10:00:00")
    def test_all_that_is_asked_is_as_mollie_documents_it(self):
        """First payment, charge, look-up and refund, with what is answered."""
        with self._held_to_the_document() as calls:
            charge = self._create_billed()
            self._charge()
            paid = charge.transaction_id.sudo()
            self.assertTrue(paid.provider_reference, charge.last_error)
            self.sandbox.scene(
                "mollie", status=[{"id": paid.provider_reference, "status": "paid"}]
            )
            paid.provider_reference = False
            self.assertEqual(paid._mollie_find_payment()["description"], paid.reference)
            self.assertEqual(paid._look_up_subscription_charge(), "known")
            refund = paid._refund(5.0)
            refund._mollie_read_again()
        self.assertEqual(refund.state, "pending")
        made = [path.rsplit("/", 1)[1] for method, path in calls if method == "POST"]
        self.assertEqual(made, ["customers", "payments", "payments", "refunds"])

    def test_ideal_is_offered_for_a_plan_only_where_it_gives_a_mandate(self):
        methods = self.env["payment.method"]
        arguments = {
            "partner_id": self.customer.id,
            "currency_id": self.env.ref("base.EUR").id,
            "force_tokenization": True,
        }
        found = methods._get_compatible_payment_methods(self.mollie.ids, **arguments)
        self.assertIn(self.ideal, found)
        self.provider.sudo().payment_method_ids = [Command.link(self.ideal.id)]
        found = methods._get_compatible_payment_methods(self.provider.ids, **arguments)
        self.assertNotIn(self.ideal, found)
