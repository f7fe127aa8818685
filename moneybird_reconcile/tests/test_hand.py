import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .camt_samples import camt, detail, entry, statement
from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestHand(MatchingCommon):
    """Split, write off and undo by hand, as the office does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.first = cls._create_invoice(15.0)
        cls.second = cls._create_invoice(20.0)

    def _receive(self, amount="35.00", **values):
        receipt = self._fetch(self._make_facts("tr_9", amount, **values))
        return receipt.with_user(self.office)

    def _part(self, move, amount):
        line = move.line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable"
        )
        return {"ledger": "odoo", "id": line.id, "amount": amount}

    def _write_off(self, amount, label="Rounding"):
        return {
            "ledger": "account",
            "id": self.expense.id,
            "amount": amount,
            "label": label,
        }

    def test_receipt_is_split_over_two_invoices(self):
        """C7: one receipt pays many items."""
        receipt = self._receive()
        receipt.action_match([self._part(self.first, 15), self._part(self.second, 20)])
        self.assertEqual(receipt.state, "matched")
        self.assertIn(self.first.payment_state, ("paid", "in_payment"))
        self.assertIn(self.second.payment_state, ("paid", "in_payment"))
        self.assertEqual(receipt.booking_ids.user_id, self.office)
        self.assertEqual(len(receipt.statement_line_id), 1)

    def test_shortage_is_written_off_with_account_and_reason(self):
        receipt = self._receive("14.50")
        receipt.action_match([self._part(self.first, 15), self._write_off(-0.5)])
        self.assertEqual((receipt.state, receipt.amount_left), ("matched", 0.0))
        self.assertEqual(self.first.amount_residual, 0.0)
        line = receipt.booking_ids.filtered("account_id").entry_line_id
        self.assertEqual((line.account_id, line.balance), (self.expense, 0.5))
        self.assertIn("Rounding", receipt.booking_ids.mapped("label"))

    def test_shortage_of_a_bank_line_is_written_off_and_undone(self):
        """The bank line is there already, so its suspense is what is replaced."""
        paid = entry("14.50", detail(self.first.name, name="Jan de Vries"))
        content = camt(statement(paid, closing="14.50"))
        wizard = (
            self.env["matching.import.wizard"]
            .with_user(self.office)
            .create({"data": base64.b64encode(content), "filename": "bank.xml"})
        )
        action = wizard.action_import()
        record = self.env["matching.import"].browse(action["res_id"])
        receipt = record.receipt_ids.with_user(self.office)
        self.assertTrue(receipt.statement_line_id)
        receipt.action_match([self._part(self.first, 15), self._write_off(-0.5)])
        self.assertEqual((receipt.state, receipt.amount_left), ("matched", 0.0))
        self.assertEqual(self.first.amount_residual, 0.0)
        line = receipt.booking_ids.filtered("account_id").entry_line_id
        self.assertEqual((line.account_id, line.balance), (self.expense, 0.5))
        receipt.action_undo()
        self.assertEqual(receipt.amount_left, 14.5)
        self.assertEqual(self.first.amount_residual, 15.0)

    def test_surplus_is_written_off_and_undone_with_an_entry(self):
        """Undo reverses, never deletes."""
        receipt = self._receive("16.00")
        receipt.action_match([self._part(self.first, 15), self._write_off(1.0, "Gift")])
        entries = receipt.statement_line_id.move_id
        receipt.action_undo()
        self.assertEqual(receipt.amount_left, 16.0)
        self.assertEqual(self.first.amount_residual, 15.0)
        self.assertTrue(entries.exists())
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.expense.id), ("parent_state", "=", "posted")]
        )
        moves = entries | receipt.booking_ids.correction_move_id
        self.assertEqual(sum((lines & moves.line_ids).mapped("balance")), 0.0)
        receipt.action_match([self._part(self.first, 15)])
        self.assertEqual((receipt.state, receipt.amount_left), ("open", 1.0))

    def test_parts_must_add_up_and_fit_their_items(self):
        receipt = self._receive("14.00")
        cases = (
            [],
            [self._part(self.first, 15)],
            [self._part(self.first, 15.5), self._write_off(-1.5)],
            [self._part(self.first, -14)],
            [self._part(self.first, 0)],
            [self._write_off(14, "  ")],
            [{**self._write_off(14), "id": self.bank.default_account_id.id}],
            [{"ledger": "elsewhere", "id": 1, "amount": 14}],
        )
        for lines in cases:
            with self.subTest(lines=lines), self.assertRaises(UserError):
                receipt.action_match(lines)
        self.assertFalse(receipt.booking_ids)

    def test_match_by_hand_no_rights(self):
        receipt = self._receive()
        stranger = new_test_user(self.env, "hand_none", "base.group_user")
        for call, argument in (("action_match", [{}]), ("action_find_items", "x")):
            with self.subTest(call=call), self.assertRaises(AccessError):
                getattr(receipt.with_user(stranger), call)(argument)

    def test_item_of_another_company_is_not_taken(self):
        receipt = self._receive("15.00")
        other = self.setup_other_company()["company"]
        self.office.company_ids = [Command.link(other.id)]
        move = self.init_invoice(
            "out_invoice", partner=self.jan, amounts=[15.0], company=other, post=True
        )
        with self.assertRaises(UserError):
            receipt.action_match([self._part(move, 15)])

    def test_items_are_found_by_number_customer_and_amount(self):
        receipt = self._receive()
        for text in (self.first.name, "de vries", "15,00", "15"):
            with self.subTest(text=text):
                names = [row["name"] for row in receipt.action_find_items(text)]
                self.assertIn(self.first.name, names)
        self.assertEqual(receipt.action_find_items("no such thing"), [])

    def test_accounts_are_found_and_money_accounts_are_not(self):
        receipt = self._receive()
        found = receipt.action_find_items(self.expense.name)
        rows = [row for row in found if row["ledger"] == "account"]
        self.assertIn(self.expense.id, [row["id"] for row in rows])
        bank = receipt.action_find_items(self.bank.default_account_id.name)
        self.assertNotIn(self.bank.default_account_id.id, [row["id"] for row in bank])

    def test_item_at_moneybird_is_found_and_paid_by_hand(self):
        self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        item = self._create_item(self._create_moneybird(), amount=121.0)
        receipt = self._receive("100.00")
        row = receipt.action_find_items("kantine")[0]
        self.assertEqual((row["ledger"], row["id"]), ("moneybird", item.id))
        receipt.action_match([{**row, "amount": 100.0}])
        self._forward()
        self.assertEqual((receipt.state, item.amount_open), ("matched", 21.0))
        with self.assertRaises(UserError):
            receipt.action_match([self._part(self.first, 15)])
