from odoo import models
from odoo.http import request


class SubscriptionPlanLine(models.Model):
    """What a visitor of the shop sees as price of a product of a plan."""

    _inherit = "subscription.plan.line"

    def _get_shop_price(self, website):
        """Return the price of one piece per period for the visitor who asks.

        With the visitor's pricelist and taxes, with or without tax as the shop has it.
        """
        self.ensure_one()
        product, currency = self.product_id, website.currency_id
        price = self._get_price(
            currency, self.company_id._get_billing_day(), request.pricelist
        )
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        if not taxes:
            return price
        return product.product_tmpl_id._apply_taxes_to_price(
            price,
            currency,
            taxes,
            request.fiscal_position.map_tax(taxes),
            product,
            website=website,
        )
