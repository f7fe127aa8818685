from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import outside


class SubscriptionOutsideChange(models.TransientModel):
    """Change what an outside service bills: it is asked first, we follow."""

    _name = "subscription.outside.change"
    _description = "Change at the Outside Service"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    service = fields.Char(related="subscription_id.connection_id.name")
    amount_untaxed = fields.Monetary(
        string="Price per Period, without Tax",
        compute="_compute_values",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_next = fields.Date(
        string="Next Payment",
        compute="_compute_values",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("subscription_id")
    def _compute_values(self):
        for wizard in self:
            wizard.amount_untaxed = wizard.subscription_id.outside_amount_untaxed
            wizard.date_next = wizard.subscription_id.outside_date_next

    def action_change(self):
        """Note the change; it is passed on within a minute."""
        self.ensure_one()
        subscription = self.subscription_id
        subscription.check_access("write")
        today = subscription._get_today()
        if self.amount_untaxed <= 0 or not self.date_next or self.date_next <= today:
            raise UserError(
                self.env._("Give a price above zero and a day after today.")
            )
        if subscription.outside_push_state == "waiting" or subscription.date_cancel:
            raise UserError(self.env._("A change is being passed on already."))
        subscription._plan_outside_push(
            {
                "amount_untaxed": str(outside.price_of_one(self.amount_untaxed, 1)),
                "date_next": fields.Date.to_string(self.date_next),
            }
        )
        return {"type": "ir.actions.act_window_close"}
