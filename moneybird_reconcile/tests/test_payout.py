import base64
from decimal import Decimal
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.sql_db import Cursor
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.payout import PayoutFacts, PayoutPart
from .common import MatchingCommon


@tagged("post_install", "-at_install")
class TestPayout(MatchingCommon):
    """A payout empties the clearing journals; the bank line closes it to zero."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.tax = cls.company_data["default_tax_purchase"]
        cls.mollie.write(
            {
                "matching_fee_account_id": cls.expense.id,
                "matching_fee_tax_id": cls.tax.id,
                "matching_reserve_account_id": cls.company_data[
                    "default_account_assets"
                ].id,
            }
        )
        cls.clearing = cls.mollie.clearing_ids.journal_id.default_account_id
        invoices = [cls._create_invoice(amount) for amount in (15.0, 20.0)]
        cls.payments = cls._fetch(
            cls._make_facts("tr_1", "15.00", description=invoices[0].name),
            cls._make_facts("tr_2", "20.00", description=invoices[1].name),
        )

    def _create_payout(self, amount=34.64, lines=None, **values):
        if lines is None:
            lines = [
                {"kind": "payment", "external_id": "tr_1", "amount": 15.0},
                {"kind": "payment", "external_id": "tr_2", "amount": 20.0},
                {"kind": "fee", "amount": -0.36, "amount_vat": -0.06},
            ]
        return (
            self.env["matching.payout"]
            .with_user(self.office)
            .create(
                {
                    "connection_id": self.mollie.id,
                    "name": "1234567.2611.01",
                    "date": self.payments[0].date,
                    "currency_id": self.env.ref("base.EUR").id,
                    "amount": amount,
                    "line_ids": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    def _balance(self, account):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def _receive_on_bank(self, amount, text):
        # An import runs as the system.
        receipts_sudo = self.env["matching.receipt"].sudo()
        receipt = receipts_sudo.create(
            {
                "name": text,
                "company_id": self.company.id,
                "source": "bank",
                "fingerprint": f"bank:{text}",
                "date": self.payments[0].date,
                "amount": amount,
                "currency_id": self.env.ref("base.EUR").id,
                "journal_id": self.bank.id,
                "description": text,
            }
        )
        receipt._match()
        return receipt

    def test_payout_with_fees_empties_clearing_and_waits_for_the_bank(self):
        """C3: payments, fee and VAT; what is left is on its way."""
        self.assertEqual(self._balance(self.clearing), 35.0)
        payout = self._create_payout()
        payout.action_book()
        self.assertEqual(payout.state, "booked")
        self.assertEqual(self._balance(self.clearing), 0.0)
        self.assertEqual(payout.transit_line_id.balance, 34.64)
        entries = payout.statement_line_ids.move_id.line_ids
        fee = entries.filtered(lambda row: row.account_id == self.expense)
        self.assertEqual(fee.filtered("tax_ids").balance, 0.30)
        vat = entries.filtered("tax_repartition_line_id")
        self.assertEqual((len(vat), vat.balance), (1, 0.06))

    def test_payout_is_open_again_without_its_match(self):
        payout = self._create_payout()
        payout.action_book()
        self._receive_on_bank(34.64, payout.name)
        self.assertEqual(payout.state, "closed")
        payout.transit_line_id.sudo().remove_move_reconcile()
        self.assertEqual(payout.state, "booked")

    def test_journal_entries_do_not_look_for_payouts(self):
        """Only a match may close one: an invoice costs no query more."""
        asked = []
        execute = Cursor.execute

        def listen(cursor, query, *args, **kwargs):
            text = getattr(query, "code", query)
            asked.extend(["payout"] * ('FROM "matching_payout"' in text))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", listen):
            self._create_invoice(15.0)
            self.env.flush_all()
        self.assertFalse(asked)

    def test_bank_line_closes_the_payout_by_itself(self):
        """C7, C10: reference and amount are two pieces of evidence."""
        payout = self._create_payout()
        payout.action_book()
        receipt = self._receive_on_bank(34.64, "MOLLIE 1234567.2611.01 uitbetaling")
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(payout.state, "closed")
        transfer = self.company.transfer_account_id
        self.assertEqual(self._balance(transfer), 0.0)
        self.assertEqual(self._balance(self.bank.default_account_id), 34.64)

    def test_chargeback_and_reserve_are_parts_of_a_payout(self):
        self._fetch(
            self._make_facts(
                "chb_1", "-15.00", kind="chargeback", raw={"paymentId": "tr_1"}
            )
        )
        payout = self._create_payout(
            10.0,
            [
                {"kind": "payment", "external_id": "tr_1", "amount": 15.0},
                {"kind": "payment", "external_id": "tr_2", "amount": 20.0},
                {"kind": "chargeback", "external_id": "chb_1", "amount": -15.0},
                {"kind": "reserve", "amount": -10.0},
            ],
        )
        payout.action_book()
        self.assertEqual(self._balance(self.clearing), 0.0)
        reserve = self.mollie.matching_reserve_account_id
        self.assertEqual(self._balance(reserve), 10.0)

    def test_methods_with_clearing_journals_of_their_own_are_emptied_too(self):
        """C3: clearing accounts per payment method."""
        other = self.env["account.journal"].create({"name": "Cards", "type": "bank"})
        self.mollie.clearing_ids.create(
            {
                "connection_id": self.mollie.id,
                "method": "creditcard",
                "journal_id": other.id,
            }
        )
        invoice = self._create_invoice(5.0)
        self._fetch(
            self._make_facts(
                "tr_3", "5.00", method="creditcard", description=invoice.name
            )
        )
        self.assertEqual(self._balance(other.default_account_id), 5.0)
        payout = self._create_payout(
            40.0,
            [
                {"kind": "payment", "external_id": f"tr_{number}", "amount": amount}
                for number, amount in ((1, 15.0), (2, 20.0), (3, 5.0))
            ],
        )
        payout.action_book()
        self.assertEqual(self._balance(other.default_account_id), 0.0)
        self.assertEqual(self._balance(self.clearing), 0.0)
        self.assertEqual(self._balance(self.company.transfer_account_id), 40.0)

    def test_payout_that_is_not_explained_is_refused_in_words(self):
        one = {"kind": "payment", "external_id": "tr_1", "amount": 15.0}
        cases = {
            "unexplained": (16.0, [one]),
            "not here yet": (30.0, [one, {**one, "external_id": "tr_x"}]),
            "another amount": (14.0, [{**one, "amount": 14.0}]),
            "account": (14.0, [one, {"kind": "other", "amount": -1.0, "name": "Odd"}]),
        }
        for words, (amount, lines) in cases.items():
            with self.subTest(words=words):
                payout = self._create_payout(amount, lines)
                with self.assertRaisesRegex(UserError, words):
                    payout.action_book()
                self.assertEqual(payout.state, "draft")
                payout.unlink()
        self.assertEqual(self._balance(self.clearing), 35.0)

    def test_payment_is_in_one_payout_only(self):
        one = [{"kind": "payment", "external_id": "tr_1", "amount": 15.0}]
        self._create_payout(15.0, one)
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._create_payout(15.0, one)
            self.env.flush_all()

    def test_payout_is_entered_by_hand(self):
        payout = self._create_payout(34.0, [])
        payout.action_take_receipts()
        self.assertEqual(payout.amount_payments, 35.0)
        payout.action_rest_is_fees()
        self.assertEqual((payout.amount_fees, payout.difference), (-1.0, 0.0))
        payout.action_book()
        self.assertEqual(self._balance(self.clearing), 0.0)
        with self.assertRaises(UserError):
            payout.amount = 1.0
        with self.assertRaises(UserError):
            payout.unlink()

    def test_undo_reverses_the_entries(self):
        payout = self._create_payout()
        payout.action_book()
        moves = payout.statement_line_ids.move_id
        payout.action_undo()
        self.assertTrue(moves.exists())
        self.assertEqual(payout.state, "draft")
        self.assertEqual(self._balance(self.clearing), 35.0)
        self.assertEqual(self._balance(self.company.transfer_account_id), 0.0)
        payout.action_book()
        self.assertEqual(self._balance(self.clearing), 0.0)

    def test_payout_no_rights(self):
        stranger = new_test_user(self.env, "payout_none", "base.group_user")
        payout = self._create_payout()
        with self.assertRaises(AccessError):
            payout.with_user(stranger).action_book()
        with self.assertRaises(AccessError):
            self.env["matching.payout"].with_user(stranger).search([])

    def test_payout_of_another_company_is_not_seen(self):
        payout = self._create_payout()
        other = self.setup_other_company()["company"]
        clerk = new_test_user(
            self.env,
            "payout_other",
            "base.group_user,moneybird_reconcile.group_matching_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("matching.payout", "matching.payout.line"):
            self.assertFalse(self.env[model].with_user(clerk).search([]))
        with self.assertRaises(AccessError):
            payout.with_user(clerk).action_book()

    # --- What services tell ---------------------------------------------------------

    def _make_settlement(self, amount="34.64"):
        return PayoutFacts(
            external_id="stl_1",
            reference="1234567.2611.01",
            date=self.payments[0].date,
            amount=Decimal(amount),
            currency="EUR",
            parts=(
                PayoutPart("payment", Decimal("15.00"), "tr_1"),
                PayoutPart("payment", Decimal("20.00"), "tr_2"),
                PayoutPart("fee", Decimal("-0.36"), amount_vat=Decimal("-0.06")),
            ),
        )

    def test_settlement_of_mollie_is_booked_once(self):
        for _time in range(2):
            self.mollie._create_payout(self._make_settlement())
        payout = self.env["matching.payout"].with_user(self.office).search([])
        self.assertEqual((len(payout), payout.state), (1, "booked"))
        self.assertEqual(self._balance(self.clearing), 0.0)

    def test_settlement_with_a_payment_we_miss_is_booked_when_it_came(self):
        self.payments[1].external_id = "tr_later"
        self.mollie._create_payout(self._make_settlement())
        payout = self.env["matching.payout"].with_user(self.office).search([])
        self.assertEqual(
            (payout.state, payout.reason_code), ("draft", "payout_unknown")
        )
        self.assertIn("tr_2", payout.reason)
        self.payments[1].external_id = "tr_2"
        self.mollie._create_payout(self._make_settlement())
        self.assertEqual(payout.state, "booked")
        self.assertFalse(payout.reason)

    def test_marks_of_ccv_make_a_payout_that_a_person_completes(self):
        """CCV shows no settlement: what it marks as paid out is one payout."""
        self.ccv.matching_fee_account_id = self.expense
        told = {
            "paidout": "yes",
            "paidoutReference": "P7",
            "paidoutDate": 1795000000000,
        }
        invoices = [self._create_invoice(amount) for amount in (8.0, 9.0)]
        self._fetch(
            *(
                self._make_facts(
                    f"C{number}.G",
                    f"{invoice.amount_total:.2f}",
                    provider="ccv",
                    description=invoice.name,
                    raw=told,
                )
                for number, invoice in enumerate(invoices)
            ),
            connection=self.ccv,
        )
        for _time in range(2):
            self.ccv._sync_paid_out_marks()
        payout = (
            self.env["matching.payout"]
            .with_user(self.office)
            .search([("external_id", "=", "P7")])
        )
        self.assertEqual((len(payout), payout.state), (1, "draft"))
        self.assertEqual((payout.amount, len(payout.line_ids)), (17.0, 2))
        mine = payout.with_user(self.office)
        mine.amount = 16.5
        mine.action_rest_is_fees()
        mine.action_book()
        account = self.ccv.clearing_ids.journal_id.default_account_id
        self.assertEqual(self._balance(account), 0.0)

    def _import_report(self, text):
        wizard = (
            self.env["matching.payout.wizard"]
            .with_user(self.office)
            .create(
                {
                    "connection_id": self.mollie.id,
                    "data": base64.b64encode(text.encode()),
                    "name": "R-1",
                    "date": self.payments[0].date,
                }
            )
        )
        return self.env["matching.payout"].browse(wizard.action_import()["res_id"])

    def test_payout_report_is_imported_and_booked(self):
        payout = self._import_report(
            "Transactie;Bedrag;Kosten;BTW\n"
            "tr_1;€ 15,00;0,30;0,05\n"
            "tr_2;20,00;0,30;0,05\n"
        ).with_user(self.office)
        self.assertEqual((payout.amount, payout.amount_fees), (34.4, -0.6))
        payout.action_book()
        self.assertEqual(self._balance(self.clearing), 0.0)

    def test_damaged_report_is_refused_with_its_line(self):
        for text, words in (
            ("Name;Amount\nx;1\n", "column"),
            ("Transaction;Amount\ntr_1;15.00\ntr_2;twenty\n", "Line 3"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, words):
                self._import_report(text)
        self.assertFalse(self.env["matching.payout"].with_user(self.office).search([]))
