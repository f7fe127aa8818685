from odoo import models


class SubscriptionCharge(models.Model):
    """What is collected before the invoice exists: its draft, less open credit."""

    _inherit = "subscription.charge"

    def _get_amount(self):
        """Return what is to be collected now.

        Open credit notes of the subscription pay a posted invoice when it is posted.
        A draft that waits for its money is posted by it, so they are taken off before.
        """
        self.ensure_one()
        move = self.move_id
        if move.state != "draft":
            return move.amount_residual
        credits = move.sudo().subscription_period_ids._get_open_credits().move_id
        credit = sum(
            credits.filtered(lambda note: note.currency_id == move.currency_id).mapped(
                "amount_residual"
            )
        )
        return max(move.currency_id.round(move.amount_total - credit), 0.0)

    def _post_without_charge(self):
        """Post a draft that open credit pays in full."""
        self.ensure_one()
        if self.move_id.state == "draft":
            self.move_id.invoice_date = self.company_id._get_billing_day()
            self.move_id.action_post()

    def _get_first_period(self):
        """Return the period that the invoice was made for, before any correction."""
        self.ensure_one()
        # Sudo: its dates name the charge to everybody who sees it.
        periods = self.move_id.sudo().subscription_period_ids
        return (periods.filtered(lambda row: row.kind == "regular") or periods)[:1]
