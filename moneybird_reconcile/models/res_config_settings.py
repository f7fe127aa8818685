from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    matching_threshold = fields.Integer(
        related="company_id.matching_threshold", readonly=False
    )
    matching_support_email = fields.Char(
        related="company_id.matching_support_email", readonly=False
    )
    matching_lines_from = fields.Date(
        related="company_id.matching_lines_from", readonly=False
    )
