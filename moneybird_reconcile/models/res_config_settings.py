from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    matching_threshold = fields.Integer(
        related="company_id.matching_threshold", readonly=False
    )
