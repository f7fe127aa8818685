from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import IBAN_JAN, MatchingCommon


@tagged("post_install", "-at_install")
class TestBooking(MatchingCommon):
    """What is booked in Odoo, where, and only once."""

    def test_number_and_amount_book_the_receipt_on_the_clearing_journal(self):
        """C7, C10: found, booked on the clearing account, visible as done."""
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts(description=f"Factuur {invoice.name}"))
        self.assertEqual(receipt.state, "matched")
        self.assertIn(invoice.name, receipt.reason)
        self.assertEqual(invoice.payment_state, "paid")
        journal = self.mollie._get_clearing("ideal").journal_id
        entry = receipt.statement_line_id.move_id
        self.assertEqual(entry.journal_id, journal)
        self.assertEqual(entry.state, "posted")
        balances = {line.account_id: line.balance for line in entry.line_ids}
        self.assertEqual(balances[journal.default_account_id], 15.0)
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(balances[receivable.account_id], -15.0)
        self.assertTrue(receivable.reconciled)
        self.assertTrue(receipt.statement_line_id.is_reconciled)
        booking = receipt.booking_ids
        self.assertEqual(
            [piece["code"] for piece in booking.evidence][:2],
            ["number_found", "amount_equal"],
        )
        self.assertIn(invoice.name, booking.evidence_text)

    def test_second_fetch_books_nothing_twice(self):
        """C8: the same transaction again changes nothing."""
        invoice = self._create_invoice(15.0)
        facts = self._make_facts(description=invoice.name)
        first = self._fetch(facts)
        second = self._fetch(facts)
        self.assertEqual(first, second)
        self.assertEqual(len(first.booking_ids), 1)
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", first.journal_id.id)]
        )
        self.assertEqual(len(lines), 1)

    def test_lower_amount_waits_for_a_person_and_books_partly_when_accepted(self):
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(
            self._make_facts(
                amount="10.00", description=invoice.name, payer_name="Jan de Vries"
            )
        )
        self.assertEqual(receipt.state, "open")
        self.assertFalse(receipt.booking_ids)
        proposal = receipt.proposal_ids[0]
        self.assertIn("10.00", proposal.against_text)
        proposal.with_user(self.office).action_accept()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(receipt.booking_ids.user_id, self.office)
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 5.0)

    def test_higher_amount_leaves_the_rest_on_suspense_and_the_receipt_open(self):
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(
            self._make_facts(
                amount="20.00", description=invoice.name, payer_name="Jan de Vries"
            )
        )
        self.assertEqual(receipt.state, "open")
        receipt.proposal_ids[0].action_accept()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(receipt.state, "open")
        self.assertEqual(receipt.amount_left, 5.0)
        suspense = receipt.statement_line_id._seek_for_lines()[1]
        self.assertEqual(suspense.balance, -5.0)

    def test_rest_of_a_receipt_can_pay_a_second_invoice(self):
        first, second = self._create_invoice(15.0), self._create_invoice(5.0)
        receipt = self._fetch(
            self._make_facts(amount="20.00", description=f"{first.name} en meer")
        )
        self.assertEqual(receipt.state, "open")
        receipt.proposal_ids[0].action_accept()
        receipt.order_reference = second.name
        receipt.action_process()
        self.assertEqual(second.payment_state, "paid")
        self.assertEqual(receipt.state, "matched")
        self.assertFalse(receipt.statement_line_id._seek_for_lines()[1])

    def test_two_numbers_whose_amounts_add_up_are_booked_together(self):
        first, second = self._create_invoice(15.0), self._create_invoice(22.5)
        receipt = self._fetch(
            self._make_facts(amount="37.50", description=f"{first.name} {second.name}")
        )
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(len(receipt.booking_ids), 2)
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.payment_state, "paid")

    def test_one_invoice_is_not_paid_by_two_receipts_of_one_run(self):
        invoice = self._create_invoice(15.0)
        receipts = self._fetch(
            self._make_facts("tr_1", description=invoice.name),
            self._make_facts("tr_2", description=invoice.name),
        )
        self.assertEqual(sorted(receipts.mapped("state")), ["matched", "open"])
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_amount_alone_is_no_match(self):
        """A17: weak evidence never books."""
        self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts(description="12"))
        self.assertEqual(receipt.state, "error")
        self.assertEqual(receipt.reason_code, "no_open_item")
        self.assertTrue(receipt.reason)

    def test_known_account_and_amount_are_proposed_but_not_booked(self):
        self.env["res.partner.bank"].create(
            {"acc_number": IBAN_JAN, "partner_id": self.jan.id}
        )
        self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts(payer_iban=IBAN_JAN))
        self.assertEqual(receipt.state, "open")
        self.assertIn(receipt.best_score, range(75, 90))

    def _create_transaction_of_odoo(self, provider_reference):
        provider = self.env["payment.provider"].create(
            {"name": "Dummy", "code": "none", "state": "test"}
        )
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": "S0001",
                "provider_reference": provider_reference,
                "amount": 15.0,
                "currency_id": self.env.ref("base.EUR").id,
                "partner_id": self.jan.id,
            }
        )

    def test_payment_of_odoo_is_linked_and_not_booked(self):
        """A receipt that is a payment.transaction of Odoo has its place already."""
        transaction = self._create_transaction_of_odoo("tr_9")
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts("tr_9", description=invoice.name))
        self.assertEqual((receipt.state, receipt.reason_code), ("open", "linked"))
        self.assertFalse(receipt.booking_ids)
        transaction._set_done()
        receipt.action_process()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(receipt.transaction_id, transaction)
        self.assertFalse(receipt.statement_line_id)
        self.assertEqual(invoice.payment_state, "not_paid")
        with self.assertRaises(UserError):
            receipt.action_undo()

    def test_money_of_a_payment_that_failed_in_odoo_still_finds_its_place(self):
        """It came in all the same, and Odoo will not book it."""
        transaction = self._create_transaction_of_odoo("tr_8")
        transaction._set_error("Expired")
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts("tr_8", description=invoice.name))
        self.assertEqual(receipt.state, "matched")
        self.assertFalse(receipt.transaction_id)
        self.assertEqual(invoice.payment_state, "paid")

    def test_undo_reverses_with_an_entry_and_deletes_nothing(self):
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts(description=invoice.name))
        entry = receipt.statement_line_id.move_id
        before = entry.line_ids.mapped(lambda line: (line.account_id.id, line.balance))
        receipt.with_user(self.office).action_undo()
        self.assertEqual(receipt.state, "open")
        self.assertEqual(receipt.booking_ids.state, "undone")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, 15.0)
        after = entry.line_ids.mapped(lambda line: (line.account_id.id, line.balance))
        self.assertEqual(before, after)
        self.assertEqual(entry.state, "posted")
        correction = receipt.booking_ids.correction_move_id
        self.assertEqual(correction.state, "posted")
        suspense = receipt.journal_id.suspense_account_id
        total = sum(
            (entry | correction)
            .line_ids.filtered(lambda line: line.account_id == suspense)
            .mapped("balance")
        )
        self.assertEqual(total, -15.0)

    def test_undone_receipt_can_be_matched_again(self):
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(self._make_facts(description=invoice.name))
        receipt.action_undo()
        receipt.action_process()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(invoice.payment_state, "paid")
        suspense = receipt.journal_id.suspense_account_id
        lines = self.env["account.move.line"].search(
            [("account_id", "=", suspense.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(sum(lines.mapped("balance")), 0.0)
        clearing = self.env["account.move.line"].search(
            [("account_id", "=", receipt.journal_id.default_account_id.id)]
        )
        self.assertEqual(sum(clearing.mapped("balance")), 15.0)

    def test_invoice_paid_meanwhile_is_refused(self):
        invoice = self._create_invoice(15.0)
        receipts = self._fetch(
            self._make_facts("tr_1", amount="10.00", description=invoice.name),
            self._make_facts("tr_2", amount="11.00", description=invoice.name),
        )
        receipts[0].proposal_ids[0].action_accept()
        with self.assertRaisesRegex(UserError, "paid meanwhile"):
            receipts[1].proposal_ids[0].action_accept()

    def test_method_of_its_own_goes_to_its_own_clearing_account(self):
        """C3: clearing accounts per payment method."""
        journal = self.mollie._get_clearing("").journal_id.copy({"name": "Cards"})
        self.env["matching.clearing"].sudo().create(
            {
                "connection_id": self.mollie.id,
                "method": "creditcard",
                "journal_id": journal.id,
            }
        )
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(
            self._make_facts(description=invoice.name, method="creditcard")
        )
        self.assertEqual(receipt.statement_line_id.journal_id, journal)

    def test_closed_books_are_named_as_reason(self):
        invoice = self._create_invoice(15.0)
        self.company.fiscalyear_lock_date = fields.Date.today() + timedelta(days=1)
        receipt = self._fetch(self._make_facts(description=invoice.name))
        self.assertEqual(receipt.state, "error")
        self.assertEqual(receipt.reason_code, "period_closed")
        self.assertFalse(receipt.statement_line_id)

    def test_source_without_clearing_journal_says_so_and_harms_no_other(self):
        invoice = self._create_invoice(15.0)
        other = self._create_invoice(16.0)
        self.mollie.clearing_ids.journal_id = False
        self.ccv.clearing_ids.method = False
        bad = self._fetch(self._make_facts("tr_1", description=invoice.name))
        good = self._fetch(
            self._make_facts("C1.G", "16.00", provider="ccv", description=other.name),
            connection=self.ccv,
        )
        self.assertEqual(bad.reason_code, "no_journal")
        self.assertEqual(good.state, "matched")

    def test_refund_pays_a_credit_note(self):
        refund = self._create_invoice(15.0, move_type="out_refund")
        receipt = self._fetch(
            self._make_facts("re_1", "-15.00", kind="refund", description=refund.name)
        )
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(refund.payment_state, "paid")

    def test_refund_of_a_supplier_pays_his_credit_note(self):
        """C7: what a supplier pays back is on the payable account."""
        supplier = self.env["res.partner"].create({"name": "Drukkerij Bos"})
        credit = self._create_invoice(
            48.4, supplier, "in_refund", ref="CR-2026-0815", date="2026-11-10"
        )
        receipt = self._fetch(
            self._make_facts(
                amount="48.40",
                description="Creditnota CR-2026-0815",
                payer_name="Drukkerij Bos",
            )
        )
        self.assertEqual(receipt.state, "matched", receipt.reason)
        self.assertEqual(credit.payment_state, "paid")
        entry_line = receipt.booking_ids.entry_line_id
        self.assertEqual(entry_line.account_id.account_type, "liability_payable")
        self.assertEqual(entry_line.partner_id, supplier)

    def test_bill_of_a_supplier_is_never_proposed_for_money_out(self):
        """Paying suppliers is not this addon's work; a person may choose the bill."""
        bill = self._create_invoice(60.0, move_type="in_invoice", ref="B-20260042")
        receipt = self._fetch(
            self._make_facts(amount="-60.00", description="B-20260042", kind="payment")
        )
        self.assertFalse(receipt.proposal_ids)
        found = receipt.with_user(self.office).action_find_items(bill.name)
        self.assertEqual([row["name"] for row in found], [bill.name])
