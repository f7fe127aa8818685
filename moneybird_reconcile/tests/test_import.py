import base64
import gzip
import io
import re
import zipfile

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .bank_samples import mt940
from .camt_samples import camt, detail, entry, statement
from .common import IBAN_JAN, MatchingCommon


@tagged("post_install", "-at_install")
class TestImport(MatchingCommon):
    """Bank files: whole or not at all, and each euro once."""

    def _import(self, content, user=None, **values):
        wizard = (
            self.env["matching.import.wizard"]
            .with_user(user or self.office)
            .create(
                {"data": base64.b64encode(content), "filename": "bank.xml", **values}
            )
        )
        action = wizard.action_import()
        return self.env["matching.import"].browse(action["res_id"]).sudo()

    def _lines(self):
        return self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.bank.id)]
        )

    def test_references_are_matched_and_the_rest_stands_on_suspense(self):
        by_number = self._create_invoice(15.0)
        by_reference = self._create_invoice(22.5, payment_reference="RF18539007547034")
        record = self._import(
            camt(
                statement(
                    entry("15.00", detail(by_number.name, iban=IBAN_JAN)),
                    entry("22.50", detail(structured="RF18539007547034")),
                    entry("7.00", detail("wie ben ik")),
                    entry("-3.00", detail("bankkosten")),
                    closing="41.50",
                )
            )
        )
        self.assertEqual(by_number.payment_state, "paid")
        self.assertEqual(by_reference.payment_state, "paid")
        self.assertEqual((record.count_new, record.count_matched), (4, 2))
        self.assertEqual(record.count_left, 1)
        self.assertEqual(sum(self._lines().mapped("amount")), 41.5)
        self.assertEqual(len(self._lines().filtered("is_reconciled")), 2)
        unmatched = record.receipt_ids.filtered(lambda row: row.state == "error")
        self.assertEqual(unmatched.reason_code, "no_open_item")
        self.assertTrue(unmatched.statement_line_id)
        stmt = record.statement_ids
        self.assertEqual((stmt.balance_start, stmt.balance_end_real), (0.0, 41.5))
        self.assertTrue(stmt.is_complete)

    def test_same_file_twice_brings_nothing_new(self):
        """A16: every line is known again."""
        content = camt(
            statement(
                entry("1.00", detail("a")), entry("2.00", detail("b")), closing="3.00"
            )
        )
        self._import(content)
        again = self._import(content)
        self.assertEqual((again.count_new, again.count_known), (0, 2))
        self.assertEqual(len(self._lines()), 2)
        self.assertFalse(again.statement_ids)

    def test_overlapping_files_bring_each_payment_once(self):
        """A16: the second file repeats a day and adds one."""
        first = entry("1.00", detail("a"), day="2026-11-19")
        second = entry("2.00", detail("b"), day="2026-11-20")
        third = entry("4.00", detail("c"), day="2026-11-21")
        self._import(camt(statement(first, second, closing="3.00", identifier="S1")))
        record = self._import(
            camt(
                statement(
                    second, third, opening="1.00", closing="7.00", identifier="S2"
                )
            )
        )
        self.assertEqual((record.count_new, record.count_known), (1, 1))
        self.assertEqual(sum(self._lines().mapped("amount")), 7.0)
        self.assertEqual(record.statement_ids.balance_start, 3.0)
        self.assertTrue(record.statement_ids.is_complete)

    def test_three_equal_payments_all_count(self):
        """A15: truly equal money is not a duplicate."""
        same = entry("15.00", detail("dues"), ref="X")
        record = self._import(camt(statement(same, same, same, closing="45.00")))
        self.assertEqual(record.count_new, 3)
        self.assertEqual(sum(self._lines().mapped("amount")), 45.0)

    def test_file_that_is_wrong_leaves_nothing_behind(self):
        before = self.env["matching.receipt"].sudo().search_count([])
        good = entry("1.00", detail("a"))
        for content in (
            camt(statement(good, closing="2.00")),
            camt(statement(good, closing="1.00"))[:-60],
            b"no xml at all",
        ):
            with self.assertRaises(UserError) as caught:
                self._import(content)
            self.assertTrue(str(caught.exception))
        self.assertEqual(self.env["matching.receipt"].sudo().search_count([]), before)
        self.assertFalse(self._lines())

    def test_refusal_names_the_line(self):
        with self.assertRaisesRegex(UserError, r"Line \d+: The balance is wrong"):
            self._import(camt(statement(entry("1.00", detail()), closing="2.00")))

    def test_unknown_account_asks_for_the_journal_and_then_remembers_it(self):
        other = "NL20INGB0001234567"
        content = camt(
            statement(entry("1.00", detail("a")), iban=other, closing="1.00")
        )
        with self.assertRaisesRegex(UserError, other):
            self._import(content)
        journal = self.bank.copy({"name": "Second bank", "bank_account_id": False})
        self._import(content, journal_id=journal.id)
        self.assertEqual(journal.bank_account_id.sanitized_acc_number, other)

    def test_file_of_another_account_than_the_chosen_journal_is_refused(self):
        content = camt(
            statement(
                entry("1.00", detail()), iban="NL20INGB0001234567", closing="1.00"
            )
        )
        with self.assertRaisesRegex(UserError, "NL20INGB0001234567"):
            self._import(content, journal_id=self.bank.id)

    def test_file_in_another_currency_is_refused(self):
        content = camt(
            statement(
                entry("1.00", detail(), currency="USD"), currency="USD", closing="1.00"
            )
        )
        with self.assertRaisesRegex(UserError, "USD"):
            self._import(content)

    def test_unmatched_line_is_matched_later_by_hand_on_its_own_entry(self):
        invoice = self._create_invoice(15.0)
        record = self._import(
            camt(statement(entry("15.00", detail(name="J. de Vries")), closing="15.00"))
        )
        receipt = record.receipt_ids
        self.assertEqual(receipt.state, "open")
        entry_before = receipt.statement_line_id.move_id
        receipt.proposal_ids[0].with_user(self.office).action_accept()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(receipt.statement_line_id.move_id, entry_before)
        self.assertTrue(receipt.statement_line_id.is_reconciled)
        self.assertEqual(receipt.state, "matched")

    def test_account_that_paid_before_is_known_the_next_time(self):
        first = self._create_invoice(15.0)
        self._import(
            camt(
                statement(
                    entry("15.00", detail(first.name, iban=IBAN_JAN)), closing="15"
                )
            )
        )
        self._create_invoice(16.0)
        record = self._import(
            camt(
                statement(
                    entry("16.00", detail("dues", iban=IBAN_JAN), day="2026-11-21"),
                    opening="15",
                    closing="31",
                )
            )
        )
        codes = [piece["code"] for piece in record.receipt_ids.proposal_ids[0].evidence]
        self.assertIn("iban_seen", codes)

    def test_date_of_the_line_is_the_booking_date(self):
        record = self._import(
            camt(
                statement(entry("1.00", detail("a"), day="2026-11-18"), closing="1.00")
            )
        )
        self.assertEqual(
            record.receipt_ids.statement_line_id.date, fields.Date.to_date("2026-11-18")
        )

    def _notification(self, *entries):
        """The same entries as a CAMT.054."""
        text = camt(statement(*entries)).decode()
        text = re.sub("<Bal>.*?</Bal>", "", text)
        text = text.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
        for tag in ("<Stmt>", "</Stmt>"):
            text = text.replace(tag, tag.replace("Stmt", "Ntfctn"))
        return text.encode()

    def test_batch_of_a_notification_does_not_count_again_in_the_statement(self):
        """C4: 20 payments in a CAMT.054 are one line in the CAMT.053 of that day."""
        first, second = self._create_invoice(15.0), self._create_invoice(22.5)
        self._import(
            self._notification(
                entry(
                    "37.50",
                    detail(first.name, "15.00"),
                    detail(second.name, "22.50"),
                    ref="B77",
                )
            )
        )
        self.assertEqual(first.payment_state, "paid")
        record = self._import(
            camt(
                statement(
                    entry("37.50", detail("batch"), ref="B77"),
                    entry("4.00", detail("other"), ref="B78"),
                    closing="41.50",
                )
            )
        )
        self.assertEqual((record.count_new, record.count_known), (1, 1))
        self.assertEqual(sum(self._lines().mapped("amount")), 41.5)

    def test_other_kind_of_file_for_the_same_day_is_refused(self):
        self._import(camt(statement(entry("15.00", detail("a")), closing="15.00")))
        content = mt940(
            ("2611201120C15,00NTRFNONREF", "/REMI/a"), opening="0,00", closing="15,00"
        )
        with self.assertRaisesRegex(UserError, "camt.053"):
            self._import(content)
        self.assertEqual(len(self._lines()), 1)

    def test_mt940_is_matched_like_any_other_file(self):
        invoice = self._create_invoice(15.0)
        self._import(
            mt940(
                ("2611201120C15,00NTRFNONREF", f"/REMI/{invoice.name}"),
                opening="0,00",
                closing="15,00",
            )
        )
        self.assertEqual(invoice.payment_state, "paid")

    def test_csv_with_saved_columns_is_imported_once(self):
        invoice = self._create_invoice(15.0)
        mapping = (
            self.env["matching.csv.mapping"]
            .sudo()
            .create(
                {
                    "name": "My bank",
                    "journal_id": self.bank.id,
                    "column_date": "Datum",
                    "column_amount": "Bedrag",
                    "column_texts": "Tekst, Kenmerk",
                }
            )
        )
        content = (
            "Datum;Bedrag;Tekst;Kenmerk\n"
            f"20-11-2026;15,00;dues;{invoice.name}\n20-11-2026;-3,00;costs;\n"
        ).encode()
        first = self._import(content, filename="bank.csv", mapping_id=mapping.id)
        self.assertEqual(first.count_new, 2)
        self.assertEqual(invoice.payment_state, "paid")
        again = self._import(content, filename="bank.csv", mapping_id=mapping.id)
        self.assertEqual((again.count_new, again.count_known), (0, 2))

    def test_csv_without_columns_says_what_is_missing(self):
        with self.assertRaisesRegex(UserError, "columns"):
            self._import(b"a;b\n1;2\n", filename="bank.csv")

    def test_columns_that_contradict_each_other_are_refused(self):
        values = {
            "name": "x",
            "column_date": "1",
            "column_amount": "2",
            "company_id": self.company.id,
        }
        for wrong in (
            {"encoding": "klingon"},
            {"column_direction": "3"},
            {"column_direction": "3", "negative": "Af", "column_debit": "4"},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(ValidationError):
                self.env["matching.csv.mapping"].sudo().create({**values, **wrong})

    def test_office_reads_columns_of_csv_files_and_only_managers_change_them(self):
        mappings = self.env["matching.csv.mapping"].with_user(self.office)
        mappings.check_access("read")
        with self.assertRaises(AccessError):
            mappings.check_access("create")

    # --- Packed and large files ---------------------------------------------------

    @staticmethod
    def _zip(**files):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(f"bank/{name}.xml", content)
        return packed.getvalue()

    def _small(self, text, amount="1.00"):
        return camt(statement(entry(amount, detail(text)), closing=amount))

    def test_zip_of_two_files_brings_both(self):
        """C4: banks deliver archives; each file is an import of its own."""
        content = self._zip(one=self._small("a"), two=self._small("b", "2.00"))
        wizard = self.env["matching.import.wizard"].with_user(self.office)
        action = wizard.create({"data": base64.b64encode(content)}).action_import()
        records = self.env["matching.import"].sudo().search(action["domain"])
        self.assertEqual(sorted(records.mapped("name")), ["one.xml", "two.xml"])
        self.assertEqual(sum(self._lines().mapped("amount")), 3.0)

    def test_zip_with_one_bad_file_brings_nothing(self):
        """C4: whole or not at all, and the file is named."""
        content = self._zip(good=self._small("a"), bad=self._small("b")[:200])
        with self.assertRaisesRegex(UserError, "bad.xml: "):
            self._import(content)
        self.assertFalse(self._lines())

    def test_gzip_is_unpacked(self):
        self._import(gzip.compress(self._small("a")))
        self.assertEqual(self._lines().amount, 1.0)

    def test_statement_of_100_mb_comes_in_as_zip(self):
        """C4: larger than an upload may be; packed it is read all the same."""
        self.env["ir.config_parameter"].sudo().set_param(
            "web.max_file_upload_size", str(2**20)
        )
        padding = b"<!--" + b"x" * 9 * 2**20 + b"-->"
        large = self._small("a").replace(b"</Document>", padding * 12 + b"</Document>")
        self.assertGreater(len(large), 100 * 2**20)
        self._import(self._zip(large=large))
        self.assertEqual(self._lines().amount, 1.0)

    def test_upload_over_the_limit_says_how_much_and_what_to_do(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "web.max_file_upload_size", str(2 * 2**20)
        )
        wizard = self.env["matching.import.wizard"].new({})
        self.assertIn("1 MB", wizard.size_hint)
        with self.assertRaisesRegex(UserError, "larger than 1 MB.*ZIP"):
            self._import(b"x" * 2 * 2**20)

    def test_archive_that_cannot_be_read_is_refused_in_words(self):
        whole = self._zip(one=self._small("a"))
        empty = self._zip()
        locked = bytearray(whole)
        locked[6] |= 1
        locked[whole.index(b"PK\x01\x02") + 8] |= 1
        bomb = self._zip(bomb=b"<Document>" + b" " * 130 * 2**20)
        for content, words in (
            (whole[: len(whole) // 2], "damaged"),
            (gzip.compress(self._small("a"))[:60], "damaged"),
            (empty, "no file"),
            (bytes(locked), "password"),
            (bomb, "larger than 128 MB"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self._import(content)
        self.assertFalse(self._lines())
