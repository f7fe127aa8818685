from odoo import models

from ..engine import channels

#: states of core's own field while Peppol has the invoice, and once it is given up
UNDER_WAY = "processing"
LOST = "error"


class AccountMove(models.Model):
    """Invoices that Peppol took and did not deliver: met by the name of core's field.

    Core asks the network about what is under way and writes the answer. That our own
    access is refused altogether is written for all invoices at once: one repair helps
    all of them, so they keep their channel.
    """

    _inherit = "account.move"

    def write(self, vals):
        """Override: a transmission that failed on its way is followed by another."""
        state = vals.get("peppol_move_state")
        if state not in (UNDER_WAY, LOST):
            return super().write(vals)
        lost = self.browse()
        if state == LOST and len(self) == 1 and self.peppol_move_state == UNDER_WAY:
            lost = self
        result = super().write(vals)
        # Whoever asks the network has no rights on what became of an invoice.
        failures_sudo = self.env["invoice.delivery.failure"].sudo()
        if state == UNDER_WAY:
            failures_sudo.search([("move_id", "in", self.ids)])._settle()
        elif lost:
            notes = self.env["dunning.message"]._get_channel_notes()
            code = channels.PEPPOL_FAILED
            failures_sudo._note(lost.sudo(), channels.PEPPOL, code, notes[code])
        return result

    def _message_log(self, *, body="", **kwargs):
        """Override of `mail`: core tells the network's reason right after the state."""
        result = super()._message_log(body=body, **kwargs)
        if body and len(self) == 1 and self._fields.get("peppol_move_state"):
            if self.peppol_move_state == LOST:
                self.env["invoice.delivery.failure"].sudo()._explain_peppol(self, body)
        return result
