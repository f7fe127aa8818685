from odoo import fields, models

from ..const import THRESHOLD


class ResCompany(models.Model):
    _inherit = "res.company"

    matching_threshold = fields.Integer(
        "Book by itself from score",
        default=THRESHOLD,
        help="0 to 100. Two independent pieces of evidence are needed in any case.",
    )

    matching_support_email = fields.Char(
        "Problems go to", help="Who gets a problem that the office reports."
    )

    matching_lines_from = fields.Date(
        "Match bank lines from",
        help="Bank lines that another addon or staff made are matched from this day "
        "on. Empty: they are left alone.",
    )

    _matching_threshold_range = models.Constraint(
        "CHECK (matching_threshold BETWEEN 50 AND 101)",
        "The score is a number from 50 to 101 (101: never book without a person).",
    )
