from odoo import fields, models


class MatchingClearing(models.Model):
    """Where the money of one payment method of a service waits until it is paid out.

    This is the posting scheme of a source: a receipt that is booked in Odoo is one line
    on ``journal_id``, one booked at Moneybird goes against ``ledger_account_id``.
    """

    _name = "matching.clearing"
    _description = "Clearing account of a payment method"
    _order = "connection_id, method desc, id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "service.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, precompute=True
    )
    method = fields.Char(help="As the service calls it, e.g. ideal. Empty: all others.")
    journal_id = fields.Many2one(
        "account.journal",
        "Clearing journal",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        check_company=True,
    )
    account_id = fields.Many2one(related="journal_id.default_account_id")
    ledger_account_id = fields.Many2one(
        "matching.ledger.account",
        "Account at Moneybird",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
    )
    fee_account_id = fields.Many2one(
        "account.account",
        "Fees withheld",
        check_company=True,
        help="Where a fee goes that was taken off before the money came. Empty: the "
        "account of fees of the connection.",
    )
    fee_ledger_account_id = fields.Many2one(
        "matching.ledger.account",
        "Fees withheld, at Moneybird",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
    )
    difference_account_id = fields.Many2one(
        "account.account",
        "Currency differences",
        check_company=True,
        help="Empty: the accounts for exchange gain and loss of the company.",
    )

    _method_uniq = models.Constraint(
        "UNIQUE (connection_id, method)", "This method has a clearing account already."
    )
