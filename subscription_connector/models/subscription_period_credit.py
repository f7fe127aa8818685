from odoo import models


class SubscriptionPeriod(models.Model):
    """Credit notes of a subscription: set off against what is open, never charged."""

    _inherit = "subscription.period"

    def _get_recurring_invoice_lines(self):
        """Return the lines of the invoice that bill this period, fees left out."""
        self.ensure_one()
        return self.move_id.invoice_line_ids.filtered(
            lambda line: (
                line.subscription_period_id == self
                and not line.subscription_line_id.is_one_time
                and line.display_type == "product"
            )
        )

    def _set_posted(self):
        """Override to set credit off before anything is charged."""
        for subscription in self.subscription_id:
            subscription._set_off_credit()
        return super()._set_posted()
