import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine.bank_file import BankFileError
from ..engine.bank_formats import parse_bank_file
from ..engine.csv_file import CsvMapping
from .bank_samples import CSV, DIALECTS, IBAN, ING, mt940
from .camt_samples import camt, detail, entry, statement

MAPPING = CsvMapping(
    date="Datum",
    amount="Bedrag",
    direction="Af Bij",
    negative="Af",
    name="Naam",
    iban="Rekening",
    texts=("Mededelingen",),
    date_format="%Y%m%d",
)


def parse(content, mapping=None):
    return parse_bank_file(io.BytesIO(content), mapping, account=IBAN)


@tagged("post_install", "-at_install")
class TestEngineBankFormats(BaseCase):
    """MT940 in its dialects, CSV with a mapping, the three kinds of CAMT (C4)."""

    def assert_refused(self, content, code, mapping=None, line=None):
        with self.assertRaises(BankFileError) as caught:
            parse(content, mapping)
        self.assertEqual(caught.exception.code, code)
        if line is not None:
            self.assertEqual(caught.exception.line, line)

    def test_every_dialect_of_mt940_tells_the_same(self):
        for bank, content in DIALECTS.items():
            with self.subTest(bank=bank):
                line = parse(content).statements[0].lines[0]
                self.assertEqual(line.amount, Decimal("15.00"))
                self.assertEqual(line.date, date(2026, 11, 20))
                self.assertEqual(line.counterparty_name, "J. de Vries")
                self.assertEqual(line.counterparty_iban, "NL02INGB0123456789")
                self.assertEqual(line.texts, ("Factuur INV/2026/00042",))
                self.assertEqual(line.end_to_end_id, "E2E-42")

    def test_structured_reference_and_money_out_of_mt940(self):
        parsed = parse(ING)
        self.assertEqual(parsed.format, "mt940")
        second = parsed.statements[0].lines[1]
        self.assertEqual(second.amount, Decimal("-7.50"))
        self.assertEqual(second.structured, ("9000000000000001",))
        self.assertEqual(second.servicer_ref, "26324000002")
        self.assertEqual(parsed.statements[0].account, IBAN)
        self.assertEqual(parsed.statements[0].currency, "EUR")

    def test_balance_of_mt940_must_be_right(self):
        self.assert_refused(ING.replace(b"C15,00", b"C15,01"), "balance_wrong")

    def test_transaction_the_library_cannot_read_refuses_the_file_with_its_line(self):
        self.assert_refused(
            ING.replace(b"2611201120D7,50", b"2611X"), "mt940_broken", line=8
        )

    def test_cut_mt940_is_refused(self):
        self.assert_refused(ING[: ING.index(b":62F:")], "balance_missing", line=1)

    def test_reversal_of_mt940_takes_the_money_back(self):
        content = mt940(
            ("2611201120RC15,00NRTINONREF", "/RTRN/AM04/REMI/Incasso"),
            opening="20,00",
            closing="5,00",
        )
        line = parse(content).statements[0].lines[0]
        self.assertEqual((line.amount, line.is_reversal), (Decimal("-15.00"), True))
        self.assertEqual(line.return_code, "AM04")

    def test_csv_is_read_as_its_mapping_says(self):
        first, second = parse(CSV, MAPPING).statements[0].lines
        self.assertEqual((first.amount, first.line_no), (Decimal("15.00"), 2))
        self.assertEqual(first.texts, ("Factuur INV/2026/00042",))
        self.assertEqual(second.amount, Decimal("-1007.50"))
        self.assertEqual(second.counterparty_name, "Drukkerij; De Pers")

    def test_csv_of_two_amount_columns_and_of_numbers_for_columns(self):
        mapping = CsvMapping(
            date="1", amount="3", debit="2", has_headings=False, decimal_comma=False
        )
        content = b"20-11-2026;7.50;\n20-11-2026;;15.00\n"
        amounts = [row.amount for row in parse(content, mapping).statements[0].lines]
        self.assertEqual(amounts, [Decimal("-7.50"), Decimal("15.00")])
        self.assert_refused(b"20-11-2026;1;2\n", "direction_missing", mapping, line=1)

    def test_csv_that_does_not_fit_its_mapping_is_refused_with_line_and_reason(self):
        cases = {
            "mapping_missing": (CSV, None, 1),
            "column_missing": (CSV, replace(MAPPING, name="Wie"), 2),
            "amount_unreadable": (CSV.replace(b"15,00", b"15.00"), MAPPING, 2),
            "date_unreadable": (CSV.replace(b"20261120", b"20261320"), MAPPING, 2),
            "columns_wrong": (CSV + b"20261120;x\r\n", MAPPING, 4),
            "csv_broken": (CSV + b'20261120;"x', MAPPING, 4),
            "encoding_wrong": (CSV.replace(b"Vries", b"Vri\xeb"), MAPPING, 1),
            "direction_missing": (CSV.replace(b"Bij;15", b";15"), MAPPING, 2),
        }
        for code, (content, mapping, line) in cases.items():
            with self.subTest(code=code):
                self.assert_refused(content, code, mapping, line)

    def _kind(self, content, root, holder):
        text = content.decode()
        text = text.replace("BkToCstmrStmt", root).replace("<Stmt>", f"<{holder}>")
        return text.replace("</Stmt>", f"</{holder}>").encode()

    def test_report_and_notification_are_read_when_the_bank_names_its_entries(self):
        """An entry without the bank's own reference would count twice later."""
        kinds = {
            "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
            "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
        }
        for name, (root, holder) in kinds.items():
            with self.subTest(kind=name):
                content = camt(
                    statement(
                        entry("15.00", detail("a"), ref="B1"),
                        entry("9.00", detail("b"), ref="B2", status="PDNG"),
                        closing="15.00",
                    )
                )
                parsed = parse(self._kind(content, root, holder))
                self.assertEqual(parsed.format, name)
                self.assertEqual(len(parsed.statements[0].lines), 1)
                self.assertIn("B1", parsed.statements[0].lines[0].entry_key)
                nameless = camt(statement(entry("15.00", detail()), closing="15.00"))
                self.assert_refused(
                    self._kind(nameless, root, holder), "entry_ref_missing"
                )

    def test_fee_and_other_currency_of_camt_are_kept(self):
        extra = (
            '<AmtDtls><InstdAmt><Amt Ccy="USD">16.40</Amt></InstdAmt></AmtDtls>'
            '<Chrgs><Rcrd><Amt Ccy="EUR">0.25</Amt></Rcrd></Chrgs>'
        )
        content = camt(statement(entry("15.00", detail(extra=extra)), closing="15.00"))
        line = parse(content).statements[0].lines[0]
        self.assertEqual(line.fee, Decimal("0.25"))
        self.assertEqual(
            (line.amount_original, line.currency_original), (Decimal("16.40"), "USD")
        )
