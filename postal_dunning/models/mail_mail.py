from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Override of `mail` to tell messages to debtors that their mail failed."""
        # Whoever sends mails has no rights on collections.
        messages = self.env["dunning.message"].sudo()
        if failure_type:
            ours = self.filtered(lambda mail: mail.model == messages._name)
            messages = messages.search(
                [("mail_message_id", "in", ours.mail_message_id.ids)]
            )
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        messages._on_mail_failed(failure_type, failure_reason)
        return result
