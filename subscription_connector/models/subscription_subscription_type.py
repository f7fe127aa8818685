from odoo import fields, models


class SubscriptionSubscription(models.Model):
    """The customer's type follows the subscriptions that give it."""

    _inherit = "subscription.subscription"

    customer_type_id = fields.Many2one(related="plan_id.customer_type_id")

    def _follow_customer_type(self, types=None):
        """Give or take the types that these subscriptions have to do with.

        :param types: types that their plan gave before a change
        """
        # Sudo: whoever may start or end a subscription causes this on the contact.
        subscriptions_sudo = self.sudo()
        own = subscriptions_sudo.plan_id.customer_type_id
        for type_sudo in own | (types.sudo() if types else own):
            concerned = subscriptions_sudo.filtered(
                lambda one, giver=type_sudo: (
                    giver == one.plan_id.customer_type_id or giver in (types or ())
                )
            )
            partners = concerned.partner_id
            holders = type_sudo._get_holders(partners)
            given = type_sudo._give(holders)
            taken = type_sudo._take(partners - holders)
            for kind, changed in (("type_given", given), ("type_taken", taken)):
                # Of several subscriptions of a customer, the first tells it.
                by_partner = concerned.grouped("partner_id")
                tellers = self.browse([by_partner[one][0].id for one in changed])
                tellers._log_event(kind, note=type_sudo.name)
