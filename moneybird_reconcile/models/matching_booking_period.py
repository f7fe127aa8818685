from odoo import models


class MatchingBooking(models.Model):
    """Moneybird's closed period is known beforehand; nothing is sent into it."""

    _inherit = "matching.booking"

    def _begin_forward(self):
        """Override of `_begin_forward` to keep out of a closed period.

        Only before the first try: what was sent already is looked up, whatever the
        period is by now.
        """
        connection = self.open_item_id.connection_id
        closed = connection.moneybird_locked_until
        is_first = self.state == "todo" and not self.attempts
        if is_first and closed and self.receipt_id.date <= closed:
            self._refuse("period_locked", date=str(self.receipt_id.date))
            return False
        return super()._begin_forward()
