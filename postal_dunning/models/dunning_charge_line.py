from odoo import fields, models


class DunningChargeLine(models.Model):
    """One item over which costs or interest were asked."""

    _name = "dunning.charge.line"
    _description = "Item of Costs and Interest"
    _order = "charge_id, id"

    charge_id = fields.Many2one(
        "dunning.charge", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="charge_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        required=True,
        ondelete="restrict",
        index=True,
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Invoice")
    amount = fields.Monetary(help="Part of this item; 0 when it is one sum for all.")
