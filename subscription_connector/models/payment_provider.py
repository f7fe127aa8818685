from odoo import api, models
from odoo.exceptions import ValidationError

from ..engine import answers
from ..exceptions import AnswerLostError


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

    def _send_api_request(self, *args, **kwargs):
        """Override of `payment`: a charge never takes a lost answer for a refusal.

        Stripe's code, Worldline's, Xendit's and Flutterwave's (read on 2026-11-25) turn
        each `ValidationError` into a failed payment. It would be charged anew after
        some days, and the money may have been taken the first time.

        :raises AnswerLostError: when it is not known what the provider did
        """
        try:
            return super()._send_api_request(*args, **kwargs)
        except ValidationError as error:
            if not self.env.context.get("subscription_answer_counts"):
                raise
            if answers.is_lost(error):
                raise AnswerLostError(str(error)) from error
            if self.code == "stripe" and (code := answers.read_decline(error)):
                text = self.env._("%(error)s (%(code)s)", error=error, code=code)
                raise ValidationError(text) from error
            raise
