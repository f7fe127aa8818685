from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionChange(models.Model):
    """A change of plan, products or quantities that was agreed for a day.

    The lines are what the subscription has from ``date`` on. It is applied by the
    billing before that day's periods are claimed, and stays as the record of it.
    """

    _name = "subscription.change"
    _description = "Change of a Subscription"
    _order = "date desc, id desc"
    _rec_name = "plan_id"

    subscription_id = fields.Many2one(
        "subscription.subscription",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    plan_id = fields.Many2one(
        "subscription.plan", required=True, readonly=True, ondelete="restrict"
    )
    version_id = fields.Many2one(
        "subscription.plan.version",
        string="Version",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The version of the plan that was announced by a campaign.",
    )
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("dropped", "Dropped")],
        default="planned",
        required=True,
        readonly=True,
        index=True,
    )
    line_ids = fields.One2many("subscription.change.line", "change_id", readonly=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice of the Difference",
        readonly=True,
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, readonly=True
    )

    _one_planned = models.UniqueIndex(
        "(subscription_id) WHERE state = 'planned'",
        "A change is planned for this subscription already.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A change is dropped, not deleted."))
