import base64

from odoo import api, fields, models

from ..engine import picture


class LetterCheck(models.TransientModel):
    """First of the two steps of connecting: do the letters fit?

    Each document that goes by post is rendered and measured; what does not fit is
    shown as a picture. Connecting waits until all fit (acceptance rows Z2 and Z3).
    """

    _name = "letter.check"
    _description = "Check of Letters"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    connection_id = fields.Many2one("service.connection", readonly=True)
    line_ids = fields.One2many("letter.check.line", "check_id", readonly=True)
    is_ok = fields.Boolean(compute="_compute_is_ok")
    can_add_cover = fields.Boolean(compute="_compute_is_ok")

    @api.depends("line_ids", "company_id.letter_invoice_form")
    def _compute_is_ok(self):
        for check in self:
            check.is_ok = all(line.is_ok for line in check.line_ids)
            check.can_add_cover = (
                not check.is_ok and check.company_id.letter_invoice_form == "plain"
            )

    @api.model
    def _open(self, company, connection=None):
        """Measure all documents and show the result.

        :param connection: offered to be connected when everything fits
        """
        check = self.create(
            {
                "company_id": company.id,
                "connection_id": connection.id if connection else False,
            }
        )
        check._measure()
        return check._show()

    def _measure(self):
        """Make the lines anew from the documents as they are now."""
        self.ensure_one()
        self.line_ids.unlink()
        values = []
        # Measuring reads documents of the books; an administrator of the services
        # need not be an accountant.
        company_sudo = self.company_id.sudo().with_company(self.company_id)
        for document in company_sudo._check_letter_documents():
            values += self._prepare_line_vals(document)
        self.env["letter.check.line"].create(values)

    def _prepare_line_vals(self, document):
        """One line for a document that fits, else one for each page that does not."""
        words = self.env["snailmail.letter"]._get_finding_words
        pages = sorted({max(finding.page, 1) for finding in document.findings})
        values = []
        for number in pages or [1]:
            found = [one for one in document.findings if max(one.page, 1) == number]
            zones = [finding.zone for finding in found if finding.zone]
            values.append(
                {
                    "check_id": self.id,
                    "name": document.name,
                    "page": number,
                    "is_ok": not found,
                    "note": words(found),
                    "picture": self._draw(document, number, zones),
                }
            )
        return values

    def _draw(self, document, number, zones):
        if not document.pdf or any(
            finding.code == "NOT-READABLE" for finding in document.findings
        ):
            return False
        image = picture.draw_page(document.pdf, document.layout, number, zones)
        return base64.b64encode(image)

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Do the Letters Fit?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_connect(self):
        """Second step: the form that asks for the credentials."""
        self.ensure_one()
        return self.connection_id._open_credentials()

    def action_add_cover(self):
        """Repair: put a page with the address in front of the invoice."""
        self.ensure_one()
        # Who may check the letters may choose this one setting of the company.
        self.company_id.sudo().letter_invoice_form = "cover"
        return self.action_check_again()

    def action_check_again(self):
        """Measure again after something was changed."""
        self.ensure_one()
        self._measure()
        return self._show()
