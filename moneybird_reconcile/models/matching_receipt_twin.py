from odoo import models

from .matching_receipt_match import MONEYBIRD, ODOO


class MatchingReceipt(models.Model):
    """Invoices that stand in both ledgers are open items of the leading one only."""

    _inherit = "matching.receipt"

    def _get_open_items(self, company, ledgers):
        """Override of `_get_open_items`: one invoice is one item."""
        items = super()._get_open_items(company, ledgers)
        if not {ODOO, MONEYBIRD} <= set(ledgers):
            return items
        led_by_odoo, led_by_moneybird = self._get_twins(company)
        return [
            item
            for item in items
            if not (item.key[0] == MONEYBIRD and led_by_odoo & set(item.numbers))
            and not (item.key[0] == ODOO and led_by_moneybird & set(item.numbers))
        ]

    def _get_twins(self, company):
        """Numbers of invoices in both ledgers, by the ledger that leads.

        :return: (led by Odoo, led by Moneybird)
        """
        remote = self.env["matching.open.item"].search(
            [("company_id", "=", company.id), ("number", "!=", False)]
        )
        # The same answer for whoever looks at receipts.
        moves_sudo = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "posted"),
                    ("name", "in", remote.mapped("number")),
                ]
            )
        )
        twins = set(moves_sudo.mapped("name"))
        led_by_moneybird = {
            item.number
            for item in remote
            if item.number in twins
            and item.connection_id.moneybird_leads == "moneybird"
        }
        return twins - led_by_moneybird, led_by_moneybird

    # --- Where a receipt is in the books --------------------------------------------

    def _has_place(self):
        """Tell whether the money has its place in the books, of Odoo or Moneybird."""
        self.ensure_one()
        return bool(
            self.statement_line_id
            or self.booking_ids.filtered(lambda booking: booking.state == "done")
        )
