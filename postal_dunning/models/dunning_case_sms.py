from odoo import models


class DunningCase(models.Model):
    _inherit = "dunning.case"

    def _send_sms(self, message):
        """Text the reminder to the debtor's telephone."""
        message._send_sms()
        self._note_message(message)
