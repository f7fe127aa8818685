from odoo import api, fields, models


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

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity on a plan must be above zero."
    )

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.product_id.display_name

    @api.depends("product_id")
    def _compute_price_unit(self):
        for line in self:
            if not line.price_unit:
                line.price_unit = line.product_id.lst_price

    def _get_price(self, currency, date):
        """Return the price in ``currency`` on ``date``, per unit."""
        self.ensure_one()
        return self.currency_id._convert(
            self.price_unit, currency, self.company_id, date, round=False
        )
