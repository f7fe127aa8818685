from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class SubscriptionCancel(models.TransientModel):
    """When and why it ends, and what that means in money."""

    _name = "subscription.cancel"
    _description = "Cancel a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True)
    mode = fields.Selection(
        [
            ("now", "Now"),
            ("period", "As soon as the contract allows"),
            ("date", "On a later date"),
        ],
        string="When",
        default="period",
        required=True,
    )
    date = fields.Date(compute="_compute_date", store=True, readonly=False)
    date_earliest = fields.Date(compute="_compute_date_earliest")
    is_credit = fields.Boolean(
        string="Credit what was billed beyond that day",
        compute="_compute_is_credit",
        store=True,
        readonly=False,
    )
    has_rest = fields.Boolean(compute="_compute_effect")
    reason_id = fields.Many2one("subscription.close.reason", required=True)
    note = fields.Char()
    effect = fields.Text(compute="_compute_effect")

    @api.depends("mode", "subscription_id")
    def _compute_date(self):
        for wizard in self:
            if wizard.mode == "now":
                wizard.date = wizard.subscription_id._get_today()
            elif wizard.mode == "period" or not wizard.date:
                wizard.date = wizard._get_first_day()

    @api.depends("subscription_id")
    def _compute_date_earliest(self):
        today = self.subscription_id._get_today()
        for wizard in self:
            wizard.date_earliest = wizard.subscription_id._get_earliest_end(today)

    @api.depends("subscription_id")
    def _compute_is_credit(self):
        for wizard in self:
            wizard.is_credit = wizard.subscription_id._is_rest_credited()

    @api.depends("date", "is_credit", "subscription_id")
    def _compute_effect(self):
        for wizard in self:
            subscription = wizard.subscription_id
            day = wizard.date or wizard.subscription_id._get_today()
            wizard.has_rest = bool(
                subscription.date_paid_to
                and subscription.collection != "outside"
                and subscription._get_paid_to() > day
            )
            wizard.effect = "\n".join(
                subscription._get_cancel_effects(day, wizard.is_credit)
            )

    def _get_first_day(self):
        days = self.subscription_id._get_cancel_dates(1)
        return days[0] if days else self.subscription_id._get_today()

    def action_cancel(self):
        """End it, or set the day on which it ends.

        :raises UserError: for a day that the contract does not allow
        """
        self.ensure_one()
        if not self.date:
            raise UserError(self.env._("Choose a day."))
        self.subscription_id.check_access("write")
        if self.mode == "date" and self.date < self.date_earliest:
            raise UserError(
                self.env._(
                    "The contract lets it end on %(day)s at the earliest. Choose "
                    "“Now” to end it at once all the same.",
                    day=format_date(self.env, self.date_earliest),
                )
            )
        self.subscription_id._cancel(
            self.date, self.reason_id, self.note, self.is_credit
        )
        return {"type": "ir.actions.act_window_close"}
