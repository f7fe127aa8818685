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
    letter_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Letters"
    )
    letter_budget = fields.Monetary(
        related="company_id.letter_budget",
        readonly=False,
        currency_field="letter_currency_id",
    )
    letter_budget_spent = fields.Monetary(
        related="company_id.letter_budget_spent", currency_field="letter_currency_id"
    )
    letter_product = fields.Selection(
        related="company_id.letter_product", readonly=False
    )
