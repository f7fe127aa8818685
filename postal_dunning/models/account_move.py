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
        """The invoice as it goes by post, with a cover page where that is wanted."""
        report = self.env["ir.actions.report"].with_company(self.company_id)
        invoice = self.invoice_pdf_report_id.raw
        if not invoice:
            invoice, _kind = report._render_qweb_pdf(
                "account.account_invoices", self.ids
            )
        if self.company_id.letter_invoice_form == "plain":
            return invoice
        return join_pdfs(self._render_letter_cover(), invoice)

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
