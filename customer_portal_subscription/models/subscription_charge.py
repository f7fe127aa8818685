from odoo import api, models
from odoo.fields import Domain


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    @api.model
    def _get_due_domain(self):
        """Override of `_get_due_domain`: who withdrew is charged nothing more."""
        withdrawn = Domain("subscription_id.date_withdrawn", "=", False)
        return super()._get_due_domain() & withdrawn
