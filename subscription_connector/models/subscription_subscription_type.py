from odoo import fields, models


class SubscriptionSubscription(models.Model):
    """The customer's type follows the subscriptions that give it."""

    _inherit = "subscription.subscription"

    customer_type_id = fields.Many2one(related="plan_id.customer_type_id")

    def _follow_customer_type(self, types=None):
        """Give or take the types that this subscription has to do with.

        :param types: types that its plan gave before a change
        """
        for subscription in self:
            # Sudo: whoever may start or end a subscription causes this on the contact.
            subscription_sudo = subscription.sudo()
            partner_sudo = subscription_sudo.partner_id
            own = subscription_sudo.plan_id.customer_type_id
            for type_sudo in own | (types.sudo() if types else own):
                if type_sudo._is_given_to(partner_sudo):
                    if type_sudo._give(partner_sudo):
                        subscription._log_event("type_given", note=type_sudo.name)
                elif type_sudo._take(partner_sudo):
                    subscription._log_event("type_taken", note=type_sudo.name)
