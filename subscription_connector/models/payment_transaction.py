from odoo import fields, models
from odoo.exceptions import ValidationError

from ..engine import answers
from ..exceptions import AnswerLostError

LIVING = ("draft", "pending", "authorized", "done")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_charge_id = fields.Many2one(
        "subscription.charge", readonly=True, index="btree_not_null"
    )

    _subscription_charge_living = models.UniqueIndex(
        "(subscription_charge_id) WHERE subscription_charge_id IS NOT NULL "
        "AND state IN ('draft', 'pending', 'authorized', 'done') "
        "AND is_taken_back IS NOT TRUE",
        "This invoice has a charge that is done or under way.",
    )

    def _update_state(self, allowed_states, target_state, state_message):
        """Override of `payment` to let the charge follow its transaction."""
        if target_state in LIVING:
            self.sudo()._leave_taken_charge()
        transactions = super()._update_state(
            allowed_states, target_state, state_message
        )
        if self.env.context.get("subscription_charge_deferred"):
            return transactions  # The charging cron keeps the result first.
        for transaction in transactions.filtered("subscription_charge_id"):
            # Sudo: whoever moves the transaction need not manage subscriptions.
            transaction.sudo().subscription_charge_id._apply_transaction(transaction)
        return transactions

    def _leave_taken_charge(self):
        """Let go of a charge that another transaction collects already.

        A payment that failed at first may be reported as paid when its retry is under
        way. It is then booked like any payment, as credit of the customer where the
        invoice is paid, and a person decides on the refund.
        """
        for transaction in self.filtered(lambda tx: tx.state in ("cancel", "error")):
            charge = transaction.subscription_charge_id
            others = charge.transaction_ids - transaction
            if not others.filtered(
                lambda tx: tx.state in LIVING and not tx.is_taken_back
            ):
                continue
            transaction.subscription_charge_id = False
            charge.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "%(reference)s was paid after all: look for a double payment",
                    reference=transaction.reference,
                ),
                user_id=(charge.subscription_id.user_id or self.env.user).id,
            )

    def _post_process(self):
        """Override of `payment`: an invoice that waited for its money is of today."""
        for transaction in self.filtered(lambda tx: tx.state == "done"):
            move_sudo = transaction.sudo().subscription_charge_id.move_id
            if move_sudo.state == "draft":
                move_sudo.invoice_date = move_sudo.company_id._get_billing_day()
        return super()._post_process()

    def _tokenize(self, payment_data):
        """Override of `payment` to keep the method for the order's subscriptions."""
        res = super()._tokenize(payment_data)
        for transaction in self.filtered("token_id"):
            transaction.sudo().sale_order_ids.subscription_ids.filtered(
                lambda subscription: not subscription.payment_token_id
            ).payment_token_id = transaction.token_id
        return res

    def _send_subscription_charge(self):
        """Charge the token, telling a refusal from a lost answer.

        A payment that the provider has made already is read, not made again.

        :return: False when it is not known whether the provider took the money
        :rtype: bool
        """
        self.ensure_one()
        if self.provider_reference:
            return self._look_up_subscription_charge() == "known"
        self._ensure_provider_is_not_disabled()
        self._log_sent_message()
        return self._send_with_care("_send_payment_request")

    def _send_with_care(self, request):
        """Call a provider through its own code; see `payment.provider` for the care.

        :param str request: the method of `payment` that sends it
        :return: False when it is not known what the provider did
        :rtype: bool
        """
        transaction = self.with_context(subscription_answer_counts=True)
        try:
            getattr(transaction, request)()
        except AnswerLostError:
            return False
        except ValidationError as error:
            if answers.is_lost(error):
                return False
            self._set_error(str(error))
        return self.state != "draft"
