from odoo import fields, models


class SubscriptionChangeWizardLine(models.TransientModel):
    _name = "subscription.change.wizard.line"
    _description = "Product in the Change of a Subscription"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "subscription.change.wizard", required=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    line_id = fields.Many2one("subscription.line", string="Present Line")
    product_id = fields.Many2one(
        "product.product", required=True, domain=[("sale_ok", "=", True)]
    )
    name = fields.Char(string="Description")
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(string="Price", min_display_digits="Product Price")
    discount = fields.Float(string="Discount (%)", digits="Discount")
