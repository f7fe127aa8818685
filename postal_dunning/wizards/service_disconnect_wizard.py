from odoo import api, fields, models

from .. import const


class ServiceDisconnectWizard(models.TransientModel):
    """The page before letters are switched off: who and what is affected (row Z9)."""

    _inherit = "service.disconnect.wizard"

    is_letters = fields.Boolean(compute="_compute_letters")
    letter_partner_ids = fields.Many2many(
        "res.partner", string="Customers", compute="_compute_letters"
    )
    letter_type_ids = fields.Many2many(
        "communication.type", string="Kinds of Message", compute="_compute_letters"
    )
    letter_step_ids = fields.Many2many(
        "dunning.step", string="Collection Steps", compute="_compute_letters"
    )
    letter_waiting_ids = fields.Many2many(
        "snailmail.letter", string="Waiting Letters", compute="_compute_letters"
    )
    letter_partner_count = fields.Integer(compute="_compute_letters")
    letter_unreachable_count = fields.Integer(compute="_compute_letters")
    is_mail_missing = fields.Boolean(compute="_compute_letters")
    letter_printer_count = fields.Integer(compute="_compute_letters")

    @api.depends("connection_id")
    def _compute_letters(self):
        for wizard in self:
            # The page is for administrators, who need not work in collections.
            wizard_sudo = wizard.sudo().with_company(wizard.connection_id.company_id)
            wizard_sudo._load_letters()

    def _load_letters(self):
        connection = self.connection_id
        self.is_letters = connection.provider == "pingen"
        found = connection._find_on_post() if self.is_letters else {}
        self.letter_partner_ids = found.get("partners")
        self.letter_type_ids = found.get("types")
        self.letter_step_ids = found.get("steps")
        self.letter_waiting_ids = found.get("letters")
        self.letter_partner_count = len(self.letter_partner_ids)
        self.letter_unreachable_count = len(
            self.letter_partner_ids.filtered(
                lambda one: one._get_letter_addressee()._get_email_problem()
            )
        )
        # What goes back to e-mail needs a way out; Odoo's own settings are read.
        self.is_mail_missing = self.is_letters and not self.env[
            "ir.mail_server"
        ].search_count([], limit=1)
        self.letter_printer_count = self.env["snailmail.letter"].search_count(
            [
                ("company_id", "=", connection.company_id.id),
                ("transport", "=", "pingen"),
                ("state", "in", const.AT_PRINTER),
            ]
        )
