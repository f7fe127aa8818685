from odoo import models


class SaleOrder(models.Model):
    """What a customer must read right before he orders a plan.

    Price for each period, duration, least duration and how it ends: art. 8 par. 2 of
    Directive 2011/83/EU, art. 6:230v par. 2 BW, § 312j par. 2 BGB.
    """

    _inherit = "sale.order"

    def _get_plan_terms(self):
        """Return the terms of each plan in the cart, in the visitor's language.

        :return: dicts of ``name`` (str) and ``texts`` (list of str)
        """
        self.ensure_one()
        # Sudo: a visitor reads the terms of what is in his own cart.
        lines_sudo = self.sudo().order_line.filtered("subscription_plan_id")
        return [
            {
                "name": plan.name,
                "texts": plan._get_order_texts(
                    sum(line._get_total_per_period() for line in lines),
                    self.currency_id,
                ),
            }
            for plan, lines in lines_sudo.grouped("subscription_plan_id").items()
        ]
