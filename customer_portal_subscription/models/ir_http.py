from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_portal_functions(cls):
        """Override of `_get_portal_functions` to add what changes a subscription."""
        return {
            **super()._get_portal_functions(),
            # Every page below a subscription changes it; its own page only shows it.
            "subscriptions": r"/my/subscriptions/\d+/.+",
        }
