from odoo import api, fields, models


class SubscriptionSubscription(models.Model):
    """Where it was sold: prices, books, team and address of what follows later."""

    _inherit = "subscription.subscription"

    pricelist_id = fields.Many2one(
        "product.pricelist",
        compute="_compute_pricelist_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        tracking=True,
        help="Its percentages and formulas apply to the plan's own prices.",
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", check_company=True, ondelete="set null"
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Invoicing Journal",
        check_company=True,
        domain=[("type", "=", "sale")],
        help="Empty: the journal that Odoo chooses for a customer invoice.",
    )
    partner_shipping_id = fields.Many2one(
        "res.partner",
        string="Delivery Address",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the delivery address that the customer has on the day.",
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        ondelete="set null",
        help="How the goods of each period travel. What it costs each period is a "
        "product of the plan.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_pricelist_id(self):
        """Take the customer's pricelist, until something was promised."""
        for subscription in self:
            if subscription.state != "draft":
                continue
            partner = subscription.partner_id.with_company(subscription.company_id)
            subscription.pricelist_id = partner.property_product_pricelist

    @api.depends("plan_id", "pricelist_id")
    def _compute_currency_id(self):
        """Bill in the currency of the customer's pricelist, else in the plan's."""
        for subscription in self:
            if subscription.currency_id and subscription.state != "draft":
                continue
            subscription.currency_id = (
                subscription.pricelist_id.currency_id
                or subscription.plan_id.currency_id
            )

    @api.onchange("pricelist_id")
    def _onchange_pricelist_id(self):
        """Price the lines of a new subscription anew, for another customer."""
        if self.state == "draft":
            self._reprice_lines()

    def _reprice_lines(self):
        """Take the plan's prices under the subscription's pricelist and currency."""
        self.ensure_one()
        date = self._get_today()
        for line in self.line_ids:
            plan_line = self.plan_id.line_ids.filtered(
                lambda plan_line, line=line: plan_line.product_id == line.product_id
            )[:1]
            if plan_line:
                line.price_unit = plan_line._get_price(
                    self.currency_id, date, self.pricelist_id, line.quantity
                )

    def _get_shipping_address(self):
        """Return where the goods of a period go; without goods, the customer."""
        self.ensure_one()
        if self.partner_shipping_id or not self.is_shipped:
            return self.partner_shipping_id or self.partner_id
        address = self.partner_id.address_get(["delivery"])["delivery"]
        return self.partner_id.browse(address)

    def _prepare_invoice_sale_vals(self):
        """Return what the invoice of a period takes from the sale."""
        self.ensure_one()
        values = {}
        if self.team_id:
            values["team_id"] = self.team_id.id
        if self.journal_id:
            values["journal_id"] = self.journal_id.id
        return values
