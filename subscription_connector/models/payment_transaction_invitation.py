from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PaymentTransaction(models.Model):
    """Methods saved on an invitation; no plan is sold without a method to keep."""

    _inherit = "payment.transaction"

    subscription_invitation_id = fields.Many2one(
        "subscription.invitation", readonly=True, index="btree_not_null"
    )

    @api.constrains("sale_order_ids", "operation")
    def _check_plan_keeps_method(self):
        """Refuse to pay a plan with something that cannot be charged again.

        The pages offer only methods that can be kept; a request made by hand or an
        express checkout must not get around it.
        """
        for transaction in self:
            if (
                transaction.operation in ("online_direct", "online_redirect")
                and not (transaction.tokenize or transaction.token_id)
                and transaction.sale_order_ids.order_line.subscription_plan_id
            ):
                raise ValidationError(
                    self.env._(
                        "A subscription needs a payment method that can be saved."
                    )
                )

    def _tokenize(self, payment_data):
        """Override of `payment` to give the method to whom it was saved for."""
        res = super()._tokenize(payment_data)
        for transaction in self.filtered("token_id"):
            if invitation := transaction.sudo().subscription_invitation_id:
                invitation._accept(transaction.token_id)
        return res
