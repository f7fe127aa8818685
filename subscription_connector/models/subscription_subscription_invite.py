from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError

from .subscription_subscription_life import RUNNING


class SubscriptionSubscription(models.Model):
    """What is needed before it can start: data of the customer, a payment method."""

    _inherit = "subscription.subscription"

    invitation_ids = fields.One2many("subscription.invitation", "subscription_id")

    def action_invite(self):
        """Button: show QR code and link with which the customer saves a method."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Method of %(name)s", name=self.partner_id.name),
            "res_model": "subscription.invitation",
            "res_id": self._get_invitation().id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_invitation(self):
        """Return an invitation that can still be used, a new one where there is none.

        :raises UserError: where no saved method is needed
        """
        self.ensure_one()
        if self.collection == "outside" or self.state not in ("draft", *RUNNING):
            raise UserError(self.env._("No saved method is needed here."))
        # Sudo: invitations are made by this method only.
        waiting = self.sudo().invitation_ids.filtered(
            lambda invitation: invitation.state == "waiting"
        )
        invitation = waiting[:1] or self.env["subscription.invitation"].sudo().create(
            {"subscription_id": self.id}
        )
        return invitation.with_env(self.env)

    # === MISSING DATA === #

    def _get_missing_data(self):
        """Name what the customer's record lacks (L7).

        He must be reached, by mail or by post; what is shipped needs an address.

        :rtype: list[str]
        """
        self.ensure_one()
        partner = self.partner_id
        address = [
            label
            for name, label in (
                ("street", self.env._("street")),
                ("zip", self.env._("postcode")),
                ("city", self.env._("city")),
                ("country_id", self.env._("country")),
            )
            if not partner[name]
        ]
        if self.is_shipped:
            return address
        if not partner.email and address:
            return [self.env._("e-mail address")]
        return []

    def _check_can_start(self):
        """Override to name missing data, with the way to fill it in (L7)."""
        self.ensure_one()
        if missing := self._get_missing_data():
            raise RedirectWarning(
                self.env._(
                    "%(partner)s: please fill in %(missing)s.",
                    partner=self.partner_id.display_name,
                    missing=", ".join(missing),
                ),
                {
                    "type": "ir.actions.act_window",
                    "res_model": "res.partner",
                    "res_id": self.partner_id.id,
                    "views": [(False, "form")],
                },
                self.env._("Open the Customer"),
            )
        return super()._check_can_start()
