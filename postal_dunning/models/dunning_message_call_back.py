from odoo import api, models

from ..const import SUBMITTED


class DunningMessage(models.Model):
    """Letters at the printer whose items were paid meanwhile are called back."""

    _inherit = "dunning.message"

    def _wake_call_back(self):
        """Something was noted about these messages: see at once what has to be stopped.

        Without this the books are asked each hour; a printer is faster.
        """
        if self.filtered(lambda one: one.letter_id.state == SUBMITTED):
            self.env.ref("postal_dunning.ir_cron_call_back").sudo()._trigger()

    @api.model
    def _cron_call_back(self):
        """Ask the books again about each letter that is not printed yet.

        What the printer does with it is found out by the job of the letters: a letter
        that is printed already goes on.
        """
        cron = self.env["ir.cron"]
        messages = self.search(
            [("state", "=", "waiting"), ("letter_id.state", "=", SUBMITTED)]
        )
        cron._commit_progress(remaining=len(messages))
        for message in messages:
            message._call_back_undue()
            if not cron._commit_progress(1):
                return

    def _call_back_undue(self):
        """Call the letter back when it may not leave any more."""
        self.ensure_one()
        words, is_final = self._get_hand_over_refusal()
        if is_final:
            self.letter_id.cancel()
            self.case_id.message_post(
                body=self.env._(
                    "%(name)s is called back: %(reason)s", name=self.name, reason=words
                )
            )
        return is_final
