"""The invoice in our own layout, rendered and measured; the address on paper."""

from unittest.mock import patch

import pypdfium2

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.postal_dunning.engine import geometry, preflight

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestLetterInvoice(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.company.partner_id.id,
                "acc_number": "NL91 ABNA 0417 1643 00",
                "acc_holder_name": "De Linden",
            }
        )
        cls.company.letter_invoice_form = "letter"
        cls.company.letter_position = "country"
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "21%",
                "amount": 21,
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )

    def _make_invoice(self, lines=1, **values):
        partner = self._create_partner(**values)
        return self._create_invoice(
            partner,
            5,
            partner_bank_id=self.bank.id,
            invoice_line_ids=[
                fields.Command.create(
                    {
                        "name": f"Membership {number}",
                        "price_unit": 100,
                        "tax_ids": [fields.Command.set(self.tax.ids)],
                    }
                )
                for number in range(lines)
            ],
        )

    def _render(self, invoice):
        """Past the stub of the other tests: through wkhtmltopdf."""
        lang = invoice.partner_id.lang
        invoice = invoice.with_context(lang=lang)
        html = invoice.env["ir.qweb"]._render(
            "postal_dunning.letter_invoice",
            invoice._prepare_letter_invoice_values(lang),
        )
        report = invoice.env["ir.actions.report"]
        return report.with_context(postal_dunning_no_script=True)._run_wkhtmltopdf(
            [str(html)], report_ref="postal_dunning.letter_report"
        )

    def _read(self, pdf):
        document = pypdfium2.PdfDocument(pdf)
        self.addCleanup(document.close)
        return [page.get_textpage().get_text_range() for page in document]

    def _check(self, invoice, pdf):
        partner = invoice.partner_id
        return preflight.check_letter(
            pdf,
            geometry.get_layout(partner._get_letter_position(self.company)),
            partner._get_letter_lines(self.company),
            partner.country_id.code,
        )

    def test_invoice_fits_the_window_in_all_three_countries(self):
        """Z1, Z3: in the customer's language, window as usual in the country."""
        table = (
            ("nl", "1012 JS", "Amsterdam", "left"),
            ("be", "9051", "Sint-Denijs-Westrem", "right"),
            ("de", "40212", "Düsseldorf", "left"),
        )
        for country, zip_code, city, side in table:
            with self.subTest(country=country):
                invoice = self._make_invoice(
                    name="Prof. Dr. Hannelore Großmann-Oberdorff",
                    street="Langestraßenname am Hauptbahnhof 1144",
                    street2="Hinterhaus, 3. Stock",
                    zip=zip_code,
                    city=city,
                    country_id=self.env.ref(f"base.{country}").id,
                )
                partner = invoice.partner_id
                self.assertEqual(partner._get_letter_position(self.company), side)
                self.assertEqual(self._check(invoice, self._render(invoice)), [])

    def test_long_invoice_keeps_every_border_clear(self):
        invoice = self._make_invoice(lines=60)
        pdf = self._render(invoice)
        pages = self._read(pdf)
        self.assertGreater(len(pages), 1)
        # The printer draws later pages letter by letter.
        self.assertIn("Membership59", "".join("".join(pages).split()))
        self.assertEqual(self._check(invoice, pdf), [])

    def test_invoice_says_what_the_law_and_the_payer_need(self):
        invoice = self._make_invoice()
        invoice.payment_reference = "RF18 5390 0754 7034"
        (page,) = self._read(self._render(invoice))
        link = self.env["letter.link"]._get_url(invoice).split("://")[1]
        for words in (
            invoice.name,
            "21%",
            "121.00",
            "NL91 ABNA 0417 1643 00",
            "RF18 5390 0754 7034",
            link,
        ):
            self.assertIn(words, page)

    def test_paid_invoice_and_credit_note_ask_for_no_money(self):
        invoice = self._make_invoice()
        self._pay(invoice)
        (page,) = self._read(self._render(invoice))
        self.assertNotIn("NL91", page)
        self.assertIn("This invoice is paid", page)
        credit = invoice._reverse_moves()
        credit.action_post()
        (page,) = self._read(self._render(credit))
        self.assertIn("Credit note", page)
        self.assertNotIn("/l/", page)

    def test_our_layout_needs_no_print_of_the_other_one(self):
        """Z1: one page instead of a cover page and a document."""
        invoice = self._make_invoice()
        with patch.object(
            self.env.registry["ir.actions.report"],
            "_render_qweb_pdf",
            side_effect=AssertionError("core's own invoice was printed"),
        ):
            self.assertTrue(invoice._build_letter_pdf().startswith(b"%PDF"))


@tagged("post_install", "-at_install")
class TestLetterLink(DunningCommon, HttpCase):
    def test_printed_address_leads_to_the_invoice(self):
        """Z1: a payment link that can be typed."""
        invoice = self._create_invoice(self._create_partner(), 5)
        url = self.env["letter.link"]._get_url(invoice)
        self.assertEqual(self.env["letter.link"]._get_url(invoice), url)
        path = "/l/" + url.rsplit("/", 1)[1].lower().replace("-", "")
        answer = self.url_open(path, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn(f"/my/invoices/{invoice.id}", answer.headers["Location"])
        page = self.url_open(path).text
        self.assertIn(invoice.name, page)

    def test_reminder_about_several_shows_each_and_what_is_paid(self):
        partner = self._create_partner()
        first, second = self._create_invoice(partner, 20, 21)
        message = self._create_case(partner).sudo()._take_step()
        url = self.env["letter.link"]._get_url(message)
        self._pay(first)
        page = self.url_open("/l/" + url.rsplit("/", 1)[1]).text
        self.assertIn(first.name, page)
        self.assertIn(second.name, page)
        self.assertEqual(page.count(">Paid<"), 1)
        self.assertIn("Together", page)
        self._pay(second)
        page = self.url_open("/l/" + url.rsplit("/", 1)[1]).text
        self.assertEqual(page.count(">Paid<"), 2)
        self.assertIn("Everything is paid", page)
        self.assertNotIn("Together", page)

    def test_reminder_about_several_can_be_paid_at_once_at_the_bank(self):
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.company.partner_id.id,
                "acc_number": "NL91 ABNA 0417 1643 00",
            }
        )
        invoices = self._create_invoice(self._create_partner(), 20, 21)
        message = self._create_case(invoices.partner_id).sudo()._take_step()
        self._pay(invoices[0], 30)
        url = self.env["letter.link"]._get_url(message)
        page = self.url_open("/l/" + url.rsplit("/", 1)[1]).text
        self.assertIn("NL91 ABNA 0417 1643 00", page)
        self.assertIn("170.00", page)
        self.assertIn(message._get_payment_reference(), page)

    def test_unknown_code_says_nothing(self):
        for code in ("AAAA-BBBB-CCCC", "short", "AAAABBBBCCCCDDDD"):
            with self.subTest(code=code):
                answer = self.url_open(f"/l/{code}")
                self.assertEqual(answer.status_code, 404)
                self.assertIn("compare it with your letter", answer.text)

    def test_code_can_be_typed_on_a_page(self):
        invoice = self._create_invoice(self._create_partner(), 5)
        code = self.env["letter.link"]._get_url(invoice).rsplit("/", 1)[1]
        page = self.url_open("/l")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("We do not know this code", page.text)
        answer = self.url_open(f"/l?code={code.lower()}", allow_redirects=False)
        self.assertIn(f"/my/invoices/{invoice.id}", answer.headers["Location"])
