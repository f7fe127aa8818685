import logging
import re
from contextlib import contextmanager

from odoo import api, models

_logger = logging.getLogger(__name__)

#: core writes record and model into the id of a mail: this one is about a debtor
OURS = re.compile(r"-openerp-(\d+)-dunning\.message@")


@contextmanager
def listen(session):
    """Hear what a mail server answers to the mails it is given.

    The standard library drops the answer to a mail that was taken; it holds the
    server's own number of the mail, which proves that it was handed over.

    :return: list of ``(code, words)`` that grows while mails are given
    """
    answers = []
    give = getattr(session, "data", None)
    if not callable(give):
        yield answers
        return

    def give_and_hear(content):
        answer = give(content)
        answers.append(answer)
        return answer

    session.data = give_and_hear
    try:
        yield answers
    finally:
        session.data = give


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, smtp_session=None, **kwargs):
        """Override of `base` to keep how a mail to a debtor was taken over."""
        found = OURS.search(message["Message-Id"] or "")
        if not found or self._disable_send():
            return super().send_email(
                message, *args, smtp_session=smtp_session, **kwargs
            )
        with listen(smtp_session) as answers:
            message_id = super().send_email(
                message, *args, smtp_session=smtp_session, **kwargs
            )
        self._keep_acceptance(int(found[1]), message, smtp_session, answers)
        return message_id

    @api.model
    def _keep_acceptance(self, record_id, mail, session, answers):
        """Note it with the message; the mail has left, so nothing may fail here."""
        # Whoever sends mails has no rights on collections.
        record_sudo = self.env["dunning.message"].sudo().browse(record_id).exists()
        if record_sudo.mail_message_id.message_id != mail["Message-Id"]:
            return
        try:
            with self.env.cr.savepoint():
                record_sudo._keep_acceptance(
                    mail,
                    self._get_answer_words(session, answers),
                    self._get_recipients(mail),
                )
        except Exception:
            _logger.exception("proof of message %s could not be kept", record_id)

    @api.model
    def _get_answer_words(self, session, answers):
        host = getattr(session, "_host", "") or ""
        code, words = answers[-1] if answers else ("", b"")
        text = words.decode(errors="replace") if isinstance(words, bytes) else words
        return f"{host} {code} {text}".strip()

    @api.model
    def _get_recipients(self, mail):
        addresses = (mail["To"] or "").split(",")
        return [one.strip() for one in addresses if one.strip()]
