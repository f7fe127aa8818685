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
        """
        for message in self:
            if status in ("pending", "sent"):
                message._update_state("sent", date_sent=self.env.cr.now(), proof="SMS")
            elif status in ("exception", "bounce", "canceled"):
                message._update_state("failed", problem=reason or status)
            else:
                continue
            message.case_id._refresh()
