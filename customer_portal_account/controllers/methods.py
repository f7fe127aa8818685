from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.customer_portal_otp.controllers.confirm import (
    fresh_code_first,
    is_fresh,
)
from odoo.addons.payment.controllers.portal import PaymentPortal


class MemberMethods(PaymentPortal):
    @route()
    @fresh_code_first("/my/payment_method")
    def payment_method(self, **kwargs):
        """Override of `payment_method`: a fresh code before methods are changed."""
        return super().payment_method(**kwargs)

    @route()
    def archive_token(self, token_id):
        """Override of `archive_token`: not from a page that was left open."""
        if not is_fresh():
            raise UserError(
                request.env._("Please reload the page and confirm who you are first.")
            )
        tokens = request.env["payment.token"]
        # Sudo: whose it is decides; one of the customer company is as if missing.
        owner = tokens.sudo().browse(token_id).exists().partner_id
        if tokens._is_own_only() and owner != request.env.user.partner_id:
            return None
        return super().archive_token(token_id)
