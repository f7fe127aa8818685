from odoo import api, fields, models

from .. import const

#: Terms that may change while a subscription runs, without another calendar.
CHANGEABLE = (
    "charge_time",
    "debit_notice_days",
    "is_shipped",
    "notice_count",
    "notice_unit",
    "cancel_mode",
    "pause_settlement",
)


class SubscriptionTermsWizard(models.TransientModel):
    """Other terms for one customer: agreed with him, and kept in the history."""

    _name = "subscription.terms.wizard"
    _description = "Change the Terms of a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True)
    charge_time = fields.Selection(
        selection=lambda self: self._get_selection("charge_time"),
        string="Charged",
        required=True,
    )
    debit_notice_days = fields.Integer(
        string="Direct Debit Notice",
    )
    is_shipped = fields.Boolean(
        string="Delivered Each Period",
    )
    notice_count = fields.Integer(
        string="Notice Period",
        compute="_compute_terms",
        store=True,
        readonly=False,
        precompute=True,
    )
    notice_unit = fields.Selection(
        selection=lambda self: self._get_selection("notice_unit"),
        string="Unit of the Notice Period",
        required=True,
    )
    cancel_mode = fields.Selection(
        const.CANCEL_MODES,
        string="It Ends",
        required=True,
    )
    pause_settlement = fields.Selection(
        const.SETTLEMENTS,
        string="Billed Days of a Pause",
        required=True,
    )

    @api.model
    def default_get(self, fields):
        """Override to begin with what was agreed."""
        values = super().default_get(fields)
        subscription = self.env["subscription.subscription"].browse(
            values.get("subscription_id")
        )
        if not subscription:
            return values
        agreed = {name: subscription[name] for name in CHANGEABLE if name in fields}
        return agreed | values

    def _get_selection(self, name):
        field = self.env["subscription.subscription"]._fields[name]
        return field._description_selection(self.env)

    def action_change(self):
        self.ensure_one()
        self.subscription_id.check_access("write")
        self.subscription_id._change_terms({name: self[name] for name in CHANGEABLE})
        return {"type": "ir.actions.act_window_close"}
