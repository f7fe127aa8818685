from datetime import timedelta

from odoo import models


class MatchingBooking(models.Model):
    """What is written off of an invoice at Moneybird: a payment of its own there.

    The API knows no write-off of a part; it takes a payment "against a ledger account"
    (``balance_settlement``). So the row has no part of the receipt's money
    (``amount`` is 0) and follows the payment of the same receipt: alone it never goes.
    """

    _inherit = "matching.booking"

    def _get_amount_there(self):
        """What Moneybird books for this row."""
        self.ensure_one()
        return self.amount_written_off or self.amount

    def _get_write_offs(self):
        """The live write-offs that follow these payments."""
        payments = self.filtered(lambda row: row.open_item_id and row.amount)
        return payments.receipt_id.booking_ids.filtered(
            lambda row: (
                row.is_live
                and row.amount_written_off
                and row.open_item_id in payments.open_item_id
            )
        )

    def _get_payment(self):
        """The live payment that this write-off follows."""
        self.ensure_one()
        return self.receipt_id.booking_ids.filtered(
            lambda row: (
                row.is_live and row.amount and row.open_item_id == self.open_item_id
            )
        )

    def _begin_forward(self):
        """Override of `_begin_forward` to let a write-off follow its payment."""
        is_first = self.state == "todo" and not self.attempts
        if self.amount_written_off and is_first:
            payment = self._get_payment()
            if not payment:
                self._refuse("write_off_alone")
                return False
            if payment.state != "done":
                self._wait(timedelta(minutes=1), "write_off_waits")
                return False
        return super()._begin_forward()

    def _refuse(self, code, **values):
        """Override of `_refuse`: without its payment nothing is written off."""
        for write_off in self._get_write_offs():
            if write_off.state == "todo":
                write_off.write(
                    {
                        "state": "failed",
                        "reason_code": code,
                        "reason_values": values,
                        "date_next_try": False,
                    }
                )
        return super()._refuse(code, **values)

    def _undo(self):
        """Override of `_undo`: with a payment goes what was written off beside it."""
        return super(MatchingBooking, self | self._get_write_offs())._undo()
