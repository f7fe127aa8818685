from odoo import fields, models


class SubscriptionPlan(models.Model):
    """What members change themselves, on their own page."""

    _inherit = "subscription.plan"

    is_self_pause = fields.Boolean(
        string="Members May Pause",
        help="Members choose from when until when, on their own page.",
    )
