from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionEvent(models.Model):
    """What happened to a subscription, for ever.

    Rows are only added. Figures such as recurring revenue and churn are read
    from ``mrr_before`` and ``mrr_after``, both per month, without tax, in the
    subscription's currency.
    """

    _name = "subscription.event"
    _description = "Subscription Event"
    _order = "date desc, id desc"
    _rec_name = "kind"

    subscription_id = fields.Many2one(
        "subscription.subscription",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null")
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("planned", "Planned"),
            ("started", "Started"),
            ("imported", "Imported"),
            ("changed", "Changed"),
            ("change_set", "Change planned"),
            ("change_undone", "Planned change dropped"),
            ("paused", "Paused"),
            ("resumed", "Resumed"),
            ("pause_set", "Pause planned"),
            ("pause_undone", "Planned pause dropped"),
            ("cancel_asked", "Cancellation asked"),
            ("cancel_set", "Cancellation set"),
            ("cancel_undone", "Cancellation undone"),
            ("cancelled", "Cancelled"),
            ("expired", "Expired"),
            ("renewed", "Term over, goes on"),
            ("type_given", "Customer type given"),
            ("type_taken", "Customer type taken"),
            ("method", "Payment method chosen"),
            ("terms", "Terms changed"),
            ("charge_failed", "Charge failed"),
            ("charge_done", "Charge done"),
            ("refunded", "Paid back"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    mrr_before = fields.Monetary(string="Per Month Before", readonly=True)
    mrr_after = fields.Monetary(string="Per Month After", readonly=True)
    mrr_change = fields.Monetary(
        string="Change per Month",
        compute="_compute_mrr_change",
        store=True,
        precompute=True,
    )
    reason_id = fields.Many2one("subscription.close.reason", readonly=True)
    note = fields.Char(readonly=True)

    #: First and last day of each subscription, for the figures.
    _life_index = models.Index(
        "(subscription_id, kind, date) "
        "WHERE kind IN ('started', 'imported', 'cancelled', 'expired')"
    )
    #: The first end of each customer: who begins after it is back.
    _end_index = models.Index(
        "(company_id, partner_id, date) WHERE kind IN ('cancelled', 'expired')"
    )

    @api.depends("mrr_before", "mrr_after")
    def _compute_mrr_change(self):
        for event in self:
            event.mrr_change = event.mrr_after - event.mrr_before

    def write(self, vals):
        """Refuse every change except Odoo's own computation of a new row."""
        if set(vals) - {"mrr_change"}:
            raise UserError(self._get_append_only_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._get_append_only_message())

    def _get_append_only_message(self):
        return self.env._("The history of a subscription cannot be changed or deleted.")
