from odoo.http import request, route

from odoo.addons.subscription_connector.controllers.shop import SubscriptionShop


class EarlyStartShop(SubscriptionShop):
    """The checkout asks consumers whether to begin before the 14 days are over."""

    def _get_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: the box is never ticked for the buyer.

        A request counts for the page on which it was given: whoever comes back with
        another cart, or in another language, is asked anew.
        """
        values = super()._get_shop_payment_values(order, **kwargs)
        order._request_start(False)
        company = order.company_id
        return values | {
            "is_start_request_offered": order._is_start_request_offered(),
            "start_request_text": order._get_start_request_text(),
            "is_withdraw_page": company._is_declaration_offered("withdraw"),
        }

    @route("/shop/early_start", type="jsonrpc", auth="public", website=True)
    def shop_early_start(self, is_requested=False, **_kwargs):
        """Keep what the buyer ticked, on his own cart.

        :return: whether the request is kept now
        :rtype: bool
        """
        return bool(request.cart) and request.cart._request_start(is_requested is True)
