from odoo import fields, models


class DunningMessageLine(models.Model):
    """One open item inside a message, with what was open on that day.

    The database forbids that an item gets the same step twice (invariant I15): a
    message that never left gives its items free again. An item that had the step
    before is listed again in a message that is about a younger one.
    """

    _name = "dunning.message.line"
    _description = "Item of a Collection Message"
    _order = "message_id, date_due, id"

    message_id = fields.Many2one(
        "dunning.message", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="message_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        required=True,
        ondelete="restrict",
        index=True,
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Invoice")
    step_id = fields.Many2one("dunning.step", required=True, ondelete="restrict")
    level = fields.Integer(required=True, help="Rank of the step on that day.")
    date_due = fields.Date(required=True)
    amount_total = fields.Monetary(string="Invoice Amount")
    amount_open = fields.Monetary(string="Open", required=True)
    is_again = fields.Boolean(
        help="Listed because it is open; this step is about the other items."
    )
    is_void = fields.Boolean(help="The message did not arrive.")

    _step_once = models.UniqueIndex(
        "(move_line_id, step_id) WHERE is_void IS NOT TRUE AND is_again IS NOT TRUE",
        "This item already had this step.",
    )
