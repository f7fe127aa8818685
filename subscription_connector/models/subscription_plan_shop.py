from odoo import models


class SubscriptionPlan(models.Model):
    """What a visitor of the shop sees as price of a whole plan."""

    _inherit = "subscription.plan"

    def _get_shop_amount(self, website):
        """Return what the plan costs per period for the visitor who asks."""
        self.ensure_one()
        return sum(
            line.quantity * line._get_shop_price(website)
            for line in self.line_ids
            if not line.is_one_time
        )
