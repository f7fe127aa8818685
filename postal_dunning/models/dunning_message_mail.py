from odoo import fields, models

from ..const import ADDRESS_FAILURES
from ..engine import channels


class DunningMessage(models.Model):
    """What became of a mail, and what proves it.

    Kept are the message id, the very mail as it went over the line (text, PDF and
    headers), and the answer by which the mail server took it over.
    """

    _inherit = "dunning.message"

    sent_to = fields.Char(readonly=True, copy=False)
    date_accepted = fields.Datetime(
        "Accepted On",
        readonly=True,
        copy=False,
        help="When the mail server took the message over.",
    )
    answer = fields.Char("Answer of the Mail Server", readonly=True, copy=False)
    mail_file_id = fields.Many2one(
        "ir.attachment",
        string="E-Mail as Sent",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    def _keep_acceptance(self, mail, answer, recipients):
        """A mail server took the mail over: keep its answer and the mail itself.

        :param mail: ``email.message.Message``, as it went over the line
        :param answer: the server and its words
        :param recipients: addresses of the envelope
        """
        self.ensure_one()
        if self.date_accepted:
            return
        now = fields.Datetime.now()
        file = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.eml",
                "raw": mail.as_bytes(),
                "mimetype": "message/rfc822",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        values = {
            "sent_to": ", ".join(recipients),
            "date_accepted": now,
            "answer": answer,
            "mail_file_id": file.id,
        }
        self.write(values)
        # A mail that was tried again and left at last.
        self._update_state("sent", problem=False, date_sent=now)

    def _on_mail_failed(self, failure_type, reason):
        """A mail did not leave, or came back.

        What lies with the addressee is said by the next channel; a mail server of
        ours that does not work is a person's task: it must not turn every mail into
        a letter.
        """
        for message in self.filtered(lambda one: one.channel == channels.EMAIL):
            words = message._get_mail_words(failure_type, reason)
            if failure_type in ADDRESS_FAILURES:
                message._fail_by_channel(words)
            else:
                message._update_state("failed", problem=words)
            message.case_id._refresh()

    def _get_mail_words(self, failure_type, reason):
        words = {
            "mail_bounce": self.env._("The mail came back."),
            "mail_email_invalid": self.env._("The mail address is not valid."),
            "mail_email_missing": self.env._("There is no mail address."),
        }
        return words.get(failure_type) or self.env._(
            "The mail server did not take the mail: %(reason)s",
            reason=(reason or failure_type or "").strip().split("\n")[0],
        )

    def _message_receive_bounce(self, email, partner):
        """Override of `mail`: a mail of ours came back."""
        result = super()._message_receive_bounce(email, partner)
        self._on_mail_failed("mail_bounce", "")
        return result

    def _cancel_mail(self):
        """A mail that waits or failed does not leave any more."""
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("mail_message_id", "in", self.mail_message_id.ids),
                    ("state", "in", ("outgoing", "exception")),
                ]
            )
        )
        mails.cancel()

    def action_open_mail(self):
        """Download the mail as it was sent."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.mail_file_id.id}?download=1",
            "target": "new",
        }
