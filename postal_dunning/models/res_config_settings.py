from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    letter_transport = fields.Selection(
        related="company_id.letter_transport", readonly=False
    )
    letter_position = fields.Selection(
        related="company_id.letter_position", readonly=False
    )
    letter_invoice_form = fields.Selection(
        related="company_id.letter_invoice_form", readonly=False
    )
    letter_product = fields.Selection(
        related="company_id.letter_product", readonly=False
    )
