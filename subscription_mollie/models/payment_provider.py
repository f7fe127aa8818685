from odoo import fields, models
from odoo.tools import urls

from odoo.addons.connection_base.engine.hosts import check_base_url

from .. import const


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    mollie_test_url = fields.Char(
        string="Test Address",
        copy=False,
        groups="base.group_system",
        help="Used instead of Mollie's own address while the provider is in test mode.",
    )

    def _compute_feature_support_fields(self):
        """Override of `payment`: mandates make Mollie chargeable again."""
        res = super()._compute_feature_support_fields()
        self.filtered(lambda provider: provider.code == "mollie").update(
            {"support_tokenization": True, "support_refund": "partial"}
        )
        return res

    def _build_request_url(self, endpoint, **kwargs):
        """Override of `payment_mollie` to try things out beside the real service."""
        if self.code == "mollie" and self.state == "test" and self.mollie_test_url:
            base = check_base_url(self.mollie_test_url, allow_loopback=True)
            return urls.urljoin(f"{base}/v2/", endpoint.strip("/"))
        return super()._build_request_url(endpoint, **kwargs)

    def _build_request_headers(self, *args, idempotency_key=None, **kwargs):
        """Override of `payment_mollie` to let a request be done once only."""
        headers = super()._build_request_headers(*args, **kwargs)
        if self.code == "mollie" and idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return headers

    def _get_validation_amount(self):
        """Override of `payment`: a mandate comes from a payment, however small."""
        if self.code != "mollie":
            return super()._get_validation_amount()
        return const.VALIDATION_AMOUNT

    def _gives_mandate(self, payment_method):
        """Whether a first payment with the method makes it chargeable again."""
        self.ensure_one()
        return (
            self.code == "mollie"
            and (payment_method.primary_payment_method_id or payment_method).code
            in const.FIRST_METHODS
        )
