from odoo import models

from ..const import UNDELIVERABLE
from ..engine import channels


class SnailmailLetter(models.Model):
    """An invoice that post does not bring goes by the next channel."""

    _inherit = "snailmail.letter"

    def _notify(self, status, failure_type=False, words=False):
        """Override: the same moments at which core is told."""
        result = super()._notify(status, failure_type, words)
        for letter in self.sudo():
            if letter.state == UNDELIVERABLE:
                letter._note_undelivered_invoice(channels.POST_RETURNED)
            elif letter.state == "error" and letter.refusal:
                letter._note_undelivered_invoice(letter.refusal)
        return result

    def _snailmail_print_invalid_address(self):
        """Override of `snailmail`: letters of Odoo's service need an address too."""
        result = super()._snailmail_print_invalid_address()
        for letter in self.sudo():
            letter._note_undelivered_invoice(channels.NO_ADDRESS)
        return result

    def _note_undelivered_invoice(self, code):
        self.ensure_one()
        move = self.env["account.move"].browse(
            self.res_id if self.model == "account.move" else ()
        )
        if move.exists() and move.is_sale_document():
            self.env["invoice.delivery.failure"]._note(
                move, channels.POST, code, self._get_problem(), letter_id=self.id
            )
