from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _to_markup_data(self, website):
        """Override of `website_sale`: search engines show the price of the plan."""
        data = super()._to_markup_data(website)
        price = self.product_tmpl_id._get_shop_plan_price(website)
        if price is not None:
            data["offers"]["price"] = price
        return data
