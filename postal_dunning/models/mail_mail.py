from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Override of `mail` to tell reminders and invoices that their mail failed."""
        # Whoever sends mails has no rights on collections.
        messages = self.env["dunning.message"].sudo()
        moves = self.env["account.move"].sudo()
        if failure_type:
            # Asked before: a mail that failed may be gone afterwards.
            messages = self._get_carried(messages, "mail_message_id")
            moves = self._get_carried(moves, "delivery_mail_id")
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        messages._on_mail_failed(failure_type, failure_reason)
        for move in moves:
            move._note_mail_failure(failure_type, failure_reason)
        return result

    def _get_carried(self, records, name):
        """Records that these mails brought, found by their field of that name."""
        ours = self.filtered(lambda mail: mail.model == records._name)
        if not ours:
            return records
        return records.search([(name, "in", ours.mail_message_id.ids)])
