from dateutil.relativedelta import relativedelta

from odoo import fields, models

from .. import const


class SubscriptionCharge(models.Model):
    """Results that were lost: ask for them, never charge again on a guess."""

    _inherit = "subscription.charge"

    def _set_unknown(self):
        self.ensure_one()
        wait = const.ASK_MINUTES[min(self.asked, len(const.ASK_MINUTES) - 1)]
        is_new = self.state != "unknown"
        can_ask = self.transaction_id.sudo()._is_look_up_supported()
        now = fields.Datetime.now()
        if self.transaction_id.create_date < now - relativedelta(days=const.ASK_DAYS):
            # Asked for long enough: a person looks it up.
            is_new, can_ask = not self.activity_ids, False
        self.write(
            {
                "state": "unknown",
                "date_ask": now + relativedelta(minutes=wait) if can_ask else False,
                "last_error": self.env._(
                    "The answer was lost: the money may or may not have been taken."
                ),
            }
        )
        if is_new and not can_ask:
            self._hand_over()
        if is_new:
            self._count_run(unknown=1)
            self._fail_run(self.last_error)

    def _hand_over(self):
        """An unknown result that nobody can ask for waits for a person."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Look up at the payment provider what happened"),
            user_id=(self.subscription_id.user_id or self.env.user).id,
        )

    def _ask(self):
        """Ask the provider what became of the transaction, by our reference."""
        if not self:
            return  # Another worker has it.
        transaction_sudo = self.transaction_id.sudo()
        if transaction_sudo.state != "draft":
            self._apply_transaction(transaction_sudo)
            return
        answer = transaction_sudo._look_up_subscription_charge()
        if answer == "absent":
            # The provider never saw it, so a new try cannot charge twice.
            self.transaction_id = False
            transaction_sudo._set_canceled(
                state_message=self.env._("The provider never received this request.")
            )
            self.write(
                {
                    "state": "retry",
                    "date_next_try": self.company_id._get_billing_day(),
                    "date_ask": False,
                    "asked": 0,
                }
            )
            if self.subscription_id.state == "cancelled":
                self._stop_for_cancellation()
        elif answer == "unknown":
            self.asked += 1
            self._set_unknown()

    def action_set_not_charged(self):
        """Button for an unknown result: a person saw that no money was taken."""
        self.check_access("read")
        # Sudo: as for the other buttons.
        for charge in self.sudo().filtered(lambda charge: charge.state == "unknown"):
            transaction_sudo = charge.transaction_id
            charge.transaction_id = False
            transaction_sudo._set_canceled(
                state_message=charge.env._(
                    "%(user)s found no payment at the provider.",
                    user=charge.env.user.name,
                )
            )
            charge.write({"state": "stopped", "date_ask": False})
            charge.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_set_charged(self):
        """Button for an unknown result: a person saw the payment there."""
        self.check_access("read")
        # Sudo: as for the other buttons.
        for charge in self.sudo().filtered(lambda charge: charge.state == "unknown"):
            charge.transaction_id._set_done()
            charge.activity_feedback(["mail.mail_activity_data_todo"])
        return True
