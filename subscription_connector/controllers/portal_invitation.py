from odoo.exceptions import ValidationError
from odoo.http import request, route

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal


class InvitationPortal(PaymentPortal):
    """The page on the customer's phone: save a method for one subscription (L9)."""

    def _find_invitation(self, invitation_id, access_token):
        return request.env["subscription.invitation"]._find(invitation_id, access_token)

    @route(
        "/subscription/method/<int:invitation_id>/<string:access_token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def subscription_invitation(self, invitation_id, access_token, **_kwargs):
        """Show the provider's form, what was saved, or that the link is too old."""
        invitation_sudo = self._find_invitation(invitation_id, access_token)
        if not invitation_sudo:
            return request.not_found()
        values = {"invitation_sudo": invitation_sudo}
        if invitation_sudo.state == "waiting":
            values |= self._get_invitation_form_values(invitation_sudo)
        return request.render("subscription_connector.invitation_page", values)

    def _get_invitation_form_values(self, invitation_sudo):
        """Return what the payment form needs to save a method without a payment."""
        partner_sudo = invitation_sudo.partner_id
        report = {}
        providers_sudo = (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                invitation_sudo.company_id.id,
                partner_sudo.id,
                0.0,
                force_tokenization=True,
                is_validation=True,
                report=report,
            )
        )
        methods_sudo = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers_sudo.ids,
                partner_sudo.id,
                force_tokenization=True,
                report=report,
            )
        )
        path = f"/subscription/method/{invitation_sudo.id}"
        path = f"{path}/{invitation_sudo.access_token}"
        return {
            "mode": "validation",
            "allow_token_selection": False,
            "allow_token_deletion": False,
            "reference_prefix": payment_utils.singularize_reference_prefix(prefix="V"),
            "partner_id": partner_sudo.id,
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "tokens_sudo": request.env["payment.token"].sudo(),
            "availability_report": report,
            "transaction_route": f"{path}/transaction",
            "landing_route": path,
            "access_token": payment_utils.generate_access_token(
                partner_sudo.id, None, None
            ),
        }

    @route(
        "/subscription/method/<int:invitation_id>/<string:access_token>/transaction",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def subscription_invitation_transaction(
        self, invitation_id, access_token, **kwargs
    ):
        """Begin to save a method for the customer of the invitation."""
        invitation_sudo = self._find_invitation(invitation_id, access_token)
        if not invitation_sudo or invitation_sudo.state != "waiting":
            raise ValidationError(request.env._("This link is no longer valid."))
        for name in ("access_token", "amount", "currency_id", "partner_id"):
            kwargs.pop(name, None)
        self._validate_transaction_kwargs(kwargs, ("reference_prefix",))
        kwargs |= {"is_validation": True, "tokenization_requested": True}
        partner_sudo = invitation_sudo.partner_id
        path = f"/subscription/method/{invitation_id}/{access_token}"
        tx_sudo = self._create_transaction(
            amount=None,
            currency_id=None,
            partner_id=partner_sudo.id,
            custom_create_values={"subscription_invitation_id": invitation_sudo.id},
            **(kwargs | {"landing_route": path}),
        )
        return tx_sudo._get_processing_values()
