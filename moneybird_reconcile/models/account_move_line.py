from odoo import models

#: what customers owe and suppliers get is never on its way to the bank
NEVER_IN_TRANSIT = ("asset_receivable", "liability_payable")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _follow_payouts(self):
        """Bring payouts whose transit line is among these in line with the books."""
        lines = self.filtered(lambda line: line.account_type not in NEVER_IN_TRANSIT)
        if lines:
            # Whoever matches a bank line has no rights on payouts.
            payouts_sudo = self.env["matching.payout"].sudo()
            payouts_sudo.search([("transit_line_id", "in", lines.ids)])._compute_state()
