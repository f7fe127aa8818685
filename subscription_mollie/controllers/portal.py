from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal


class MolliePortal(PaymentPortal):
    def _create_transaction(
        self,
        provider_id,
        payment_method_id,
        *args,
        tokenization_requested=False,
        custom_create_values=None,
        **kwargs,
    ):
        """Override of `payment` to ask for a mandate with iDEAL and its like."""
        provider_sudo = request.env["payment.provider"].sudo().browse(provider_id)
        method_sudo = request.env["payment.method"].sudo().browse(payment_method_id)
        if (
            provider_sudo.allow_tokenization
            and provider_sudo._gives_mandate(method_sudo)
            and (
                tokenization_requested
                or provider_sudo._is_tokenization_required(**kwargs)
            )
        ):
            custom_create_values = {**(custom_create_values or {}), "tokenize": True}
        return super()._create_transaction(
            provider_id,
            payment_method_id,
            *args,
            tokenization_requested=tokenization_requested,
            custom_create_values=custom_create_values,
            **kwargs,
        )
