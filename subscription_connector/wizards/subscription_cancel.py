from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionCancel(models.TransientModel):
    _name = "subscription.cancel"
    _description = "Cancel a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True)
    mode = fields.Selection(
        [
            ("now", "Now"),
            ("period", "At the end of the billed period"),
            ("date", "On a date"),
        ],
        default="period",
        required=True,
    )
    date = fields.Date(compute="_compute_date", store=True, readonly=False)
    reason_id = fields.Many2one("subscription.close.reason", required=True)
    note = fields.Char()
    effect = fields.Char(compute="_compute_effect")

    @api.depends("mode", "subscription_id")
    def _compute_date(self):
        for wizard in self:
            today = fields.Date.context_today(wizard)
            if wizard.mode == "now":
                wizard.date = today
            elif wizard.mode == "period":
                days = wizard.subscription_id._get_cancel_dates(1)
                wizard.date = days[0] if days else today
            else:
                wizard.date = wizard.date or today

    @api.depends("mode", "date", "subscription_id")
    def _compute_effect(self):
        for wizard in self:
            wizard.effect = wizard._get_effect()

    def _get_effect(self):
        """Say beforehand what follows for the money."""
        paid_to = self.subscription_id.date_paid_to
        if (
            self.mode == "now"
            and paid_to
            and paid_to > (self.date or fields.Date.context_today(self))
        ):
            return self.env._(
                "What was billed until %(date)s is not credited. Charges that wait "
                "are stopped; open invoices stay open.",
                date=paid_to,
            )
        return self.env._("Nothing that begins on or after this day is billed.")

    def action_cancel(self):
        self.ensure_one()
        if not self.date:
            raise UserError(self.env._("Choose a day."))
        self.subscription_id.check_access("write")
        self.subscription_id._cancel(self.date, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
