from odoo import api, fields, models

from .. import const


class SubscriptionPause(models.Model):
    """A pause that is planned, lasts, or is over.

    ``date_to`` is empty until the pause is over; ``date_resume`` is the day on which it
    ends by itself.
    """

    _name = "subscription.pause"
    _description = "Pause of a Subscription"
    _order = "date_from desc, id desc"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    kind = fields.Selection(
        [("requested", "Requested"), ("payment", "Payment failed")], required=True
    )
    is_planned = fields.Boolean(string="Still to Begin", index="btree_not_null")
    date_from = fields.Date(required=True)
    date_resume = fields.Date(
        string="Resumes on", help="First day after the pause, as planned."
    )
    date_to = fields.Date(
        string="Ended on", help="First day after the pause; empty while it lasts."
    )
    settlement = fields.Selection(
        const.SETTLEMENTS, string="Billed Days", default="none", required=True
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A pause cannot end before it begins.",
    )
    _resume_ordered = models.Constraint(
        "CHECK (date_resume IS NULL OR date_resume > date_from)",
        "A pause lasts at least one day.",
    )

    @api.depends("date_from", "date_resume", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for pause in self:
            end = pause.date_to or pause.date_resume
            if pause.date_from and end:
                pause.display_name = self.env["subscription.period"]._format_span(
                    pause.date_from, end
                )
            else:
                pause.display_name = pause.env._("from %(day)s", day=pause.date_from)
