from odoo import fields, models
from odoo.exceptions import UserError

_RUNNING = ("planned", "active", "paused")


class PaymentToken(models.Model):
    _inherit = "payment.token"

    date_expiry = fields.Date(
        string="Valid Until",
        readonly=True,
        help="Last day of a card, where the provider tells it.",
    )

    def _get_running_subscriptions(self):
        # Sudo: the owner of a method is told about subscriptions that it pays,
        # also where another contact of his company holds them.
        return (
            self.env["subscription.subscription"]
            .sudo()
            .search([("payment_token_id", "in", self.ids), ("state", "in", _RUNNING)])
        )

    def get_linked_records_info(self):
        """Override of `payment` to name the subscriptions that the method pays."""
        res = super().get_linked_records_info()
        return res + [
            {
                "description": self.env._("Subscription"),
                "id": subscription.id,
                "name": subscription.name,
                "url": subscription.get_portal_url(),
            }
            for subscription in self._get_running_subscriptions()
        ]

    def _handle_archiving(self):
        """Override of `payment`: removing a method does not end a subscription."""
        if subscriptions := self._get_running_subscriptions():
            raise UserError(
                self.env._(
                    "This method pays %(names)s. Choose another method there first; "
                    "removing the method does not end the subscription.",
                    names=", ".join(subscriptions.mapped("name")),
                )
            )
        return super()._handle_archiving()
