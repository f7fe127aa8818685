from odoo import models


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _compute_base_price(
        self,
        product,
        quantity,
        uom,
        date,
        currency,
        *,
        subscription_plan_line=None,
        **kwargs,
    ):
        """Override of `product`: a plan's own price takes the place of the list price.

        :param subscription_plan_line: the line of the plan whose price is asked for
        """
        if subscription_plan_line and (self.base or "list_price") == "list_price":
            return subscription_plan_line._get_price(currency, date)
        if subscription_plan_line and self.base == "pricelist":
            return subscription_plan_line._get_price(
                currency, date, self.base_pricelist_id, quantity
            )
        return super()._compute_base_price(
            product, quantity, uom, date, currency, **kwargs
        )
