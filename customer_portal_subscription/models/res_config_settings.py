from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    portal_function_subscriptions = fields.Boolean(
        related="company_id.portal_function_subscriptions", readonly=False
    )
    portal_subscription_scope = fields.Selection(
        related="company_id.portal_subscription_scope", readonly=False, required=True
    )
