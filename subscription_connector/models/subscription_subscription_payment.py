from odoo import api, fields, models


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

    payment_expiry = fields.Date(
        string="Method Valid Until", compute="_compute_payment_expiry"
    )
    is_method_expiring = fields.Boolean(compute="_compute_payment_expiry")

    @api.depends("payment_token_id", "collection", "date_next")
    def _compute_payment_expiry(self):
        for subscription in self:
            # Sudo: whoever may read the subscription may read until when it is paid.
            token_sudo = subscription.sudo().payment_token_id
            day = subscription.collection == "token" and token_sudo.date_expiry
            subscription.payment_expiry = day
            needed = subscription.date_next or subscription._get_today()
            subscription.is_method_expiring = bool(day and day < needed)

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
