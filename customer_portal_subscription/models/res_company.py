from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    portal_function_subscriptions = fields.Boolean(
        string="Pause, change and cancel subscriptions", default=True
    )
