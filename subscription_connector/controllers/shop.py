from odoo.http import request

from odoo.addons.website_sale.controllers.main import WebsiteSale


class SubscriptionShop(WebsiteSale):
    """The checkout of a cart with a plan."""

    def _get_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: the button names the duty to pay.

        Art. 8 par. 2 of Directive 2011/83/EU, art. 6:230v par. 3 BW, § 312j BGB.
        """
        values = super()._get_shop_payment_values(order, **kwargs)
        if order.order_line.subscription_plan_id:
            values["submit_button_label"] = request.env._(
                "Order with obligation to pay"
            )
            values["plan_terms"] = order._get_plan_terms()
        return values
