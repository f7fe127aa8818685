from odoo import fields, models
from odoo.exceptions import UserError

from .subscription_refund import LIVING


class PaymentTransaction(models.Model):
    """Payments back: asked for on a subscription, followed wherever they change."""

    _inherit = "payment.transaction"

    subscription_refund_ids = fields.One2many(
        "subscription.refund",
        "refund_transaction_id",
        groups="subscription_connector.group_subscription_user",
    )
    subscription_is_refundable = fields.Boolean(
        compute="_compute_subscription_is_refundable"
    )

    def _compute_subscription_is_refundable(self):
        for transaction in self:
            # Sudo: yes or no, for the button.
            transaction.subscription_is_refundable = (
                transaction.state == "done"
                and transaction.operation not in ("refund", "validation")
                and not transaction.currency_id.is_zero(
                    transaction.sudo()._get_refundable()
                )
            )

    def _get_subscriptions(self):
        """Return the subscriptions whose invoices this payment pays."""
        return (
            self.subscription_charge_id.subscription_id
            | self.invoice_ids.subscription_period_ids.subscription_id
        )

    def _get_refundable(self):
        """Return what was paid and has not gone back, nor is about to."""
        self.ensure_one()
        refunds = self.env["subscription.refund"].search(
            [("transaction_id", "=", self.id), ("state", "!=", "failed")]
        )
        # Those that were made elsewhere in Odoo count as well.
        others = self.child_transaction_ids.filtered(
            lambda child: (
                child.operation == "refund" and child.state not in ("cancel", "error")
            )
        )
        others -= refunds.refund_transaction_id
        return (
            self.amount
            - sum(refunds.mapped("amount"))
            - sum(abs(other.amount) for other in others)
        )

    def _check_can_refund(self, amount):
        """Refuse with words what the provider cannot do.

        :raises UserError: naming what is in the way
        """
        self.ensure_one()
        method = (
            self.payment_method_id.primary_payment_method_id or self.payment_method_id
        )
        supported = (self.provider_id.support_refund, method.support_refund)
        if self.state != "done":
            raise UserError(self.env._("Only a payment that arrived can go back."))
        if "none" in supported:
            raise UserError(
                self.env._(
                    "%(provider)s cannot pay back %(method)s. Transfer the amount and "
                    "make a credit note.",
                    provider=self.provider_id.name,
                    method=method.name,
                )
            )
        if "full_only" in supported and self.currency_id.compare_amounts(
            amount, self.amount
        ):
            raise UserError(self.env._("This payment can only go back as a whole."))

    def action_subscription_refund(self):
        """Button: ask for amount and reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay Back"),
            "res_model": "subscription.refund.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_transaction_id": self.id},
        }

    def _send_subscription_refund(self):
        """Send the refund, telling a refusal from a lost answer.

        :return: False when it is not known whether the money goes back
        :rtype: bool
        """
        self.ensure_one()
        self._ensure_provider_is_not_disabled()
        self._log_sent_message()
        return self._send_with_care("_send_refund_request")

    def _update_state(self, allowed_states, target_state, state_message):
        """Override of `payment` to let the refund follow, e.g. after a webhook."""
        transactions = super()._update_state(
            allowed_states, target_state, state_message
        )
        if not self.env.context.get("subscription_refund_deferred"):
            # Sudo: whoever moves the transaction need not manage subscriptions.
            for refund in transactions.sudo().subscription_refund_ids:
                if refund.state in LIVING:
                    refund._follow()
        return transactions

    def _post_process(self):
        """Override of `payment` to credit the invoice of what went back."""
        for transaction in self.filtered(lambda tx: tx.state == "done"):
            refund_sudo = transaction.sudo().subscription_refund_ids
            if refund_sudo.is_credited and not refund_sudo.credit_move_id:
                transaction.invoice_ids = refund_sudo._create_credit_note()
        return super()._post_process()

    def _post_process_subscription_refund(self):
        """Book the refund now; if that fails, core's own cron tries again."""
        self.env["subscription.charge"]._post_process(self)
