import io

import pypdf

from odoo import models
from odoo.tools import format_date
from odoo.tools.image import image_data_uri


def join_pdfs(*parts):
    """Several PDFs as one."""
    writer = pypdf.PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part))
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


class AccountMove(models.Model):
    _inherit = "account.move"

    def _make_letter_attachment(self):
        """The invoice as a letter: our page with the window, then the invoice.

        The invoice itself is not touched: whatever its layout, the address stands in
        the window of the first page.
        """
        self.ensure_one()
        pdf = self._build_letter_pdf()
        # The letter belongs to the organisation, not to whoever pressed the button.
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{(self.name or 'letter').replace('/', '-')}-letter.pdf",
                    "raw": pdf,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )

    def _build_letter_pdf(self):
        """The invoice as it goes by post: our layout, or the organisation's own."""
        if self.company_id.letter_invoice_form == "letter":
            return self._render_letter_invoice()
        report = self.env["ir.actions.report"].with_company(self.company_id)
        invoice = self.invoice_pdf_report_id.raw
        if not invoice:
            invoice, _kind = report._render_qweb_pdf(
                "account.account_invoices", self.ids
            )
        if self.company_id.letter_invoice_form == "plain":
            return invoice
        return join_pdfs(self._render_letter_cover(), invoice)

    def _render_letter_invoice(self):
        """The whole invoice in our layout, with the code and the address to pay."""
        lang = self.partner_id.lang or self.company_id.partner_id.lang or "en_US"
        move = self.with_context(lang=lang)
        return move.env["ir.actions.report"]._render_letter(
            "postal_dunning.letter_invoice", move._prepare_letter_invoice_values(lang)
        )

    def _prepare_letter_invoice_values(self, lang):
        """Values of the template; the environment speaks the addressee's language."""
        company = self.company_id
        lines = self._get_move_lines_to_report()
        is_to_pay = self.move_type == "out_invoice" and bool(self.amount_residual)
        values = {
            "doc": self,
            "title": self._get_letter_title(),
            "company": company,
            "lang_code": lang,
            "position": self.partner_id._get_letter_position(company),
            "address_lines": self.partner_id._get_letter_lines(company),
            "facts": self._get_letter_facts(),
            "invoice_lines": lines,
            "has_discount": any(line.discount for line in lines),
            "is_tax_included": self.company_price_include == "tax_included",
            "is_to_pay": is_to_pay,
            "image_data_uri": image_data_uri,
        }
        if is_to_pay:
            values |= self._get_letter_payment_values()
        return values

    def _get_letter_title(self):
        if self.move_type == "out_refund":
            return self.env._("Credit note %(number)s", number=self.name)
        return self.env._("Invoice %(number)s", number=self.name)

    def _get_letter_facts(self):
        """What stands beside the address, as (label, text); empty ones are left out."""
        facts = (
            (self.env._("Invoice date"), format_date(self.env, self.invoice_date)),
            (self.env._("Due date"), format_date(self.env, self.invoice_date_due)),
            (self.env._("Delivery date"), format_date(self.env, self.delivery_date)),
            (self.env._("Your reference"), self.ref),
            (self.env._("Your VAT number"), self.commercial_partner_id.vat),
        )
        return [(label, text) for label, text in facts if text]

    def _get_letter_payment_values(self):
        bank = self.partner_bank_id or self.company_id.bank_ids[:1]
        values = self.env["letter.payment"]._prepare(
            self, bank, self.amount_residual, self.payment_reference or self.name
        )
        if self.currency_id.name != "EUR":
            values["qr_image"] = ""
        return values

    def _render_letter_cover(self):
        """The page with the address window, in the language of the addressee."""
        company = self.company_id
        lang = self.partner_id.lang or company.partner_id.lang or "en_US"
        move = self.with_context(lang=lang)
        return move.env["ir.actions.report"]._render_letter(
            "postal_dunning.letter_invoice_cover",
            {
                "doc": move,
                "company": company,
                "lang_code": lang,
                "position": move.partner_id._get_letter_position(company),
                "address_lines": move.partner_id._get_letter_lines(company),
                "facts": [
                    (move.env._("Date"), format_date(move.env, move.invoice_date)),
                    (move.env._("Our reference"), move.name),
                ],
                "image_data_uri": image_data_uri,
            },
        )
