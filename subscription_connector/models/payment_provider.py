from odoo import api, models


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model
    def _is_subscription_order(self, sale_order_id):
        """Whether an order has lines that will be billed again."""
        # Sudo: a visitor pays his own cart; only a yes or no leaves here.
        order_sudo = self.env["sale.order"].sudo().browse(sale_order_id or ())
        return bool(order_sudo.exists().order_line.subscription_plan_id)

    @api.model
    def _get_compatible_providers(
        self, *args, is_express_checkout=False, sale_order_id=None, **kwargs
    ):
        """Override of `payment`: an express checkout keeps no method for a plan."""
        providers = super()._get_compatible_providers(
            *args,
            is_express_checkout=is_express_checkout,
            sale_order_id=sale_order_id,
            **kwargs,
        )
        if is_express_checkout and self._is_subscription_order(sale_order_id):
            return providers.browse()
        return providers

    def _is_tokenization_required(self, sale_order_id=None, **kwargs):
        """Override of `payment`: a plan needs a method that can be charged again."""
        if sale_order_id and self._is_subscription_order(sale_order_id):
            return True
        return super()._is_tokenization_required(sale_order_id=sale_order_id, **kwargs)
