from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_period_ids = fields.One2many(
        "subscription.period",
        "move_id",
        string="Subscription Periods",
        groups="account.group_account_invoice,subscription_connector.group_subscription_user",
    )
    subscription_charge_ids = fields.One2many(
        "subscription.charge",
        "move_id",
        string="Subscription Charges",
        groups="subscription_connector.group_subscription_user",
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")

    @api.depends("subscription_period_ids")
    def _compute_subscription_count(self):
        for move in self:
            # Sudo: a number for the button; opening it asks for the right.
            periods_sudo = move.sudo().subscription_period_ids
            move.subscription_count = len(periods_sudo.subscription_id)

    def _post(self, soft=True):
        """Override of `account` to let the billed periods follow their invoice."""
        posted = super()._post(soft)
        # Sudo: whoever may post the invoice need not manage subscriptions.
        if periods_sudo := posted.sudo().subscription_period_ids:
            periods_sudo._set_posted()
        return posted

    def button_draft(self):
        """Override of `account`: money may be on its way for a charged invoice."""
        if self.sudo().subscription_charge_ids.filtered(
            lambda charge: charge.state in ("running", "pending", "unknown")
        ):
            raise UserError(
                self.env._(
                    "A charge of this invoice is under way. Wait for its result, then "
                    "make a credit note."
                )
            )
        return super().button_draft()

    def unlink(self):
        """Override of `account`: a deleted draft gives its periods free again."""
        # Sudo: as above; only claims of drafts are given back.
        periods_sudo = self.sudo().subscription_period_ids.filtered(
            lambda period: period.state == "drafted"
        )
        ordered_sudo = periods_sudo.filtered("sale_order_id")
        ordered_sudo.write({"move_id": False, "state": "claimed"})
        (periods_sudo - ordered_sudo).unlink()
        return super().unlink()

    def action_view_subscriptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        subscriptions = self.subscription_period_ids.subscription_id
        return action | {"domain": [("id", "in", subscriptions.ids)], "context": {}}
