from odoo import models


class SubscriptionPeriod(models.Model):
    _inherit = "subscription.period"

    def _prepare_delivery_vals(self, lines):
        """Override of `subscription_connector` to deliver from its warehouse.

        Without one it is the warehouse that Odoo gives to an order of its responsible.
        """
        values = super()._prepare_delivery_vals(lines)
        # Sudo: the job may name a warehouse that the responsible may not read.
        warehouse = self.subscription_id.sudo().warehouse_id
        return values | ({"warehouse_id": warehouse.id} if warehouse else {})
