from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Standings at the end of a month: over several months they are averaged, because
#: their sum means nothing.
STANDINGS = ("mrr", "arr", "subscribers")

#: Shares as (what is counted, of what): over several rows both are summed first.
SHARES = {
    "churn": ("ended", "subscribers_before"),
    "revenue_churn": ("revenue_lost", "mrr_before"),
}


class SubscriptionMonthReport(models.Model):
    """Recurring revenue, subscribers and churn per month and plan.

    Read from the history alone: a month ends with what it began with plus its
    movements. Amounts are per month, without tax, in the subscription's currency.
    Churn is what ended in a month as a share of what was there when it began; what
    is paused has not ended.
    """

    _name = "subscription.month.report"
    _description = "Recurring Revenue per Month"
    _auto = False
    _order = "month desc, plan_id"
    _rec_name = "month"
    _depends = {  # noqa: RUF012
        "subscription.event": ["kind", "date", "mrr_before", "mrr_after", "mrr_change"],
        "subscription.subscription": ["plan_id", "currency_id"],
    }

    month = fields.Date(readonly=True)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    mrr_before = fields.Monetary(string="At the Beginning", readonly=True)
    imported = fields.Monetary(string="Brought Over", readonly=True)
    new = fields.Monetary(readonly=True)
    back = fields.Monetary(readonly=True)
    more = fields.Monetary(readonly=True)
    less = fields.Monetary(readonly=True)
    paused = fields.Monetary(readonly=True)
    lost = fields.Monetary(readonly=True)
    revenue_lost = fields.Monetary(string="Lost and Less", readonly=True)
    mrr = fields.Monetary(
        string="MRR",
        readonly=True,
        help="Recurring revenue per month at the end of the month, without tax. "
        "Over several months: the average.",
    )
    arr = fields.Monetary(
        string="ARR", readonly=True, help="Twelve times the recurring revenue."
    )
    subscribers_before = fields.Integer(
        string="Subscriptions at the Beginning", readonly=True
    )
    started = fields.Integer(readonly=True)
    ended = fields.Integer(readonly=True)
    subscribers = fields.Integer(
        string="Subscriptions",
        readonly=True,
        help="Running or paused at the end of the month. Over several months: the "
        "average.",
    )
    churn = fields.Float(
        string="Churn (%)",
        readonly=True,
        aggregator="avg",
        help="Subscriptions that ended, of those there were at the beginning.",
    )
    revenue_churn = fields.Float(
        string="Revenue Churn (%)",
        readonly=True,
        aggregator="avg",
        help="Revenue that was lost or became less, of that at the beginning.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH movement AS (
                SELECT company_id, plan_id, currency_id, month,
                       %(sums)s, SUM(amount) AS net
                  FROM (%(movements)s) rows
              GROUP BY company_id, plan_id, currency_id, month
            ),
            life AS (%(lives)s),
            count AS (
                SELECT company_id, plan_id, currency_id, month,
                       SUM(started) AS started, SUM(ended) AS ended
                  FROM (
                           SELECT company_id, plan_id, currency_id, month,
                                  number AS started, 0 AS ended
                             FROM life
                        UNION ALL
                           SELECT company_id, plan_id, currency_id, month_end,
                                  0 AS started, number AS ended
                             FROM life
                            WHERE month_end IS NOT NULL
                       ) both_ways
              GROUP BY company_id, plan_id, currency_id, month
            ),
            begin AS (
                SELECT company_id, plan_id, currency_id, MIN(month) AS first
                  FROM count
              GROUP BY company_id, plan_id, currency_id
            ),
            standing AS (
                SELECT begin.company_id, begin.plan_id, begin.currency_id,
                       series.month,
                       %(columns)s,
                       COALESCE(started, 0)::int AS started,
                       COALESCE(ended, 0)::int AS ended,
                       SUM(COALESCE(net, 0)) OVER until_now AS mrr,
                       SUM(COALESCE(net, 0)) OVER until_now - COALESCE(net, 0)
                           AS mrr_before,
                       (SUM(COALESCE(started, 0) - COALESCE(ended, 0))
                           OVER until_now)::int AS subscribers
                  FROM begin
            CROSS JOIN LATERAL (
                           SELECT day::date AS month
                             FROM generate_series(
                                      begin.first, %(today)s::date, interval '1 month'
                                  ) day
                       ) series
             LEFT JOIN movement USING (company_id, plan_id, currency_id, month)
             LEFT JOIN count USING (company_id, plan_id, currency_id, month)
                WINDOW until_now AS (
                           PARTITION BY begin.company_id, begin.plan_id,
                                        begin.currency_id
                               ORDER BY series.month
                       )
            )
            SELECT (currency_id::bigint * 1000000 + plan_id) * 10000
                       + EXTRACT(YEAR FROM month)::int * 12 - 24000
                       + EXTRACT(MONTH FROM month)::int AS id,
                   company_id, plan_id, currency_id, month,
                   imported, "new", back, more, less, paused, lost,
                   -less - lost AS revenue_lost,
                   mrr_before, mrr, mrr * 12 AS arr,
                   subscribers - started + ended AS subscribers_before,
                   started, ended, subscribers,
                   100.0 * ended / NULLIF(subscribers - started + ended, 0) AS churn,
                   100.0 * (-less - lost) / NULLIF(mrr_before, 0) AS revenue_churn
              FROM standing
            """,
            movements=self.env["subscription.history.sum"]._get_movements_query(),
            lives=self.env["subscription.history.sum"]._get_lives_query(),
            sums=SQL(", ").join(self._get_movement_sums()),
            columns=SQL(", ").join(
                SQL("COALESCE(%(name)s, 0) AS %(name)s", name=SQL.identifier(code))
                for code in self._get_movement_codes()
            ),
            today=self.env.company._get_billing_day(),
        )

    def _get_movement_codes(self):
        field = self.env["subscription.movement.report"]._fields["movement"]
        return field.get_values(self.env)

    def _get_movement_sums(self):
        return [
            SQL(
                "COALESCE(SUM(amount) FILTER (WHERE movement = %s), 0) AS %s",
                code,
                SQL.identifier(code),
            )
            for code in self._get_movement_codes()
        ]

    def _read_group_select(self, aggregate_spec, query):
        """Override of `base` to average standings and to weigh shares.

        A column of a pivot for one month shows that month; a total over months
        shows the average standing, never a sum that no month had.
        """
        name, _colon, function = aggregate_spec.partition(":")
        if name in SHARES and function == "avg":
            part, whole = (
                self._field_to_sql(self._table, column, query)
                for column in SHARES[name]
            )
            return SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", part, whole)
        select = super()._read_group_select(aggregate_spec, query)
        if name in STANDINGS and function in ("sum", "sum_currency"):
            month = self._field_to_sql(self._table, "month", query)
            return SQL("1.0 * (%s) / NULLIF(COUNT(DISTINCT %s), 0)", select, month)
        return select

    def _get_month_end(self):
        self.ensure_one()
        return self.month + relativedelta(months=1, days=-1)

    def action_open_subscriptions(self):
        """Open the subscriptions that were there at the end of the month."""
        self.ensure_one()
        report = self.env["subscription.cohort.report"]
        domain = Domain("plan_id", "=", self.plan_id.id) & report._get_kept_domain(
            self._get_month_end()
        )
        return report._get_subscriptions_action(domain)

    def action_open_movements(self):
        """Open the events that made the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_movement_report_action"
        )
        return action | {
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("plan_id", "=", self.plan_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("date", ">=", self.month),
                ("date", "<=", self._get_month_end()),
            ],
            "context": {},
        }
