from odoo import models
from odoo.tools import SQL

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

    def _get_left_out(self, company, ledger):
        """Override of `_get_left_out`: invoices that the other ledger leads."""
        if not {ODOO, MONEYBIRD} <= set(self[:1]._get_ledgers()):
            return super()._get_left_out(company, ledger)
        led_by_odoo, led_by_moneybird = self._get_twins(company)
        return list(led_by_moneybird if ledger == ODOO else led_by_odoo)

    def _get_twins(self, company):
        """Numbers of invoices in both ledgers, by the ledger that leads.

        Asked in SQL: both ledgers hold years of invoices, and few are twins.

        :return: (led by Odoo, led by Moneybird)
        """
        self.env["account.move"].flush_model(["name", "state", "company_id"])
        self.env["matching.open.item"].flush_model()
        self.env["service.connection"].flush_model(["moneybird_leads"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.number,
                       bool_or(connection.moneybird_leads = 'moneybird')
                  FROM matching_open_item item
                  JOIN service_connection connection
                    ON connection.id = item.connection_id
                  JOIN account_move move ON move.name = item.number
                 WHERE item.company_id = %(company)s
                   AND move.company_id = %(company)s
                   AND move.state = 'posted'
              GROUP BY item.number
                """,
                company=company.id,
            )
        )
        led_by_moneybird = {number for number, is_led_there in rows if is_led_there}
        return {number for number, _leads in rows} - led_by_moneybird, led_by_moneybird

    # --- Where a receipt is in the books --------------------------------------------

    def _has_place(self):
        """Tell whether the money has its place in the books, of Odoo or Moneybird."""
        self.ensure_one()
        return bool(
            self.statement_line_id
            or self.booking_ids.filtered(lambda booking: booking.state == "done")
        )
