from odoo import fields, models


class LetterCheckLine(models.TransientModel):
    """One document, or one page of it that does not fit."""

    _name = "letter.check.line"
    _description = "Checked Document"
    _order = "is_ok, id"

    check_id = fields.Many2one("letter.check", required=True, ondelete="cascade")
    name = fields.Char(string="Document", required=True)
    page = fields.Integer()
    is_ok = fields.Boolean(string="Fits")
    note = fields.Text(string="What to Change")
    picture = fields.Image(max_width=0, max_height=0)
