from odoo import fields, models
from odoo.tools import SQL


class DunningAgeingReport(models.Model):
    """Open items of customers by how long they are overdue, for graphs."""

    _name = "dunning.ageing.report"
    _description = "Ageing of Open Items"
    _auto = False
    _order = "date_due, id"
    _rec_name = "move_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    date_due = fields.Date(readonly=True)
    amount = fields.Monetary(string="Open", readonly=True)
    age = fields.Selection(
        [
            ("0", "Not due"),
            ("1", "1–30 days"),
            ("2", "31–60 days"),
            ("3", "61–90 days"),
            ("4", "Over 90 days"),
        ],
        string="Overdue",
        readonly=True,
    )

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT line.id,
                   line.company_id,
                   partner.commercial_partner_id AS partner_id,
                   line.move_id,
                   COALESCE(line.date_maturity, line.date) AS date_due,
                   line.amount_residual AS amount,
                   CASE WHEN age.days <= 0 THEN '0'
                        WHEN age.days <= 30 THEN '1'
                        WHEN age.days <= 60 THEN '2'
                        WHEN age.days <= 90 THEN '3'
                        ELSE '4'
                   END AS age
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
        CROSS JOIN LATERAL (
                       SELECT %s::date - COALESCE(line.date_maturity, line.date) AS days
                   ) age
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
               AND line.amount_residual > 0
            """,
            today,
        )
