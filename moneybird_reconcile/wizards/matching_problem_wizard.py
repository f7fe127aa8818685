import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class MatchingProblemWizard(models.TransientModel):
    """Report a problem with a receipt: look at the bundle, then send or save it."""

    _name = "matching.problem.wizard"
    _description = "Report a problem with a receipt"

    receipt_id = fields.Many2one("matching.receipt", required=True, readonly=True)
    message = fields.Text("What went wrong?")
    email_to = fields.Char(
        "Send to",
        compute="_compute_email_to",
        store=True,
        readonly=False,
        help="Who helps you: set for all in Settings, Payments.",
    )
    bundle = fields.Text("What is in the file", compute="_compute_bundle")
    file = fields.Binary(compute="_compute_bundle")
    file_name = fields.Char(compute="_compute_bundle")

    @api.depends("receipt_id")
    def _compute_email_to(self):
        for wizard in self:
            wizard.email_to = wizard.receipt_id.company_id.matching_support_email

    @api.depends("receipt_id", "message")
    def _compute_bundle(self):
        for wizard in self:
            content = wizard.receipt_id._to_bundle_file(wizard.message or "")
            wizard.bundle = content.decode()
            wizard.file = base64.b64encode(content)
            wizard.file_name = f"receipt-{wizard.receipt_id.id}.json"

    def _create_attachment(self):
        return self.env["ir.attachment"].create(
            {
                "name": self.file_name,
                "res_model": "matching.receipt",
                "res_id": self.receipt_id.id,
                "mimetype": "application/json",
                "raw": base64.b64decode(self.file),
            }
        )

    def action_save(self):
        """Keep the bundle with the receipt and hand it out."""
        self.ensure_one()
        attachment = self._create_attachment()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }

    def action_send(self):
        """Mail the bundle to whoever helps.

        :raises UserError: nobody was named
        """
        self.ensure_one()
        if not self.email_to:
            raise UserError(self.env._("Fill in whom to send it to."))
        receipt = self.receipt_id
        # Mail is sent for the user, who may not write mails of the system by hand.
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._(
                    "Problem with receipt %(name)s", name=receipt.name
                ),
                "email_to": self.email_to,
                "email_from": self.env.user.email_formatted,
                "body_html": self.env["ir.qweb"]._render(
                    "moneybird_reconcile.problem_mail",
                    {"message": self.message or "", "receipt": receipt},
                ),
                "attachment_ids": self._create_attachment().ids,
                "auto_delete": False,
            }
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The problem was sent to %(to)s.", to=self.email_to
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
