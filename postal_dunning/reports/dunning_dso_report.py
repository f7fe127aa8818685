from odoo import fields, models
from odoo.tools import SQL

#: months shown, the running one included
MONTHS = 13


class DunningDsoReport(models.Model):
    """Days sales outstanding, month by month.

    Open items of customers at the end of a month, divided by what was invoiced in the
    three months to it, times the days of these months.
    """

    _name = "dunning.dso.report"
    _description = "Days Sales Outstanding"
    _auto = False
    _order = "date desc, id"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(string="Month", readonly=True)
    amount_open = fields.Monetary(
        string="Open at the End", readonly=True, aggregator="max"
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced in Three Months", readonly=True, aggregator="max"
    )
    days = fields.Float(string="Days Outstanding", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH months AS (
                SELECT company.id AS company_id, month::date AS first
                  FROM res_company company
            CROSS JOIN generate_series(
                           date_trunc('month', %(today)s::date)
                               - (%(months)s + 2) * interval '1 month',
                           date_trunc('month', %(today)s::date),
                           interval '1 month'
                       ) month
            ),
            moved AS (
                SELECT line.company_id,
                       GREATEST(
                           date_trunc('month', line.date)::date,
                           (SELECT min(first) FROM months)
                       ) AS first,
                       SUM(line.balance) AS balance,
                       SUM(line.balance) FILTER (
                           WHERE move.move_type IN ('out_invoice', 'out_refund')
                       ) AS invoiced
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.date <= %(today)s
              GROUP BY 1, 2
            ),
            summed AS (
                SELECT months.company_id,
                       months.first,
                       SUM(COALESCE(moved.balance, 0)) OVER so_far AS open,
                       SUM(COALESCE(moved.invoiced, 0)) OVER quarter AS invoiced,
                       ROW_NUMBER() OVER so_far AS number
                  FROM months
             LEFT JOIN moved USING (company_id, first)
                WINDOW so_far AS (PARTITION BY months.company_id ORDER BY months.first),
                       quarter AS (PARTITION BY months.company_id ORDER BY months.first
                                   ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
            )
            SELECT company_id * 1000 + number AS id,
                   company_id,
                   first AS date,
                   open AS amount_open,
                   invoiced AS amount_invoiced,
                   GREATEST(open, 0) / invoiced * (
                       LEAST((first + interval '1 month')::date, %(today)s::date + 1)
                       - (first - interval '2 months')::date
                   ) AS days
              FROM summed
             -- Without an invoice in three months there is nothing to divide by.
             WHERE number > 2 AND invoiced > 0
            """,
            today=fields.Date.context_today(self),
            months=MONTHS - 1,
        )
