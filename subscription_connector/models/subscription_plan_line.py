from decimal import Decimal

from odoo import api, fields, models

from ..engine import amounts


class SubscriptionPlanLine(models.Model):
    _name = "subscription.plan.line"
    _description = "Product of a Subscription Plan"
    _order = "plan_id, sequence, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "subscription.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        domain=[("sale_ok", "=", True)],
    )
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        translate=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(
        string="Recurring Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        min_display_digits="Product Price",
        help="Per period, in the plan's currency; with tax where the product's "
        "tax is included in its price.",
    )

    is_one_time = fields.Boolean(
        string="One-Time",
        help="A set-up or registration fee: billed once, with the first period.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity on a plan must be above zero."
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.plan_id._follow_version()
        return lines

    def write(self, vals):
        res = super().write(vals)
        self.plan_id._follow_version()
        return res

    def unlink(self):
        plans = self.plan_id
        res = super().unlink()
        plans._follow_version()
        return res

    # === COMPUTES === #

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.product_id.display_name

    @api.depends("product_id")
    def _compute_price_unit(self):
        for line in self:
            if not line.price_unit:
                line.price_unit = line.product_id.lst_price

    def _get_price(self, currency, date, pricelist=None, quantity=None):
        """Return the price in ``currency`` on ``date``, per unit.

        Percentages and formulas of a pricelist apply to the plan's own price. A
        fixed price there is that of buying once; it counts where the product is
        sold with a plan only.

        :param pricelist: the customer's pricelist, if there is one
        :param float quantity: for rules that ask for a minimum, default the plan's
        """
        self.ensure_one()
        if pricelist:
            product = self.product_id
            quantity = quantity or self.quantity
            rule = pricelist._get_product_rule(product, quantity, date=date)
            rule = self.env["product.pricelist.item"].browse(rule)
            is_usable = rule.compute_price != "fixed" or product.is_subscription_only
            if rule and is_usable:
                return rule._compute_price(
                    product,
                    quantity,
                    product.uom_id,
                    date,
                    currency=currency,
                    subscription_plan_line=self,
                )
        return self.currency_id._convert(
            self.price_unit, currency, self.company_id, date, round=False
        )

    def _get_first_price(self, currency, date, pricelist=None, quantity=None):
        """Return what one unit costs on the first invoice of a plan begun today.

        It is the price of the trial, of a shorter first period, or of a whole one,
        less the discount at the start.
        """
        self.ensure_one()
        price = self._get_price(currency, date, pricelist, quantity)
        if self.is_one_time:
            return price
        plan = self.plan_id
        if plan.trial_count:
            regular = plan.line_ids.filtered(lambda line: not line.is_one_time)
            trial = plan.trial_price if self == regular[:1] else 0.0
            return plan.currency_id._convert(
                trial / self.quantity, currency, self.company_id, date, round=False
            )
        share = plan._get_first_share(fields.Date.to_date(date))
        discount = plan.intro_discount if plan.intro_count else 0.0
        price *= 1 - discount / 100
        return float(
            amounts.part_of(
                Decimal(str(price)), share, Decimal(str(quantity or self.quantity))
            )
        )
