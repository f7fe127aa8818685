from odoo import models

from ..engine import retry


class AccountMove(models.Model):
    _inherit = "account.move"

    def _follow_chargeback(self, transaction, reason):
        """Let subscriptions fall into arrears whose invoices are open again.

        An invoice that was paid at the sale has no charge yet: it gets one, stopped,
        so that staff sees it and can collect it from the method on file.

        :param transaction: the payment that was taken back
        :param str reason: the bank's code and words
        """
        # Sudo: the provider's message comes from nobody in particular.
        for move_sudo in self.sudo():
            charge = move_sudo.subscription_charge_ids
            subscription = move_sudo.subscription_period_ids.subscription_id[:1]
            if not charge and subscription.collection == "token":
                charge = charge.create(
                    {"subscription_id": subscription.id, "move_id": move_sudo.id}
                )
            if charge:
                charge._set_taken_back(transaction, reason)


class SubscriptionCharge(models.Model):
    """Money that was taken back: owed again, and never taken again by itself."""

    _inherit = "subscription.charge"

    def _set_taken_back(self, transaction, reason):
        """Stop: a person asks for another method, or charges anew by the button.

        The bank's rules forbid blind repetition after most returns (EPC rulebook 2025),
        and a customer who took his money back is asked first.
        """
        self.ensure_one()
        if self.state in ("running", "pending", "unknown"):
            return  # Another payment of it is under way; its result counts.
        if self.transaction_id in (transaction, self.transaction_id.browse()):
            self.transaction_id = False
        kind = retry.decide(
            retry.find_code(reason),
            self.attempts + 1,
            self.company_id._get_billing_day(),
            self.company_id._get_billing_day(),
        ).kind
        text = self.env._("Taken back by the bank: %(reason)s", reason=reason)
        self.write(
            {
                "attempts": self.attempts + 1,
                "date_first_failure": self.company_id._get_billing_day(),
            }
        )
        self.subscription_id._log_event("charge_failed", note=self._get_subject())
        self._stop(text, kind=kind)
        self._send_failure_mail()
        self._fail_run(text)
