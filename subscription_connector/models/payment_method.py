from odoo import api, models


class PaymentMethod(models.Model):
    _inherit = "payment.method"

    @api.model
    def _get_compatible_payment_methods(
        self, *args, sale_order_id=None, force_tokenization=False, **kwargs
    ):
        """Override of `payment`: only methods that can be charged again for a plan."""
        is_recurring = self.env["payment.provider"]._is_subscription_order(
            sale_order_id
        )
        return super()._get_compatible_payment_methods(
            *args,
            sale_order_id=sale_order_id,
            force_tokenization=force_tokenization or is_recurring,
            **kwargs,
        )
