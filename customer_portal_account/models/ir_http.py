from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_portal_functions(cls):
        """Override of `_get_portal_functions` to add methods and paying."""
        return {
            **super()._get_portal_functions(),
            "methods": r"/my/payment_method|/payment/archive_token",
            "pay": r"/my/invoices/(pay(/.*)?|overdue)|/invoice/transaction/.*",
        }
