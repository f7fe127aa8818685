from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_retry_days = fields.Char(
        related="company_id.subscription_retry_days", readonly=False
    )
    subscription_brake_percent = fields.Integer(
        related="company_id.subscription_brake_percent", readonly=False
    )
    subscription_catch_up_cap = fields.Integer(
        related="company_id.subscription_catch_up_cap", readonly=False
    )
