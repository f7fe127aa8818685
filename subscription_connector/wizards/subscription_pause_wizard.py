from odoo import api, fields, models

from .. import const


class SubscriptionPauseWizard(models.TransientModel):
    """From when, until when, and what happens to what was billed already."""

    _name = "subscription.pause.wizard"
    _description = "Pause a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True)
    date_from = fields.Date(
        string="From",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_resume = fields.Date(
        string="Goes on", help="It resumes by itself on this day. Empty: by hand."
    )
    settlement = fields.Selection(
        const.SETTLEMENTS,
        string="Days already billed",
        compute="_compute_settlement",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    has_paid_days = fields.Boolean(compute="_compute_effect")
    effect = fields.Char(compute="_compute_effect")

    @api.depends("subscription_id")
    def _compute_date_from(self):
        for wizard in self:
            wizard.date_from = wizard.subscription_id._get_today()

    @api.depends("subscription_id")
    def _compute_settlement(self):
        for wizard in self:
            wizard.settlement = wizard.subscription_id.pause_settlement or "none"

    @api.depends("subscription_id", "date_from", "date_resume", "settlement")
    def _compute_effect(self):
        for wizard in self:
            subscription = wizard.subscription_id
            wizard.has_paid_days = bool(
                wizard.date_from
                and subscription.date_paid_to
                and subscription._get_paid_to() > wizard.date_from
            )
            wizard.effect = subscription._get_pause_effect(
                wizard.date_from, wizard.date_resume, wizard.settlement
            )

    def action_pause(self):
        self.ensure_one()
        self.subscription_id.check_access("write")
        self.subscription_id._plan_pause(
            self.date_from, self.date_resume, self.settlement
        )
        return {"type": "ir.actions.act_window_close"}
