"""Open items at Moneybird that are no plain invoice, over real HTTP."""

from odoo.tests import tagged

from tests.matching_sandbox import SandboxCase


@tagged("post_install", "-at_install")
class TestMoneybirdItems(SandboxCase):
    """C5, C7, C11: external sales invoices and credit notes are paid like invoices."""

    def setUp(self):
        super().setUp()
        self.connection, _action = self._connect()

    def _find(self, key):
        items = self.env["matching.open.item"].sudo()
        return items.search([("external_id", "=", key)])

    def test_an_invoice_made_elsewhere_is_found_and_paid(self):
        """An external sales invoice of an earlier year, by the number it bears."""
        row = {
            "contact": "Kantine De Hoek",
            "amount": "60.50",
            "reference": "WEB-2023-7",
            "date": "2023-11-02",
            "due_date": "2023-11-16",
        }
        scene = self.sandbox.scene("moneybird", external_sales_invoices=[row])
        (made,) = scene["external_sales_invoices"]
        self._sync(self.connection)
        item = self._find(made["id"])
        self.assertEqual(item.kind, "external_sales_invoice")
        self.assertEqual((item.number, item.amount_open), ("WEB-2023-7", 60.5))
        receipt = self._pay("60.50", number="WEB-2023-7")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        (payment,) = self._payments()
        self.assertEqual(
            (payment["invoice_id"], payment["price"]), (made["id"], "60.5")
        )
        (post,) = self._posts()
        self.assertIn("/external_sales_invoices/", post["path"])
        (invoice,) = self.sandbox.objects("moneybird", "external_sales_invoice")
        self.assertEqual(invoice["state"], "paid")
        receipt.with_user(self.office).action_undo()
        self.assertEqual(self._payments(), [])

    def test_money_given_back_pays_the_credit_note(self):
        """A credit note is an invoice below zero; an invoice stays as it is."""
        invoice = self._owe("2026-0050", "50.00")
        credit = self._owe("2026-0051", "-50.00")
        self._sync(self.connection)
        self.assertEqual(self._find(credit).amount_open, -50.0)
        receipt = self._pay("-50.00", number="2026-0051")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        (payment,) = self._payments()
        self.assertEqual((payment["invoice_id"], payment["price"]), (credit, "-50.0"))
        self.assertEqual(self._invoice(credit)["state"], "paid")
        self.assertEqual(self._invoice(invoice)["state"], "open")
