from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_line_id = fields.Many2one(
        "subscription.line", readonly=True, index="btree_not_null", copy=False
    )
    subscription_period_id = fields.Many2one(
        "subscription.period",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
