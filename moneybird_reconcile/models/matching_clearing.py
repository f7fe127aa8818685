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

    _method_uniq = models.Constraint(
        "UNIQUE (connection_id, method)", "This method has a clearing account already."
    )
