from odoo import models

from .subscription_subscription_life import RUNNING


class SubscriptionSubscription(models.Model):
    """What a member may do with his own subscription, and how it is done."""

    _inherit = "subscription.subscription"

    def _may_pause_self(self):
        return (
            self.plan_id.is_self_pause
            and self.collection != "outside"
            and self.state in ("planned", "active")
            and not self.pause_planned_id
            and not self.date_cancel
        )

    def _may_resume_self(self):
        if not self.plan_id.is_self_pause or self.collection == "outside":
            return False
        if self.state == "paused":
            return self.pause_kind == "requested"
        return bool(self.state in RUNNING and self.pause_planned_id)

    def _may_change_self(self):
        return bool(
            self.plan_id.is_self_change
            and self.collection != "outside"
            and self.state in ("planned", "active")
            and not self.date_cancel
            and not self.change_planned_id
            and self._get_switch_plans()
        )

    def _get_switch_plans(self):
        """Return the plans that a member may change to."""
        return self.env["subscription.plan"].search(
            [
                ("is_sold_online", "=", True),
                ("company_id", "=", self.company_id.id),
                ("connection_id", "=", False),
                ("currency_id", "=", self.currency_id.id),
                ("id", "!=", self.plan_id.id),
            ]
        )

    def _may_undo_cancel_self(self):
        return bool(
            self.date_cancel
            and self.state in RUNNING
            and self.collection != "outside"
            and self._may_cancel_self()
        )

    def _may_choose_method(self):
        return self.collection == "token" and self.state in RUNNING

    def _may_retry_self(self):
        return self._may_choose_method() and bool(self.payment_token_id)

    def _get_failed_charges(self):
        """Return the charges that failed and can be tried again at once."""
        return self.charge_ids.filtered(
            lambda charge: (
                charge.state in ("retry", "stopped")
                and charge._is_open()
                and not charge.currency_id.is_zero(charge.amount_residual)
            )
        )

    def _get_own_tokens(self, partner):
        """Return the saved methods that may pay this subscription.

        :param partner: the person who chooses: only his own and those of the customer
        """
        return self.env["payment.token"].search(
            [
                ("partner_id", "in", (partner | self.partner_id).ids),
                ("company_id", "=", self.company_id.id),
                ("provider_id.state", "!=", "disabled"),
            ]
        )

    def _choose_method(self, token):
        """Pay with this method from now on, also what failed with the old one."""
        self.ensure_one()
        is_new = token != self.payment_token_id
        self.write({"payment_token_id": token.id, "collection": "token"})
        if is_new and self.state != "draft":
            self._get_failed_charges().action_retry()
