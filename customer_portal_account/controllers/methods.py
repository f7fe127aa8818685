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
        return super().archive_token(token_id)
