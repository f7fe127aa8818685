from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    portal_function_methods = fields.Boolean(
        related="company_id.portal_function_methods", readonly=False
    )
    portal_function_pay = fields.Boolean(
        related="company_id.portal_function_pay", readonly=False
    )
    portal_document_scope = fields.Selection(
        related="company_id.portal_document_scope", readonly=False, required=True
    )
