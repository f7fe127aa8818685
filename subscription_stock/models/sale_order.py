from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _prepare_subscription_vals(self, plan, lines):
        """Override of `subscription_connector` to keep the warehouse of the sale."""
        return super()._prepare_subscription_vals(plan, lines) | {
            "warehouse_id": self.warehouse_id.id
        }
