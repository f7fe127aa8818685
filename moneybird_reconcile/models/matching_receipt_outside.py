from odoo import models

from ..exceptions import BookingError


class MatchingReceipt(models.Model):
    """Bank lines that somebody reconciles outside our screens are not booked again."""

    _inherit = "matching.receipt"

    def _is_booked_elsewhere(self):
        """Tell whether the bank line was reconciled otherwise than by a match."""
        self.ensure_one()
        return (
            self.statement_line_id.is_reconciled
            and not self.booking_ids.filtered("is_live")
            and not self.booking_ids.correction_move_id
        )

    def _match_company(self, company):
        """Override of `_match_company` to leave alone what has its place already."""
        elsewhere = self.filtered(
            lambda receipt: (
                receipt.state != "matched" and receipt._is_booked_elsewhere()
            )
        )
        for receipt in elsewhere:
            receipt.proposal_ids.unlink()
            entry = receipt.statement_line_id.move_id.name
            receipt._update_state("matched", "booked_elsewhere", {"entry": entry})
        return super(MatchingReceipt, self - elsewhere)._match_company(company)

    def _check_bookable(self):
        """Override of `_check_bookable` to refuse what has its place already."""
        if self._is_booked_elsewhere():
            entry = self.statement_line_id.move_id.name
            raise BookingError("booked_elsewhere", entry=entry)
        return super()._check_bookable()
