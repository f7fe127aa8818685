import copy
from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon
from odoo.addons.subscription_connector.tests.test_engine_outside import sample


@tagged("post_install", "-at_install")
class TestExternalInvoiceBook(SubscriptionCommon):
    """Booked because a switch says so: once, with number and tax of the source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._create_plugandpay(
            plugandpay_date_activated=datetime(2026, 11, 1),
            plugandpay_book=True,
            plugandpay_book_from=date(2026, 11, 1),
        )
        # One 21 % only, so that there is no doubt which one it is.
        cls.env["account.tax"].search(
            [
                ("company_id", "=", cls.company.id),
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 21.0),
                ("id", "!=", cls.tax.id),
            ]
        ).active = False
        cls.row = sample("orders")["data"][0]

    def _apply(self, **values):
        row = copy.deepcopy(self.row) | values
        invoices = self.env["subscription.external.invoice"].sudo()
        invoices._apply_outside(self.connection.sudo(), row)
        return invoices.search(
            [
                ("connection_id", "=", self.connection.id),
                ("outside_ref", "=", str(row["id"])),
            ]
        )

    def _items(self, percent="21.0", country="NL", **values):
        item = copy.deepcopy(self.row["items"][0]) | values
        item["tax"]["rate"] |= {"percentage": percent, "country": country}
        return [item]

    def test_it_becomes_one_customer_invoice_with_its_own_number(self):
        """H5: amounts, tax, number and date are those of Plug&Pay, to the cent."""
        invoice = self._apply()
        move = invoice.move_id
        self.assertEqual((move.state, move.move_type), ("posted", "out_invoice"))
        self.assertEqual(move.name, "20260002")
        self.assertEqual(move.invoice_date, invoice.date)
        self.assertEqual((move.amount_untaxed, move.amount_total), (10.0, 12.1))
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax)
        self.assertEqual(move.journal_id.code, "PNP")
        self.assertEqual(move.partner_id, invoice.partner_id)
        self.assertTrue(move.no_followup, "Plug&Pay collects it and reminds")
        self.assertFalse(invoice.book_error)

    def test_seen_again_it_is_not_posted_twice(self):
        """H1: a sweep, a webhook and a change of its payment book nothing more."""
        first = self._apply().move_id
        self._apply(payment={**self.row["payment"], "status": "reversed"})
        self.assertEqual(self._apply().move_id, first)
        self.assertEqual(
            self.env["account.move"].search_count([("name", "=", "20260002")]), 1
        )

    def test_what_is_in_the_books_already_is_not_booked(self):
        by_hand = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "ref": "20260002",
                "invoice_line_ids": [
                    (0, 0, {"name": "By hand", "price_unit": 12.1, "tax_ids": []})
                ],
            }
        )
        by_hand.action_post()
        invoice = self._apply()
        self.assertFalse(invoice.move_id)
        self.assertIn(by_hand.name, invoice.book_error)

    def test_off_or_earlier_it_stays_a_document(self):
        """H8: what was made before the switch is left alone."""
        self.connection.plugandpay_book_from = date(2026, 12, 1)
        self.assertFalse(self._apply().move_id)
        self.connection.plugandpay_book = False
        self.assertFalse(self._apply(id=1003, invoice_number="20260003").move_id)

    def test_a_rate_that_nobody_knows_waits_for_a_person(self):
        invoice = self._apply(items=self._items("9.0", "BE"))
        self.assertFalse(invoice.move_id)
        self.assertIn("9 % of BE", invoice.book_error)
        rate = self.connection.plugandpay_tax_ids
        self.assertEqual((rate.percent, rate.country_id.code), (9.0, "BE"))
        rate.tax_id = self.tax
        # The tax that was chosen makes other amounts: it is not booked either.
        self._apply(items=self._items("9.0", "BE"))
        self.assertFalse(invoice.move_id.invoice_line_ids.tax_ids - self.tax)

    def test_amounts_that_differ_are_not_booked(self):
        invoice = self._apply(amount_with_tax="12.11")
        self.assertFalse(invoice.move_id)
        self.assertIn("12.11", invoice.book_error)
        self.assertFalse(self.env["account.move"].search([("name", "=", "20260002")]))

    def test_a_credit_invoice_is_a_credit_note(self):
        invoice = self._apply(
            amount="-10.00",
            amount_with_tax="-12.10",
            items=self._items(amount="-10.00", amount_with_tax="-12.10"),
            payment={**self.row["payment"], "status": "credit_invoice"},
        )
        self.assertEqual(invoice.move_id.move_type, "out_refund")
        self.assertEqual(invoice.move_id.amount_total, 12.1)

    def test_the_office_reads_and_books_nothing_no_rights(self):
        invoice = self._apply()
        seen = invoice.with_user(self.office)
        self.assertEqual(seen.move_id.id, invoice.move_id.id)
        with self.assertRaises(AccessError):
            seen.write({"book_error": "x"})
        with self.assertRaises(AccessError):
            self.connection.plugandpay_tax_ids.with_user(self.office).write(
                {"percent": 1.0}
            )
