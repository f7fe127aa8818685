from odoo import fields, models


class PaymentTransaction(models.Model):
    """Payments that the customer's bank takes back after they were booked.

    The payment stays what it is; its way back is a transaction and a payment of its
    own, once for each reference of the provider. The invoice is open again, and
    nothing is collected anew without a person.
    """

    _inherit = "payment.transaction"

    is_taken_back = fields.Boolean(
        string="Taken Back by the Bank", readonly=True, copy=False
    )
    is_chargeback = fields.Boolean(string="Chargeback", readonly=True, copy=False)

    _chargeback_once = models.UniqueIndex(
        "(source_transaction_id, provider_reference) WHERE is_chargeback",
        "This chargeback is booked already.",
    )

    def action_subscription_take_back(self):
        """Button: a person saw that the bank took the payment back."""
        self.check_access("read")
        return self._get_finding_action("taken_back")

    def _get_finding_action(self, kind):
        """Return the dialog that asks what was seen at the provider."""
        self.ensure_one()
        titles = {
            "charged": self.env._("It Was Charged"),
            "absent": self.env._("It Was Not Charged"),
            "taken_back": self.env._("Taken Back by the Bank"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": "subscription.payment.finding",
            "view_mode": "form",
            "target": "new",
            "context": {"default_transaction_id": self.id, "default_kind": kind},
        }

    def _book_chargeback(self, reference, amount, reason):
        """Book that the bank took money back; a repeat does nothing.

        For providers that tell of it; call it with what was read at the provider.

        :param str reference: the provider's id of the chargeback
        :param float amount: above zero, in the currency of the payment
        :param str reason: the bank's code and words, for staff
        :return: the transaction of the money that left, empty where a person books it
        """
        self.ensure_one()
        self.lock_for_update()
        known = self.child_transaction_ids.filtered(
            lambda child: child.is_chargeback and child.provider_reference == reference
        )
        if known or (self.is_taken_back and not self.payment_id.move_id):
            return known
        if not self.is_post_processed:
            self._post_process()
        self.is_taken_back = True
        subscriptions = self._get_subscriptions()
        if not self.payment_id.move_id:
            # No entry stands for the payment (its journal has no outstanding
            # account), so there is nothing that could be taken back.
            subscriptions._schedule_todo(
                self.env._(
                    "The bank took %(reference)s back (%(reason)s), which has no entry "
                    "in the books: book it by hand.",
                    reference=self.reference,
                    reason=reason,
                )
            )
            return self.browse()
        back = self._create_child_transaction(
            amount, is_refund=True, provider_reference=reference, is_chargeback=True
        )
        back._set_done(state_message=reason)
        back._create_payment(
            destination_account_id=self.payment_id.destination_account_id.id
        )
        back._post_process()
        self._open_again(back)._follow_chargeback(self, reason)
        return back

    def _open_again(self, back):
        """Let the money that left settle the payment instead of what it paid.

        :return: the invoices that are open again
        """
        paid = self.payment_id._seek_for_lines()[1]
        partials = paid.matched_debit_ids | paid.matched_credit_ids
        items = (partials.debit_move_id | partials.credit_move_id) - paid
        partials.unlink()
        (paid | back.payment_id._seek_for_lines()[1]).reconcile()
        if not all(paid.mapped("reconciled")):
            (paid | items).filtered(lambda line: not line.reconciled).reconcile()
        return items.move_id.filtered(
            lambda move: move.payment_state in ("not_paid", "partial")
        )
