from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payout is closed by the match of its transit line, and open again without it.

    Told here and not by a dependency on the line, which would have every journal entry
    of the company look for a payout.
    """

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account` to close the payouts whose line was matched."""
        partials = super().create(vals_list)
        partials._get_matched_lines()._follow_payouts()
        return partials

    def unlink(self):
        """Override of `account` to open the payouts again."""
        lines = self._get_matched_lines()
        result = super().unlink()
        lines.exists()._follow_payouts()
        return result

    def _get_matched_lines(self):
        return self.debit_move_id | self.credit_move_id
