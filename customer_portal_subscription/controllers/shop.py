from odoo.http import request, route

from odoo.addons.subscription_connector.controllers.shop import SubscriptionShop

from ..models.sale_order import CONSENTS


class ConsentShop(SubscriptionShop):
    """The checkout asks consumers what changes their right to withdraw."""

    def _get_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: no box is ticked for the buyer.

        A tick counts for the page on which it was given: whoever comes back with
        another cart, or in another language, is asked anew.
        """
        values = super()._get_shop_payment_values(order, **kwargs)
        for kind in CONSENTS:
            order._keep_consent(kind, False)
        return values | {
            "consents": [
                {"kind": kind, "text": order._get_consent_text(kind)}
                for kind in CONSENTS
                if order._is_consent_asked(kind)
            ],
            "is_withdraw_told": order._is_withdraw_told(),
        }

    @route("/shop/consent", type="jsonrpc", auth="public", website=True)
    def shop_consent(self, kind="", is_given=False, **_kwargs):
        """Keep what the buyer ticked, on his own cart.

        :param str kind: one of ``CONSENTS``
        :return: whether the tick is kept now
        :rtype: bool
        """
        if kind not in CONSENTS or not request.cart:
            return False
        return request.cart._keep_consent(kind, is_given is True)
