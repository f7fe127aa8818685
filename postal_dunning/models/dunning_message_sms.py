from odoo import models


class DunningMessage(models.Model):
    """A reminder as a text message, through Odoo's own gateway."""

    _inherit = "dunning.message"

    def _get_sms_text(self):
        """What is said: who asks, how much, where to pay; short, it costs by length."""
        self.ensure_one()
        message = self.with_context(lang=self.lang)
        return message.env._(
            "%(company)s: %(amount)s to be paid. Details: %(url)s",
            company=message.company_id.name,
            amount=message.currency_id.format(message.amount),
            url=message.env["letter.link"]._get_url(message),
        )

    def _send_sms(self):
        """Queue the text; the gateway's job takes it on."""
        self.ensure_one()
        posted = self.with_company(self.company_id)._message_sms(
            self._get_sms_text(), partner_ids=self.partner_id.ids, put_in_queue=True
        )
        self._update_state("waiting", mail_message_id=posted.id)

    def _on_sms_changed(self, status, reason):
        """Take over the fate of the text message.

        :param status: of core's `mail.notification`
        :param reason: core's code of the failure; empty when a person stopped it
        """
        for message in self:
            if status in ("pending", "sent"):
                message._update_state("sent", date_sent=self.env.cr.now(), proof="SMS")
            elif status in ("exception", "bounce", "canceled") and reason:
                message._fail_by_channel(message._get_sms_words(reason))
            elif status == "canceled":
                message._update_state("failed", problem=message._get_sms_words(""))
            else:
                continue
            message.case_id._refresh()

    def _get_sms_words(self, reason):
        """What core calls this failure, in the language of the environment."""
        failures = self.env["mail.notification"]._fields["failure_type"]
        labels = dict(failures._description_selection(self.env))
        if not reason:
            return self.env._("The text message was stopped.")
        return self.env._(
            "The text message failed: %(reason)s",
            reason=labels.get(reason, reason),
        )

    def _cancel_sms(self):
        """A text that waits or failed does not leave any more."""
        texts = (
            self.env["sms.sms"]
            .sudo()
            .search(
                [
                    ("mail_message_id", "in", self.mail_message_id.ids),
                    ("state", "in", ("outgoing", "error")),
                ]
            )
        )
        texts.state = "canceled"
