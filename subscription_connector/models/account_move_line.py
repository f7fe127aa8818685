from odoo import fields, models

from .account_move_alike import COPIES, OWN_LINE


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

    def _check_company(self, fnames=None):
        """Override of `base`: what a copy takes over was checked with its first."""
        if fnames is None and self.env.context.get("subscription_copies") is COPIES:
            fnames = OWN_LINE | {"partner_id"}
        return super()._check_company(fnames)
