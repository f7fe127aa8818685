import logging

from psycopg2.errors import SerializationFailure

from odoo import fields, models

_logger = logging.getLogger(__name__)


class SubscriptionCharge(models.Model):
    """What cannot even be sent keeps one charge back, not those behind it."""

    _inherit = "subscription.charge"

    def _prepare_alone(self):
        """Make the payment transaction; on an error nothing is sent today.

        :return: whether there is a transaction to send
        """
        try:
            return self._lock_invoice() and self._prepare_call()
        except SerializationFailure:
            # Somebody changed it meanwhile: it is charged by the next run.
            self.env.cr.rollback()
            self.env.invalidate_all()
        except Exception as error:
            _logger.exception("Charge %s could not be sent", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._keep_back(str(error) or type(error).__name__)
        return False

    def _keep_back(self, message):
        """Say why nothing was sent, ask a person once, and try again tomorrow."""
        self.ensure_one()
        today = self.company_id._get_billing_day()
        is_news = self.last_error != message
        self.write(
            {"date_next_try": fields.Date.add(today, days=1), "last_error": message}
        )
        if is_news:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Nothing was charged: %(error)s", error=message),
                user_id=(self.subscription_id.user_id or self.env.user).id,
            )
        self._fail_run(message)
