from odoo import fields, models


class AccountJournal(models.Model):
    """Where differences of the payments on one bank account go."""

    _inherit = "account.journal"

    matching_fee_account_id = fields.Many2one(
        "account.account",
        "Account of fees withheld",
        check_company=True,
        help="Where a fee goes that was taken off a payment before it reached this "
        "account. Empty: nothing is proposed for it.",
    )
    matching_difference_account_id = fields.Many2one(
        "account.account",
        "Account of currency differences",
        check_company=True,
        help="Where the difference goes when a payment in one currency pays an item in "
        "another. Empty: the accounts for exchange gain and loss of the company.",
    )
