from odoo import fields, models

from ..exceptions import BookingError


class MatchingReceipt(models.Model):
    """One receipt, one ledger: a euro stands in Odoo or at Moneybird."""

    _inherit = "matching.receipt"

    def _book_locked(self, decisions, is_automatic):
        """Override of `_book_locked` to keep every receipt in one ledger."""
        for receipt, proposal in decisions:
            receipt.sudo()._settle_ledger(proposal.sudo().line_ids)
        return super()._book_locked(decisions, is_automatic)

    def _settle_ledger(self, lines):
        """Refuse a second ledger; leave Odoo's books where all of it goes elsewhere.

        :param lines: lines of the proposal that is about to be booked
        :raises BookingError: a part of the receipt has its place in the other ledger
        """
        self.ensure_one()
        is_remote = bool(lines.open_item_id)
        elsewhere = self.booking_ids.filtered(
            lambda row: row.is_live and (row.kind == "moneybird") != is_remote
        )
        if elsewhere:
            code = "booked_in_odoo" if is_remote else "booked_at_moneybird"
            amount = self.currency_id.format(sum(elsewhere.mapped("amount")))
            raise BookingError(code, amount=amount)
        if is_remote and self.statement_line_id:
            self._leave_odoo()

    def _leave_odoo(self):
        """Take money that goes to Moneybird off the clearing journal, with an entry.

        After a match in Odoo was undone it stands there on the suspense account. The
        old entries stay; a later match in Odoo begins with a new one.

        :raises BookingError: a payout has counted it already
        """
        payout = self.payout_line_ids.payout_id.filtered(
            lambda row: row.state in ("booked", "done")
        )
        if payout:
            raise BookingError("booked_in_payout", payout=payout[:1].name)
        today = fields.Date.context_today(self)
        if self.company_id._get_violated_lock_dates(today, False, self.journal_id):
            raise BookingError("period_closed", date=str(today))
        entry = self.statement_line_id.move_id
        journal = self.journal_id
        vals_list = [
            self._prepare_entry_line(journal.suspense_account_id, self.amount, False),
            self._prepare_entry_line(journal.default_account_id, -self.amount, False),
        ]
        ref = self.env._("%(entry)s is booked at Moneybird instead", entry=entry.name)
        self._create_entry(vals_list, ref)
        self.write({"statement_line_id": False, "journal_id": False})
