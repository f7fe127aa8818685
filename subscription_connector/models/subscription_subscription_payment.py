from odoo import fields, models


class SubscriptionSubscription(models.Model):
    """What was paid, and what went back (L15, L17)."""

    _inherit = "subscription.subscription"

    transaction_ids = fields.Many2many(
        "payment.transaction",
        string="Payments",
        compute="_compute_transaction_ids",
        groups="subscription_connector.group_subscription_user",
    )
    refund_ids = fields.One2many(
        "subscription.refund",
        "subscription_id",
        groups="subscription_connector.group_subscription_user",
    )

    def _compute_transaction_ids(self):
        """All tries of all its invoices, and the payments back, newest first."""
        for subscription in self:
            # Sudo: the links lead over invoices; the list itself is read as the user.
            subscription_sudo = subscription.sudo()
            paid = (
                subscription_sudo.charge_ids.transaction_ids
                | subscription_sudo.period_ids.move_id.transaction_ids
            )
            paid |= paid.child_transaction_ids
            subscription.transaction_ids = paid.sorted("id", reverse=True).ids
