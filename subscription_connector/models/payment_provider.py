from odoo import api, models


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model
    def _is_subscription_order(self, sale_order_id):
        """Whether an order has lines that will be billed again."""
        # Sudo: a visitor pays his own cart; only a yes or no leaves here.
        order_sudo = self.env["sale.order"].sudo().browse(sale_order_id or ())
        return bool(order_sudo.exists().order_line.subscription_plan_id)

    def _is_tokenization_required(self, sale_order_id=None, **kwargs):
        """Override of `payment`: a plan needs a method that can be charged again."""
        if sale_order_id and self._is_subscription_order(sale_order_id):
            return True
        return super()._is_tokenization_required(sale_order_id=sale_order_id, **kwargs)
