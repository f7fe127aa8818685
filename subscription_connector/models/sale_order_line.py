from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    subscription_plan_id = fields.Many2one(
        "subscription.plan",
        string="Plan",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Confirming the order starts a subscription with this line.",
    )
    subscription_id = fields.Many2one(
        "subscription.subscription",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.depends("subscription_plan_id")
    def _compute_price_unit(self):
        """Override of `sale` to price a line by its plan."""
        return super()._compute_price_unit()

    @api.depends("subscription_plan_id")
    def _compute_name(self):
        """Override of `sale` to name the plan on the line."""
        return super()._compute_name()

    def _get_subscription_plan_line(self):
        self.ensure_one()
        return self.subscription_plan_id.line_ids.filtered(
            lambda line: line.product_id == self.product_id
        )[:1]

    def _get_display_price(self):
        """Override of `sale`: the plan names its own recurring price."""
        # Sudo: a visitor's cart is priced before anybody is signed in.
        plan_line_sudo = self.sudo()._get_subscription_plan_line()
        if not plan_line_sudo:
            return super()._get_display_price()
        date = self.order_id.date_order or self.company_id._get_billing_day()
        return plan_line_sudo._get_first_price(
            self.currency_id,
            date,
            self.order_id.pricelist_id,
            self.product_uom_qty,
        )

    def _get_recurring_price(self):
        """Return what one unit costs per period once trial and discounts are over."""
        self.ensure_one()
        plan_line_sudo = self.sudo()._get_subscription_plan_line()
        if not plan_line_sudo:
            return self.price_unit
        return plan_line_sudo._get_price(
            self.currency_id,
            self.order_id.date_order or self.company_id._get_billing_day(),
            self.order_id.pricelist_id,
            self.product_uom_qty,
        )

    def _get_total_per_period(self):
        """Return what the line costs per period later on, taxes included.

        Nothing for a fee that is paid once.
        """
        self.ensure_one()
        if self.sudo()._get_subscription_plan_line().is_one_time:
            return 0.0
        product_taxes = self.product_id.taxes_id._filter_taxes_by_company(
            self.company_id
        )
        price = self.product_id._get_tax_included_unit_price_from_price(
            self._get_recurring_price(),
            product_taxes=product_taxes,
            fiscal_position=self.order_id.fiscal_position_id,
        )
        return self.tax_ids.compute_all(
            price,
            self.currency_id,
            self.product_uom_qty,
            self.product_id,
            self.order_partner_id,
        )["total_included"]

    def _get_sale_order_line_multiline_description_sale(self):
        """Override of `sale` to add plan and interval to the description."""
        description = super()._get_sale_order_line_multiline_description_sale()
        plan_sudo = self.sudo().subscription_plan_id
        if not plan_sudo:
            return description
        return "\n".join(
            (
                description,
                self.env._(
                    "%(plan)s, billed %(interval)s",
                    plan=plan_sudo.name,
                    interval=plan_sudo.interval_label,
                ),
            )
        )

    def _get_invoice_lines(self):
        """Override of `sale`: an order is invoiced by its first period only.

        Later periods are linked to the line as well, so that the order shows
        them, but they are not part of what was ordered.
        """
        lines = super()._get_invoice_lines()
        if not self.subscription_id:
            return lines
        # Sudo: salespeople need no right on subscriptions to see their order.
        return lines.filtered(
            lambda line: (
                not line.sudo().subscription_period_id
                or line.sudo().subscription_period_id.sale_order_id == self.order_id
            )
        )

    def _prepare_subscription_line_vals(self):
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": self._get_subscription_plan_line().name
            or self.product_id.display_name,
            "quantity": self.product_uom_qty,
            "price_unit": self._get_recurring_price(),
            "is_one_time": self._get_subscription_plan_line().is_one_time,
            "discount": self.discount,
            "sale_order_line_id": self.id,
        }
