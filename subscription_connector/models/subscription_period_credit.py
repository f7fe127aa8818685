from odoo import models


class SubscriptionPeriod(models.Model):
    """Credit notes of a subscription: set off against what is open, never charged."""

    _inherit = "subscription.period"

    def _get_recurring_invoice_lines(self):
        """Return the lines of the invoice that bill this period, fees left out."""
        self.ensure_one()
        return self.move_id.invoice_line_ids.filtered(
            lambda line: (
                line.subscription_period_id == self
                and not line.subscription_line_id.is_one_time
                and line.display_type == "product"
            )
        )

    def _set_posted(self):
        """Override to set credit off before anything is charged."""
        for subscription in self._get_open_credits().subscription_id:
            subscription._set_off_credit()
        res = super()._set_posted()
        self._credit_paid_after_end()
        return res

    def _credit_paid_after_end(self):
        """Give back what was paid by a payment under way when it was cancelled.

        Its invoice did not exist then, so the end could not credit it.
        """
        for subscription, periods in self.grouped("subscription_id").items():
            late = periods.filtered("is_charged_first")
            if not (
                late
                and subscription.state == "cancelled"
                and subscription.is_cancel_credit
            ):
                continue
            day = subscription._get_first_unused_day(subscription.date_cancel)
            if subscription._credit_days(day, only=late):
                subscription._schedule_todo(
                    self.env._(
                        "%(invoice)s was paid after the cancellation: pay back what "
                        "the credit note says.",
                        invoice=late.move_id[:1].name,
                    )
                )

    def _get_open_credits(self):
        """Return the rows of the same subscriptions whose credit notes are open."""
        return self.search(
            [
                ("subscription_id", "in", self.subscription_id.ids),
                ("kind", "in", ("credit", "proration")),
                ("move_id.move_type", "=", "out_refund"),
                ("move_id.state", "=", "posted"),
                ("move_id.payment_state", "in", ("not_paid", "partial")),
            ]
        )
