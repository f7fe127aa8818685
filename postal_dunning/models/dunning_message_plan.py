from odoo import fields, models
from odoo.tools import format_date


class DunningMessage(models.Model):
    """The reminder of an instalment: about a plan, not about a step."""

    _inherit = "dunning.message"

    plan_line_id = fields.Many2one(
        "dunning.plan.line", ondelete="restrict", index="btree_not_null", readonly=True
    )

    def _get_subject(self):
        """Override to name the instalment."""
        if not self.plan_line_id:
            return super()._get_subject()
        return self.env._(
            "Your payment plan: %(amount)s on %(date)s",
            amount=self.currency_id.format(self.amount),
            date=format_date(self.env, self.plan_line_id.date),
        )

    def _get_payment_reference(self):
        """Override: an instalment is paid under the invoices of its plan."""
        if not self.plan_line_id:
            return super()._get_payment_reference()
        moves = self.plan_line_id.plan_id.move_line_ids.move_id
        if len(moves) == 1:
            return moves.payment_reference or moves.name
        return " ".join(moves.mapped("name"))

    def _get_hand_over_refusal(self):
        """Override: an instalment has its own reasons not to be reminded of."""
        if not self.plan_line_id:
            return super()._get_hand_over_refusal()
        return self.plan_line_id._get_refusal()
