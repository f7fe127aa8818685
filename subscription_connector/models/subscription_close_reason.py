from odoo import fields, models


class SubscriptionCloseReason(models.Model):
    _name = "subscription.close.reason"
    _description = "Reason to End a Subscription"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_portal = fields.Boolean(
        string="Offered to Members",
        default=True,
        help="Members can choose this reason when they cancel on the website.",
    )
    company_id = fields.Many2one(
        "res.company", help="Empty: the reason is used by every company."
    )
