from odoo.tests import tagged

from ..clients.mollie import parse_row
from ..engine.facts import FactError
from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestReturn(MatchingCommon):
    """Refunds and chargebacks open what their payment paid, to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_invoice(15.0)
        cls.payment = cls._fetch(
            cls._make_facts("tr_1", "15.00", description=cls.invoice.name)
        )

    def _take_back(self, external_id="chb_1", amount="-15.00", **values):
        values.setdefault("kind", "chargeback")
        values.setdefault("raw", {"paymentId": "tr_1"})
        return self._fetch(self._make_facts(external_id, amount, **values))

    def _clearing(self):
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.payment.journal_id.default_account_id.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("balance"))

    def test_chargeback_months_later_opens_the_invoice_again(self):
        """C6, C7: what was paid and taken back is owed again."""
        self.assertEqual(self.invoice.amount_residual, 0.0)
        receipt = self._take_back()
        self.assertEqual((receipt.state, receipt.reason_code), ("matched", "returned"))
        self.assertEqual(self.invoice.amount_residual, 15.0)
        self.assertEqual(self._clearing(), 0.0)
        self.assertEqual(receipt.journal_id, self.payment.journal_id)
        self.assertEqual(receipt.partner_id, self.jan)
        self.assertEqual(self.payment.state, "matched", "it did come in")

    def test_payment_and_chargeback_that_come_together_are_both_booked(self):
        """C6: the message of the payment was lost, that of the chargeback was not."""
        invoice = self._create_invoice(31.0)
        paid, back = self._fetch(
            self._make_facts("tr_7", "31.00", description=invoice.name),
            self._make_facts(
                "chb_7", "-31.00", kind="chargeback", raw={"paymentId": "tr_7"}
            ),
        ).sorted("amount", reverse=True)
        self.assertEqual(paid.state, "matched")
        self.assertEqual((back.state, back.reason_code), ("matched", "returned"))
        self.assertEqual(invoice.amount_residual, 31.0)
        self.assertEqual(self._clearing(), 15.0)

    def test_part_refunded_opens_only_that_part(self):
        self._take_back("re_1", "-5.00", kind="refund", status="refunded")
        self.assertEqual(self.invoice.amount_residual, 5.0)
        self._take_back("re_2", "-10.00", kind="refund", status="refunded")
        self.assertEqual(self.invoice.amount_residual, 15.0)
        self.assertEqual(self._clearing(), 0.0)

    def test_seen_twice_it_is_taken_back_once(self):
        self._take_back()
        again = self._take_back()
        self.assertEqual(len(again.booking_ids), 1)
        self.assertEqual(self.invoice.amount_residual, 15.0)

    def test_more_than_was_paid_waits_for_a_person(self):
        receipt = self._take_back(amount="-16.00")
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "return_too_much")
        )
        self.assertEqual(self.invoice.amount_residual, 0.0)
        self._take_back("chb_2")
        late = self._take_back("chb_3", "-0.01")
        self.assertEqual(late.reason_code, "return_too_much")

    def test_payment_that_is_not_matched_is_told(self):
        self._fetch(self._make_facts("tr_5", "3.00"))
        receipt = self._take_back("chb_5", "-3.00", raw={"paymentId": "tr_5"})
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "return_of_unmatched")
        )

    def test_refund_not_paid_out_yet_waits(self):
        receipt = self._take_back(
            "re_1", kind="refund", status="queued", stage="waiting"
        )
        self.assertEqual(receipt.state, "waiting")
        self.assertEqual(self.invoice.amount_residual, 0.0)

    def test_refund_pays_the_credit_note_that_was_made_for_it(self):
        credit = self._create_invoice(15.0, move_type="out_refund")
        receipt = self._take_back(
            "re_1", kind="refund", status="refunded", description=credit.name
        )
        self.assertEqual(receipt.state, "matched")
        self.assertIn(credit.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.invoice.amount_residual, 0.0)

    def test_undone_return_leaves_the_invoice_paid(self):
        receipt = self._take_back()
        receipt.with_user(self.office).action_undo()
        self.assertEqual(self.invoice.amount_residual, 0.0)
        self.assertEqual(receipt.amount_left, -15.0)

    def test_payment_of_odoo_taken_back_is_told(self):
        method = self.env["payment.method"].search([], limit=1)
        provider = self.env["payment.provider"].search([], limit=1)
        self.payment.transaction_id = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 15.0,
                "currency_id": self.env.ref("base.EUR").id,
                "partner_id": self.jan.id,
                "reference": "T-1",
            }
        )
        receipt = self._take_back()
        self.assertEqual(receipt.reason_code, "return_of_transaction")
        self.assertIn("T-1", receipt.reason)

    def test_payment_at_moneybird_is_taken_back_there(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        item = self._create_item(self._create_moneybird())
        self._fetch(self._make_facts("tr_7", "121.00", order_reference="2026-0042"))
        self._forward()
        self.assertFalse(item.is_open)
        receipt = self._take_back("chb_7", "-121.00", raw={"paymentId": "tr_7"})
        self._forward()
        payments = client.invoices["777"]["payments"]
        self.assertEqual([row["price"] for row in payments], ["121.00", "-121.00"])
        self.assertEqual(payments[1]["transaction_identifier"], "chb_7")
        self.assertTrue(item.is_open)
        self.assertEqual((receipt.state, item.amount_open), ("matched", 121.0))

    def test_rows_of_mollie_are_read(self):
        refund = {
            "resource": "refund",
            "id": "re_9",
            "paymentId": "tr_1",
            "amount": {"value": "5.00", "currency": "EUR"},
            "status": "refunded",
            "createdAt": "2026-11-20T10:00:00+00:00",
        }
        facts = parse_row(refund)
        self.assertEqual((facts.kind, str(facts.amount)), ("refund", "-5.00"))
        facts = parse_row({**refund, "status": "teleported"})
        self.assertEqual(facts.stage, "unknown")
        chargeback = {**refund, "resource": "chargeback", "id": "chb_9"}
        self.assertEqual(parse_row(chargeback).stage, "paid")
        chargeback["reversedAt"] = "2026-11-21T10:00:00+00:00"
        self.assertEqual(parse_row(chargeback).stage, "lost")
        for gone in ("amount", "paymentId", "createdAt"):
            with self.subTest(gone=gone), self.assertRaises(FactError):
                parse_row({**refund, gone: None})
