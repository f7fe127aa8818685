"""The real letter, rendered and measured."""

import io

import pypdfium2
from markupsafe import Markup

from odoo.tests import tagged

from odoo.addons.postal_dunning.engine import geometry, preflight

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestLetterLayout(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.company.partner_id.id,
                "acc_number": "NL91 ABNA 0417 1643 00",
                "acc_holder_name": "De Linden",
            }
        )

    def _render(self, message):
        """Past the stub of the other tests: through wkhtmltopdf."""
        values = message._prepare_letter_values()
        report = message.env["ir.actions.report"]
        html = message.env["ir.qweb"]._render("postal_dunning.letter_reminder", values)
        return report.with_context(postal_dunning_no_script=True)._run_wkhtmltopdf(
            [str(html)], report_ref="postal_dunning.letter_report"
        )

    def _make_message(self, items=1, **values):
        partner = self._create_partner(**values)
        self._create_invoice(partner, *range(45, 45 + items))
        return self._create_case(partner).sudo()._take_step()

    def test_letters_fit_the_window_in_all_three_countries(self):
        """Z1, Z3: NL, BE and DE, window left and right, measured on the PDF."""
        self._connect_pingen()
        table = (
            ("nl", "1012 JS", "Amsterdam", "nl_NL", "left"),
            ("be", "9051", "Sint-Denijs-Westrem", "fr_FR", "right"),
            ("de", "40212", "Düsseldorf", "de_DE", "left"),
            ("de", "40212", "Düsseldorf", "de_DE", "right"),
        )
        for country, zip_code, city, lang, position in table:
            with self.subTest(country=country, position=position):
                self.company.letter_position = position
                message = self._make_message(
                    name="Prof. Dr. Hannelore Großmann-Oberdorff",
                    street="Langestraßenname am Hauptbahnhof 1144",
                    street2="Hinterhaus, 3. Stock",
                    zip=zip_code,
                    city=city,
                    country_id=self.env.ref(f"base.{country}").id,
                    lang=lang,
                )
                findings = preflight.check_letter(
                    self._render(message),
                    geometry.get_layout(position),
                    message.partner_id._get_letter_lines(self.company),
                    country.upper(),
                )
                self.assertEqual(findings, [])

    def test_no_line_runs_over_the_edge_of_the_page(self):
        """wkhtmltopdf breaks lines by other widths than it draws, and cuts them off."""
        words = (
            "Hebt u intussen betaald? Dan hoeft u niets te doen. Bent u het er niet "
            "mee eens, of kunt u niet in één keer betalen? Laat het ons weten."
        )
        self.steps.text = Markup().join(
            Markup("<p>%s %s</p>") % ("i" * length, words) for length in range(30)
        )
        document = pypdfium2.PdfDocument(self._render(self._make_message()))
        self.addCleanup(document.close)
        page = document[0].get_textpage()
        text = page.get_text_range()
        rights = [
            page.get_charbox(index)[2]
            for index in range(text.index("Hebt u"), text.rindex("weten"))
        ]
        margin = self.env.ref("postal_dunning.letter_paperformat").margin_right
        edge = (geometry.PAGE_WIDTH - margin) * 72 / 25.4
        # Nearer than 3 mm was seen to run over with another font.
        self.assertLess(max(rights), edge - 3 * 72 / 25.4)

    def test_long_list_keeps_the_borders_of_each_page_clear(self):
        message = self._make_message(items=26)
        pdf = self._render(message)
        lines = message.partner_id._get_letter_lines(self.company)
        layout = geometry.get_layout("left")
        self.assertEqual(preflight.check_letter(pdf, layout, lines, "NL"), [])
        document = pypdfium2.PdfDocument(pdf)
        self.addCleanup(document.close)
        self.assertGreater(len(document), 1)

    def test_pages_told_before_are_those_of_the_real_letter(self):
        """Z11: what the preview of a run counts, for reminders and formal notices."""
        self._connect_pingen()
        for items in (1, 4, 9, 15, 30, 60):
            with self.subTest(items=items):
                partner = self._create_partner()
                self._create_invoice(partner, *[45] * items)
                message = self._create_case(partner).sudo()._take_step()
                self.assertTrue(message.step_id.type_id.is_formal)
                pages = preflight.count_pages(self._render(message))
                self.assertEqual(message.step_id._estimate_pages(items), pages)

    def test_letter_speaks_the_language_of_the_addressee(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        module = self.env["ir.module.module"].search([("name", "=", "postal_dunning")])
        module._update_translations(["nl_NL"], overwrite=True)
        message = self._make_message(lang="nl_NL")
        text = self._read(self._render(message.with_context(lang="nl_NL")))
        self.assertIn("Te betalen", text)
        amount = "".join(message.law_text.split())
        self.assertIn("100,00", amount)

    def test_numbers_of_the_sender_carry_their_names(self):
        self.company.write({"company_registry": "30123456", "vat": "NL000099998B57"})
        self.assertEqual(
            self.company._get_letter_numbers(), ["KvK 30123456", "VAT NL000099998B57"]
        )
        self.company.country_id = self.env.ref("base.de")
        self.company.company_registry = "HRB 1234"
        self.assertEqual(self.company._get_letter_numbers()[0], "HRB 1234")
        self.company.country_id = self.env.ref("base.be")
        self.company.write({"company_registry": "0477472701", "vat": "BE0477472701"})
        self.assertEqual(self.company._get_letter_numbers(), ["VAT BE0477472701"])

    def test_letter_shows_the_address_it_was_made_for(self):
        self._connect_pingen()
        message = self._make_message()
        letter = message.letter_id
        self.assertEqual(
            letter.printed_address.splitlines(),
            message.partner_id._get_letter_lines(self.company),
        )

    def test_code_to_pay_holds_the_reference_of_the_invoice(self):
        message = self._make_message()
        invoice = message.line_ids.move_id
        invoice.payment_reference = "RF18 5390 0754 7034"
        values = self._spy_payload(message)
        lines = values.split("\n")
        self.assertEqual(lines[5:8], ["De Linden", "NL91ABNA0417164300", "EUR100.00"])
        self.assertEqual(lines[9], "RF18539007547034")

    def test_reference_fits_a_transfer(self):
        """The numbers of a few invoices; of many, the number of the message."""
        few = self._make_message(items=2)
        self.assertEqual(
            few._get_payment_reference(),
            " ".join(few.line_ids.move_id.mapped("name")),
        )
        many = self._make_message(items=12)
        self.assertEqual(many._get_payment_reference(), many.name)

    def test_no_code_without_an_account(self):
        self.company.bank_ids.unlink()
        message = self._make_message()
        message.line_ids.move_id.partner_bank_id = False
        values = message._get_payment_values()
        self.assertFalse(values["qr_image"])
        self.assertIn("/l/", values["pay_url"])

    def _spy_payload(self, message):
        bank = message._get_bank()
        return self.env["letter.payment"]._build_payload(
            bank,
            bank.acc_holder_name,
            message.amount,
            message._get_payment_reference(),
        )

    def _read(self, pdf):
        document = pypdfium2.PdfDocument(io.BytesIO(pdf))
        try:
            return document[0].get_textpage().get_text_range()
        finally:
            document.close()

    def test_sample_of_a_company_that_fits_has_no_findings(self):
        """Z3: before connecting."""
        documents = self.company._check_letter_documents()
        self.assertEqual([document.findings for document in documents], [[]])
        self.company.zip = False
        (document,) = self.company._check_letter_documents()
        self.assertIn("ZIP-MISSING", [finding.code for finding in document.findings])
        words = self.env["snailmail.letter"]._get_finding_words(document.findings)
        self.assertTrue(words)

    def test_every_finding_has_words(self):
        texts = self.env["snailmail.letter"]._get_finding_texts()
        codes = {
            value
            for name, value in vars(preflight).items()
            if name.isupper() and isinstance(value, str)
        }
        self.assertEqual(codes - set(texts), set())
