from odoo import models


class ProductTemplate(models.Model):
    """In the shop, what is sold with a plan only has the price of its plan.

    The sales price is that of buying once; shown beside the plan's it would be a second
    price for the same thing.
    """

    _inherit = "product.template"

    def _get_shop_plan_price(self, website):
        """Return what one piece costs per period with the plan that is offered first.

        :return: as the visitor sees prices, None where the sales price holds
        """
        self.ensure_one()
        # Sudo: a visitor reads no plans.
        template_sudo = self.sudo()
        if not template_sudo.is_subscription_only:
            return None
        lines_sudo = template_sudo._get_shop_plans()[:1].line_ids
        line_sudo = lines_sudo.filtered(
            lambda line: line.product_id.product_tmpl_id == template_sudo
        )[:1]
        return line_sudo._get_shop_price(website) if line_sudo else None

    def _get_sales_prices(self, website):
        """Override of `website_sale`: the list shows the price of the plan."""
        prices = super()._get_sales_prices(website)
        for template in self:
            price = template._get_shop_plan_price(website)
            if price is not None:
                prices[template.id] = {"price_reduce": price}
        return prices

    def _get_additionnal_combination_info(
        self, product_or_template, quantity, uom, date, website
    ):
        """Override of `website_sale`: the page shows the price of the plan."""
        info = super()._get_additionnal_combination_info(
            product_or_template, quantity, uom, date, website
        )
        template = self or product_or_template.product_tmpl_id
        price = template._get_shop_plan_price(website)
        if price is not None:
            info.pop("compare_list_price", None)
            info |= {
                "price": price,
                "list_price": price,
                "has_discounted_price": False,
                "prevent_zero_price_sale": (
                    website.prevent_zero_price_sale
                    and website.currency_id.is_zero(price)
                ),
            }
        return info
