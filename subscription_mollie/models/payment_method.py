from odoo import models


class PaymentMethod(models.Model):
    _inherit = "payment.method"

    def _get_compatible_payment_methods(
        self, provider_ids, *args, force_tokenization=False, **kwargs
    ):
        """Override of `payment`: iDEAL and its like give a mandate at Mollie only.

        So they can be charged again there, although the method as such cannot.
        """
        found = super()._get_compatible_payment_methods(
            provider_ids, *args, force_tokenization=force_tokenization, **kwargs
        )
        if not force_tokenization:
            return found
        possible = super()._get_compatible_payment_methods(
            provider_ids, *args, force_tokenization=False, **kwargs
        )
        return possible.filtered(
            lambda method: method in found or method._gives_mandate_at(provider_ids)
        )

    def _gives_mandate_at(self, provider_ids):
        """Whether one of the providers makes the method chargeable again."""
        self.ensure_one()
        # Sudo: visitors have no right on providers; only a yes or no leaves here.
        providers_sudo = self.sudo().provider_ids
        return any(
            provider._gives_mandate(self)
            for provider in providers_sudo
            if provider.id in provider_ids and provider.allow_tokenization
        )
