import io
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine.bank_file import BankFileError
from ..engine.camt import parse_camt
from ..engine.fingerprint import fingerprint_lines
from .camt_samples import camt, detail, entry, statement


def parse(content, **options):
    return parse_camt(io.BytesIO(content), **options)


@tagged("post_install", "-at_install")
class TestEngineCamt(BaseCase):
    """The parser of CAMT.053; no database is touched."""

    def assert_refused(self, content, code, **options):
        with self.assertRaises(BankFileError) as caught:
            parse(content, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_entry_gives_one_line_with_all_that_the_payer_said(self):
        content = camt(
            statement(
                entry(
                    "15.00",
                    detail(
                        "Factuur 42",
                        iban="NL02INGB0123456789",
                        name="J. de Vries",
                        structured="RF18539007547034",
                        end_to_end="E2E-1",
                    ),
                    ref="B1",
                ),
                closing="15.00",
            )
        )
        parsed = parse(content)
        line = parsed.statements[0].lines[0]
        self.assertEqual(line.amount, Decimal("15.00"))
        self.assertEqual(line.counterparty_name, "J. de Vries")
        self.assertEqual(line.counterparty_iban, "NL02INGB0123456789")
        self.assertEqual(line.texts, ("Factuur 42",))
        self.assertEqual(line.structured, ("RF18539007547034",))
        self.assertEqual(line.end_to_end_id, "E2E-1")
        self.assertEqual(line.servicer_ref, "B1")

    def test_batch_becomes_one_line_a_detail_and_charges_one_of_their_own(self):
        """A13: several details per entry; their sum is the entry, to the cent."""
        content = camt(
            statement(
                entry("29.75", detail("a", "15.00"), detail("b", "15.00")),
                closing="29.75",
            )
        )
        lines = parse(content).statements[0].lines
        self.assertEqual([line.amount for line in lines], [15, 15, Decimal("-0.25")])
        self.assertTrue(lines[-1].is_remainder)
        self.assertEqual(sum(line.amount for line in lines), Decimal("29.75"))

    def test_batch_without_amounts_stays_one_line_with_all_texts(self):
        content = camt(
            statement(entry("30.00", detail("a"), detail("b")), closing="30.00")
        )
        lines = parse(content).statements[0].lines
        self.assertEqual([line.amount for line in lines], [Decimal("30.00")])
        self.assertEqual(lines[0].texts, ("a", "b"))

    def test_return_keeps_its_reason(self):
        extra = (
            "<RtrInf><Rsn><Cd>AM04</Cd></Rsn>"
            "<AddtlInf>Onvoldoende saldo</AddtlInf></RtrInf>"
        )
        content = camt(
            statement(entry("-15.00", detail("x", extra=extra)), closing="-15.00")
        )
        line = parse(content).statements[0].lines[0]
        self.assertEqual(
            (line.return_code, line.return_text), ("AM04", "Onvoldoende saldo")
        )
        self.assertEqual(line.amount, Decimal("-15.00"))

    def test_entry_that_is_not_booked_is_left_out_and_counted(self):
        content = camt(
            statement(
                entry("15.00", detail("a")),
                entry("9.00", detail("b"), status="PDNG"),
                closing="15.00",
            )
        )
        parsed = parse(content).statements[0]
        self.assertEqual((len(parsed.lines), parsed.skipped), (1, 1))

    def test_several_statements_and_accounts_stay_apart(self):
        content = camt(
            statement(entry("1.00", detail()), identifier="A", closing="1.00"),
            statement(
                entry("2.00", detail()),
                identifier="B",
                iban="NL02INGB0123456789",
                closing="2.00",
            ),
        )
        accounts = [stmt.account for stmt in parse(content).statements]
        self.assertEqual(accounts, ["NL91ABNA0417164300", "NL02INGB0123456789"])

    def test_utf16_and_latin_files_are_read(self):
        for encoding in ("UTF-16", "ISO-8859-1"):
            content = camt(
                statement(entry("1.00", detail(name="Müller")), closing="1.00"),
                encoding=encoding,
            )
            name = parse(content).statements[0].lines[0].counterparty_name
            self.assertEqual(name, "Müller")

    def test_wrong_balance_is_refused_with_the_figures(self):
        error = self.assert_refused(
            camt(statement(entry("15.00", detail()), closing="16.00")), "balance_wrong"
        )
        self.assertEqual(error.values["closing"], "16.00")
        self.assertGreater(error.line, 1)

    def test_cut_file_is_refused_with_its_line(self):
        content = camt(statement(entry("15.00", detail()), closing="15.00"))
        for size in range(60, len(content) - 2, 97):
            with self.subTest(size=size), self.assertRaises(BankFileError):
                parse(content[:size])
        self.assertGreaterEqual(
            self.assert_refused(content[:-40], "xml_broken").line, 1
        )

    def test_wrong_encoding_is_refused(self):
        content = camt(statement(entry("1.00", detail(name="Müller")), closing="1.00"))
        self.assert_refused(content.replace("ü".encode(), b"\xfc"), "xml_broken")

    def test_hostile_xml_gets_nowhere(self):
        bomb = (
            '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
            '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        )
        outside = '<!DOCTYPE d SYSTEM "file:///etc/passwd">'
        for prolog in (bomb, outside):
            content = camt(
                statement(entry("1.00", detail("x")), closing="1.00"), prolog=prolog
            )
            self.assert_refused(content, "doctype_refused")

    def test_entity_in_a_text_is_never_resolved(self):
        prolog = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        content = camt(
            statement(entry("1.00", detail("&x;")), closing="1.00"), prolog=prolog
        )
        self.assert_refused(content, "doctype_refused")

    def test_deep_nesting_is_refused(self):
        content = b"<Document>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</Document>"
        with self.assertRaises(BankFileError):
            parse(content)

    def test_large_file_is_refused_while_it_is_read(self):
        content = camt(statement(entry("1.00", detail("x" * 5000)), closing="1.00"))
        self.assert_refused(content, "unpacked_too_large", max_bytes=1000)

    def test_other_kinds_of_file_are_named(self):
        self.assert_refused(b"", "xml_broken")
        self.assert_refused(b"date;amount\n1;2", "xml_broken")
        self.assert_refused(b"<html><body/></html>", "not_camt")
        other = camt(statement()).replace(b"BkToCstmrStmt", b"CstmrCdtTrfInitn")
        self.assert_refused(other, "not_camt")

    def test_amounts_and_dates_that_cannot_be_read_are_refused(self):
        good = camt(statement(entry("15.00", detail()), closing="15.00"))
        cases = {
            b">15.00<": (b">fifteen<", "amount_unreadable"),
            b"<Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>": (
                b"<Sts>BOOK</Sts><BookgDt><Dt>20-11-2026</Dt></BookgDt>",
                "date_unreadable",
            ),
            b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>": (b"<Sts>", "direction_missing"),
        }
        for old, (new, code) in cases.items():
            with self.subTest(code=code):
                self.assertIn(old, good)
                self.assert_refused(good.replace(old, new), code)

    def test_missing_entries_are_noticed(self):
        summary = (
            "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries></TxsSummry>"
        )
        content = camt(
            statement(entry("15.00", detail()), closing="15.00", summary=summary)
        )
        self.assert_refused(content, "entries_missing")


@tagged("post_install", "-at_install")
class TestFingerprints(BaseCase):
    """The same money is known again, equal money counts each time."""

    @staticmethod
    def prints(content):
        return [row[2] for row in fingerprint_lines(parse(content).statements)]

    def test_three_equal_payments_on_one_day_all_count(self):
        """A15: a bank that repeats its id does not make payments vanish."""
        same = entry("15.00", detail("dues", name="A"), ref="X")
        found = self.prints(camt(statement(same, same, same, closing="45.00")))
        self.assertEqual(len(set(found)), 3)

    def test_overlapping_files_give_the_same_fingerprints(self):
        """A16: statement ids and order inside the file differ, the money does not."""
        one = entry("15.00", detail("one", name="A"))
        two = entry("16.00", detail("two", name="B"))
        first = self.prints(camt(statement(one, two, closing="31.00", identifier="S1")))
        second = self.prints(
            camt(statement(two, one, opening="5", closing="36.00", identifier="S9"))
        )
        self.assertEqual(set(first), set(second))

    def test_ids_that_a_bank_reuses_each_year_are_other_money(self):
        """A14: same id, same amount, another year."""
        this_year = entry("15.00", detail("dues"), day="2026-01-05", ref="000001")
        last_year = entry("15.00", detail("dues"), day="2025-01-05", ref="000001")
        self.assertNotEqual(
            self.prints(camt(statement(this_year, closing="15.00"))),
            self.prints(camt(statement(last_year, closing="15.00"))),
        )

    def test_spelling_of_spaces_and_case_does_not_matter(self):
        first = entry("15.00", detail("Factuur  42 ", name="J. de Vries"))
        second = entry("15.0", detail("factuur 42", name="J. DE VRIES"))
        self.assertEqual(
            self.prints(camt(statement(first, closing="15.00"))),
            self.prints(camt(statement(second, closing="15.00"))),
        )

    def test_same_statement_twice_in_one_file_is_not_new_money(self):
        once = statement(entry("15.00", detail("a")), closing="15.00")
        self.assertEqual(len(set(self.prints(camt(once, once)))), 1)

    def test_equal_payments_in_two_statements_of_one_file_both_count(self):
        line = entry("15.00", detail("a"))
        found = self.prints(
            camt(
                statement(line, closing="15.00", identifier="S1"),
                statement(line, opening="15.00", closing="30.00", identifier="S2"),
            )
        )
        self.assertEqual(len(set(found)), 2)
