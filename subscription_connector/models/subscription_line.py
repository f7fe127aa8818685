from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

from ..engine import amounts


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _description = "Subscription Line"
    _order = "subscription_id, sequence, id"
    _check_company_auto = True

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
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
        required=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(
        string="Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        min_display_digits="Product Price",
    )
    discount = fields.Float(string="Discount (%)", digits="Discount")
    sale_order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, copy=False, index="btree_not_null"
    )
    is_one_time = fields.Boolean(
        string="One-Time", help="Billed once, with the next invoice."
    )
    amount_untaxed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_total = fields.Monetary(compute="_compute_amounts", store=True)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_may_change()
        return lines

    def write(self, vals):
        self.check_access("write")
        self._check_may_change()
        res = super().write(vals)
        if "subscription_id" in vals:
            self._check_may_change()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_by_method(self):
        self._check_may_change()

    def _check_may_change(self):
        """Refuse to change what was agreed otherwise than by a logged method."""
        for subscription in self.subscription_id:
            if subscription.state != "draft" and not subscription._is_by_method():
                subscription._refuse_direct(("line_ids",))

    # === COMPUTES === #

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.product_id.display_name or "/"

    @api.depends("product_id")
    def _compute_price_unit(self):
        for line in self:
            if not line.price_unit:
                line.price_unit = line.product_id.lst_price

    @api.depends(
        "quantity",
        "price_unit",
        "discount",
        "product_id.taxes_id",
        "subscription_id.currency_id",
        "subscription_id.company_id",
        "subscription_id.partner_id",
        "subscription_id.partner_invoice_id",
    )
    def _compute_amounts(self):
        positions = self.env["account.fiscal.position"]
        places = positions._get_places() if len(self) > 1 else None
        for line in self.with_context(subscription_places=places):
            values = line._compute_totals(line.price_unit, line.discount)
            line.amount_untaxed = values["total_excluded"]
            line.amount_total = values["total_included"]

    def _compute_totals(self, price_unit, discount):
        """Return the amounts of the line at a price, as ``compute_all`` gives them."""
        self.ensure_one()
        taxes, price = self._get_taxes_and_price(price_unit)
        return taxes.compute_all(
            price * (1 - (discount or 0.0) / 100),
            currency=self.currency_id,
            quantity=self.quantity,
            product=self.product_id,
            partner=self.subscription_id.partner_id,
        )

    def _filter_unbilled(self):
        """Keep the lines that are on no invoice yet."""
        # Sudo: whether something was billed is no secret of the accounts.
        billed = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("subscription_line_id", "in", self.ids),
                    ("parent_state", "!=", "cancel"),
                    ("move_id.move_type", "=", "out_invoice"),
                ],
                ["subscription_line_id"],
            )
        )
        return self - self.browse([line.id for (line,) in billed])

    def _get_part_price(self, share):
        """Return the unit price for a part of a period (see ``amounts.part_of``)."""
        self.ensure_one()
        if share == 1:
            return self.price_unit
        cent = Decimal(str(self.currency_id.rounding or 0.01)).normalize()
        return float(
            amounts.part_of(
                Decimal(str(self.price_unit)),
                share,
                Decimal(str(self.quantity)),
                cent,
            )
        )

    def _get_discount(self, intro=0.0):
        """Return the discount of the line and that of the start in one, in percent."""
        self.ensure_one()
        if not intro:
            return self.discount
        percents = (Decimal(str(self.discount or 0.0)), Decimal(str(intro)))
        return float(amounts.discounts(*percents))

    def _get_taxes_and_price(self, price_unit, fiscal_position=None):
        """Return the taxes after the fiscal position and the price that fits them.

        :param fiscal_position: that of the subscription, where it is known already
        """
        self.ensure_one()
        company = self.subscription_id.company_id or self.env.company
        product = self.product_id.with_company(company)
        if fiscal_position is None:
            fiscal_position = self.subscription_id._get_fiscal_position()
        product_taxes = product.sudo().taxes_id._filter_taxes_by_company(company)
        taxes = fiscal_position.map_tax(product_taxes)
        price = product._get_tax_included_unit_price_from_price(
            price_unit,
            product_taxes=product_taxes,
            product_taxes_after_fp=taxes,
        )
        return taxes, price

    def _prepare_invoice_line_vals(
        self, period_label, share=1, price=None, intro=0.0, fiscal_position=None
    ):
        """Return the values of the invoice line of one period.

        :param str period_label: the service period in the customer's language
        :param share: the part of a whole period that is billed
        :param float price: a unit price instead of the line's (that of a trial)
        :param float intro: discount at the start, in percent
        :param fiscal_position: that of the invoice
        """
        self.ensure_one()
        is_own_price = price is not None
        taxes, price = self._get_taxes_and_price(
            price if is_own_price else self._get_part_price(share), fiscal_position
        )
        vals = {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": f"{self.name}\n{period_label}".strip(),
            "quantity": self.quantity,
            "price_unit": price,
            "discount": 0.0 if is_own_price else self._get_discount(intro),
            "tax_ids": [Command.set(taxes.ids)],
            "subscription_line_id": self.id,
        }
        if self.sale_order_line_id:
            vals["sale_line_ids"] = [Command.link(self.sale_order_line_id.id)]
        return vals
