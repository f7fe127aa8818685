from odoo import api, models
from odoo.http import request
from odoo.tools import format_amount


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: payments that members start are on their timeline."""
        transactions = super().create(vals_list)
        if request and self.env.user._is_portal():
            for transaction in transactions.filtered(
                lambda new: new.operation != "validation"
            ):
                amount = format_amount(
                    self.env, transaction.amount, transaction.currency_id
                )
                self.env["portal.member.event"]._record(
                    "payment",
                    transaction.partner_id,
                    changes=[[transaction.reference, "", amount]],
                )
        return transactions
