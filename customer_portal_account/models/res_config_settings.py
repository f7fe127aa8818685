from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    portal_document_scope = fields.Selection(
        related="company_id.portal_document_scope", readonly=False, required=True
    )
