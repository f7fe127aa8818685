from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _update_sms_notifications(
        self, notification_status, failure_type=False, failure_reason=False
    ):
        """Override of `sms` to tell the collection message what became of its text."""
        result = super()._update_sms_notifications(
            notification_status, failure_type, failure_reason
        )
        posts = self.mail_notification_id.mail_message_id.filtered(
            lambda post: post.model == "dunning.message"
        )
        messages = self.env["dunning.message"].sudo().browse(posts.mapped("res_id"))
        messages._on_sms_changed(notification_status, failure_type or failure_reason)
        return result
