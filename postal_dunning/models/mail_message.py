from odoo import models
from odoo.tools import email_normalize


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _is_lost(self, email, partner):
        """Whether none of those this was written to got it.

        :param email: address whose mail came back just now, not noted by core yet
        :param partner: the contact of it, possibly none
        """
        self.ensure_one()
        failed = self.notification_ids.filtered(
            lambda one: one.notification_status in ("bounce", "exception")
        ).res_partner_id
        bounced = self.partner_ids.filtered(
            lambda one: email and one.email_normalized == email_normalize(email)
        )
        lost = failed | bounced | (partner or self.env["res.partner"])
        return bool(self.partner_ids) and self.partner_ids <= lost
