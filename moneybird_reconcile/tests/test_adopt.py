from odoo import fields
from odoo.tests import tagged

from .common import MatchingCommon


@tagged("post_install", "-at_install")
class TestAdopt(MatchingCommon):
    """Bank lines that another addon or staff made find their items as well (C4, C7)."""

    def _create_line(self, amount=15.0, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": fields.Date.today(),
                "payment_ref": "",
                "amount": amount,
                **values,
            }
        )

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_adopt").method_direct_trigger()
        self.env.invalidate_all()

    def _receipts(self):
        return self.env["matching.receipt"].sudo().search([("source", "=", "bank")])

    def test_lines_of_others_are_booked_together_on_their_own_entries(self):
        invoices = [self._create_invoice(15.0), self._create_invoice(22.5)]
        lines = [
            self._create_line(invoice.amount_total, payment_ref=invoice.name)
            for invoice in invoices
        ]
        unknown = self._create_line(7.0, payment_ref="?")
        self.company.matching_lines_from = fields.Date.today()
        self._run()
        for invoice, line in zip(invoices, lines, strict=True):
            self.assertEqual(invoice.payment_state, "paid")
            self.assertTrue(line.is_reconciled)
            self.assertEqual(line.move_id.state, "posted")
            self.assertEqual(len(line.move_id.line_ids), 2)
            self.assertEqual(sum(line.move_id.line_ids.mapped("balance")), 0.0)
        self.assertFalse(unknown.is_reconciled)
        self.assertEqual(len(self._receipts()), 3)
        self.assertEqual(
            self._receipts().filtered(lambda row: row.state == "error").amount, 7.0
        )

    def test_second_run_takes_nothing_up_again(self):
        invoice = self._create_invoice(15.0)
        self._create_line(payment_ref=invoice.name)
        self._create_line(3.0, payment_ref="?")
        self.company.matching_lines_from = fields.Date.today()
        self._run()
        self._run()
        self.assertEqual(len(self._receipts()), 2)
        self.assertEqual(len(self._receipts().booking_ids), 1)

    def test_without_a_day_and_before_it_lines_are_left_alone(self):
        invoice = self._create_invoice(15.0)
        line = self._create_line(payment_ref=invoice.name, date="2026-01-05")
        self._run()
        self.company.matching_lines_from = "2026-01-06"
        self._run()
        self.assertFalse(self._receipts())
        self.assertFalse(line.is_reconciled)

    def test_part_that_a_person_accepts_leaves_the_rest_on_suspense(self):
        invoice = self._create_invoice(15.0)
        line = self._create_line(20.0, payment_ref=invoice.name)
        self.company.matching_lines_from = fields.Date.today()
        self._run()
        receipt = self._receipts()
        self.assertEqual(receipt.state, "open")
        receipt.proposal_ids[0].with_user(self.office).action_accept()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(line._seek_for_lines()[1].balance, -5.0)
        self.assertEqual(receipt.amount_left, 5.0)
