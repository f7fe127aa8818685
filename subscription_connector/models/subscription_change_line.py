from odoo import api, fields, models


class SubscriptionChangeLine(models.Model):
    _name = "subscription.change.line"
    _description = "Product after a Change"
    _order = "change_id, sequence, id"

    change_id = fields.Many2one(
        "subscription.change", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True)
    currency_id = fields.Many2one(related="change_id.currency_id")
    sequence = fields.Integer(default=10)
    line_id = fields.Many2one(
        "subscription.line",
        string="Present Line",
        ondelete="set null",
        help="The line that is kept with other values; empty: a new one.",
    )
    product_id = fields.Many2one("product.product", ondelete="restrict")
    name = fields.Char(string="Description", required=True)
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(string="Price", min_display_digits="Product Price")
    discount = fields.Float(string="Discount (%)", digits="Discount")

    @api.model
    def _prepare_subscription_line_vals(self, row):
        """Return what a subscription line takes from ``row``."""
        return {
            "sequence": row["sequence"],
            "product_id": row["product_id"],
            "name": row["name"],
            "quantity": row["quantity"],
            "price_unit": row["price_unit"],
            "discount": row["discount"],
        }
