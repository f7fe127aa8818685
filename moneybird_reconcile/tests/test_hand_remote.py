from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestHandRemote(MatchingCommon):
    """Split and write off by hand where the invoice is at Moneybird."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moneybird = cls._create_moneybird()
        cls.item = cls._create_item(cls.moneybird)
        cls.second = cls._create_item(
            cls.moneybird, number="2026-0043", external_id="778", amount=50.0
        )
        accounts = cls.env["matching.ledger.account"].sudo()
        cls.differences, cls.clearing = accounts.create(
            [
                {
                    "connection_id": cls.moneybird.id,
                    "external_id": "60",
                    "name": "Betalingsverschillen",
                    "account_type": "expenses",
                },
                {
                    "connection_id": cls.moneybird.id,
                    "external_id": "61",
                    "name": "Kruisposten",
                    "account_type": "current_assets",
                },
            ]
        )
        cls.expense = cls.company_data["default_account_expense"]

    def setUp(self):
        super().setUp()
        self.client = self._patch_client(
            FakeMoneybird(
                FakeMoneybird.invoice(),
                FakeMoneybird.invoice("778", "2026-0043", total="50.0"),
            )
        )

    def _receive(self, amount):
        facts = self._make_facts("tr_9", amount)
        return self._fetch(facts).with_user(self.office)

    def _part(self, amount, item=None):
        item = item or self.item
        return {"ledger": "moneybird", "id": item.id, "amount": amount}

    def _write_off(self, amount, account=None, label="Waived"):
        account = account or self.differences
        return {
            "ledger": "moneybird_account",
            "id": account.id,
            "amount": amount,
            "label": label,
        }

    def test_shortage_is_paid_against_the_chosen_account_after_the_payment(self):
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        self._forward()
        paid, written_off = self.client.invoices["777"]["payments"]
        self.assertEqual(
            (paid["price"], paid["transaction_identifier"]), ("120.50", "tr_9")
        )
        self.assertEqual(
            (written_off["price"], written_off["ledger_account_id"]), ("0.50", "60")
        )
        self.assertEqual(written_off["transaction_identifier"], "tr_9:write-off")
        self.assertFalse(self.item.is_open)
        self.assertEqual((receipt.state, receipt.amount_left), ("matched", 0.0))
        self.assertEqual(sum(receipt.booking_ids.mapped("amount")), 120.5)
        self.assertIn("Waived", receipt.booking_ids.mapped("label"))

    def test_write_off_goes_with_the_invoice_before_it(self):
        receipt = self._receive("168.00")
        lines = [self._part(121), self._write_off(-2), self._part(50, self.second)]
        receipt.action_match([*lines, self._write_off(-1)])
        self._forward()
        prices = {
            key: [row["price"] for row in invoice["payments"]]
            for key, invoice in self.client.invoices.items()
        }
        self.assertEqual(prices, {"777": ["119.00", "2.00"], "778": ["49.00", "1.00"]})
        self.assertEqual(receipt.state, "matched")

    def test_undo_takes_the_write_off_back_too(self):
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        self._forward()
        payment = receipt.booking_ids.filtered("amount")
        payment._undo()
        self.assertEqual(self.client.invoices["777"]["payments"], [])
        self.assertEqual(set(receipt.booking_ids.mapped("state")), {"undone"})
        self.assertEqual(receipt.amount_left, 120.5)

    def test_refused_payment_writes_nothing_off(self):
        """The invoice was paid meanwhile: no half of the match is booked."""
        self.client.invoices["777"].update(total_unpaid="0.3")
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        self._forward()
        self.assertEqual(self.client.posts, 0)
        self.assertEqual(set(receipt.booking_ids.mapped("state")), {"failed"})
        self.assertEqual((receipt.state, receipt.reason_code), ("error", "item_paid"))

    def test_lost_answer_of_the_payment_holds_the_write_off(self):
        self.client.lose_answers = 1
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        self._forward()
        self.assertEqual(self.client.posts, 1)
        self._forward()
        self.assertEqual(self.client.posts, 2)
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(self.client.invoices["777"]["total_unpaid"], "0.00")

    def test_lost_answer_of_the_write_off_is_looked_up(self):
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        original = self.client.create_payment

        def lose_second(kind, key, payment):
            self.client.lose_answers = int(payment.identifier.endswith("write-off"))
            return original(kind, key, payment)

        self.client.create_payment = lose_second
        self._forward()
        self.assertEqual(receipt.state, "open")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(self.client.posts, 2)

    def test_what_moneybird_cannot_book_is_refused_in_words(self):
        """Never a silent difference."""
        cases = (
            ("122.00", [self._part(121), self._write_off(1)], "without an invoice"),
            ("120.50", [self._write_off(-0.5), self._part(121)], "invoice .* first"),
            ("10.00", [self._write_off(-131), self._part(141)], "only"),
            ("120.00", [self._part(121), self._write_off(-1, self.clearing)], "costs"),
            ("120.00", [self._part(121), self._write_off(-1, label=" ")], "reason"),
            (
                "119.00",
                [self._part(121), self._write_off(-1), self._write_off(-1)],
                "One write-off",
            ),
            (
                "50.00",
                [
                    self._part(50, self.second),
                    self._part(121),
                    self._write_off(-121),
                ],
                "credit invoice",
            ),
            (
                "120.00",
                [
                    self._part(121),
                    {
                        "ledger": "account",
                        "id": self.expense.id,
                        "amount": -1,
                        "label": "x",
                    },
                ],
                "two ledgers",
            ),
        )
        for amount, lines, words in cases:
            receipt = self._receive(amount)
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                receipt.action_match(lines)
            self.assertFalse(receipt.booking_ids)
            receipt.sudo().unlink()

    def test_surplus_stays_visible_until_it_has_a_place(self):
        receipt = self._receive("122.00")
        receipt.action_match([self._part(121)])
        self._forward()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("open", "booked_partly")
        )
        self.assertEqual(receipt.amount_left, 1.0)

    def test_account_of_another_administration_is_refused(self):
        other = self._create_moneybird(account_ref="999")
        account = self.differences.copy(
            {"connection_id": other.id, "external_id": "62"}
        )
        receipt = self._receive("120.50")
        with self.assertRaisesRegex(UserError, "another administration"):
            receipt.action_match([self._part(121), self._write_off(-0.5, account)])

    def test_search_offers_what_fits_the_ledger_chosen_first(self):
        invoice = self._create_invoice(121.0)
        receipt = self._receive("120.50")
        found = receipt.action_find_items("121")
        self.assertLessEqual({"odoo", "moneybird"}, {row["ledger"] for row in found})
        self.assertNotIn("moneybird_account", [row["ledger"] for row in found])
        found = receipt.action_find_items("121", "moneybird")
        self.assertEqual({row["ledger"] for row in found}, {"moneybird"})
        found = receipt.action_find_items("betaling", "moneybird")
        self.assertEqual([row["name"] for row in found], ["Betalingsverschillen"])
        found = receipt.action_find_items(invoice.name, "odoo")
        self.assertEqual({row["ledger"] for row in found}, {"odoo"})
        self.assertEqual(receipt.action_find_items("kruisposten", "moneybird"), [])

    def test_daily_comparison_counts_the_write_off_once(self):
        receipt = self._receive("120.50")
        receipt.action_match([self._part(121.0), self._write_off(-0.5)])
        self._forward()
        amounts = [row._get_amount_there() for row in receipt.booking_ids.sorted("id")]
        self.assertEqual(amounts, [120.5, 0.5])

    # --- One ledger -------------------------------------------------------------------

    def test_rest_of_a_payment_cannot_go_to_the_other_ledger(self):
        invoice = self._create_invoice(15.0)
        line = invoice.line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable"
        )
        in_odoo = {"ledger": "odoo", "id": line.id, "amount": 15.0}
        receipt = self._receive("136.00")
        receipt.action_match([self._part(121)])
        with self.assertRaisesRegex(UserError, "booked at Moneybird"):
            receipt.action_match([in_odoo])
        receipt.action_undo()
        receipt.action_match([in_odoo])
        with self.assertRaisesRegex(UserError, "booked in Odoo"):
            receipt.action_match([self._part(121)])

    def test_payment_that_moves_to_moneybird_leaves_odoo_with_an_entry(self):
        """One euro, one place: the clearing journal is empty again."""
        invoice = self._create_invoice(121.0)
        line = invoice.line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable"
        )
        receipt = self._receive("121.00")
        receipt.action_match([{"ledger": "odoo", "id": line.id, "amount": 121.0}])
        journal, entry = receipt.journal_id, receipt.statement_line_id.move_id
        receipt.action_undo()
        receipt.action_match([self._part(121)])
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertFalse(receipt.statement_line_id)
        self.assertTrue(entry.exists())
        rows = self.env["account.move.line"].search(
            [("journal_id", "=", journal.id), ("parent_state", "=", "posted")]
        )
        for account in rows.account_id:
            left = rows.filtered(lambda row, account=account: row.account_id == account)
            self.assertEqual(round(sum(left.mapped("balance")), 2), 0.0, account.name)
        self.assertEqual(invoice.amount_residual, 121.0)
        # And back again: Odoo's books begin with a new entry.
        receipt.action_undo()
        receipt.action_match([{"ledger": "odoo", "id": line.id, "amount": 121.0}])
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertNotEqual(receipt.statement_line_id.move_id, entry)

    def test_bank_line_is_not_sent_to_moneybird(self):
        receipt = self._receive("121.00")
        receipt.sudo().connection_id.matching_ledger = "odoo"
        with self.assertRaisesRegex(UserError, "booked in Odoo"):
            receipt.action_match([self._part(121)])
