from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.subscription_history_mark import ENDS, STARTS


class SubscriptionCohortReport(models.Model):
    """How many of those who began in a month are still there, month by month.

    Age 0 is the month of the beginning itself. *Kept* are those that had not ended
    when that month was over; what is paused is kept.
    """

    _name = "subscription.cohort.report"
    _description = "Retention of Subscriptions"
    _auto = False
    _order = "cohort desc, age, plan_id"
    _rec_name = "cohort"
    _depends = {  # noqa: RUF012
        "subscription.event": ["kind", "date"],
        "subscription.subscription": ["plan_id", "currency_id"],
    }

    cohort = fields.Date(string="Began in", readonly=True)
    age = fields.Integer(string="Months Later", readonly=True, aggregator=None)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    begun = fields.Integer(readonly=True)
    kept = fields.Integer(readonly=True)
    retention = fields.Float(
        string="Kept (%)",
        readonly=True,
        aggregator="avg",
        help="Of those who began in the month, how many were there this many months "
        "later.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH life AS (%(lives)s),
            gone AS (
                SELECT company_id, plan_id, month AS cohort,
                       (EXTRACT(YEAR FROM month_end) - EXTRACT(YEAR FROM month))
                           * 12 + EXTRACT(MONTH FROM month_end)
                           - EXTRACT(MONTH FROM month) AS age,
                       SUM(number) AS size
                  FROM life
              GROUP BY company_id, plan_id, cohort, age
            ),
            cohort AS (
                SELECT company_id, plan_id, cohort, SUM(size) AS begun
                  FROM gone
              GROUP BY company_id, plan_id, cohort
            ),
            standing AS (
                SELECT cohort.company_id, cohort.plan_id, cohort.cohort, begun,
                       series.age,
                       begun - SUM(COALESCE(gone.size, 0)) OVER (
                           PARTITION BY cohort.company_id, cohort.plan_id,
                                        cohort.cohort
                               ORDER BY series.age
                       ) AS kept
                  FROM cohort
            CROSS JOIN LATERAL generate_series(
                           0,
                           (EXTRACT(YEAR FROM %(today)s::date)
                               - EXTRACT(YEAR FROM cohort.cohort))::int * 12
                           + (EXTRACT(MONTH FROM %(today)s::date)
                               - EXTRACT(MONTH FROM cohort.cohort))::int
                       ) series (age)
             LEFT JOIN gone
                    ON gone.company_id = cohort.company_id
                   AND gone.plan_id = cohort.plan_id
                   AND gone.cohort = cohort.cohort
                   AND gone.age = series.age
            )
            SELECT (plan_id::bigint * 10000
                       + EXTRACT(YEAR FROM cohort)::int * 12 - 24000
                       + EXTRACT(MONTH FROM cohort)::int) * 1000 + age AS id,
                   company_id, plan_id, cohort, age, begun::int, kept::int,
                   100.0 * kept / begun AS retention
              FROM standing
            """,
            lives=self.env["subscription.history.sum"]._get_lives_query(),
            today=self.env.company._get_billing_day(),
        )

    def _get_life_query(self, blocks=None):
        """Return a query of one row per subscription with its first and last day.

        :param blocks: those to read (`subscription.history.mark`), None for all
        """
        return SQL(
            """
            SELECT subscription.company_id, subscription.plan_id,
                   subscription.currency_id, span.date_start, span.date_end
              FROM (
                       SELECT subscription_id,
                              MIN(date) FILTER (WHERE kind IN %s) AS date_start,
                              MIN(date) FILTER (WHERE kind IN %s) AS date_end
                         FROM subscription_event
                        WHERE kind IN %s AND %s
                     GROUP BY subscription_id
                   ) span
              JOIN subscription_subscription subscription
                ON subscription.id = span.subscription_id
             WHERE span.date_start IS NOT NULL
            """,
            STARTS,
            ENDS,
            STARTS + ENDS,
            self.env["subscription.history.mark"]._get_condition(
                SQL("subscription_id"), blocks
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Override of `base` to weigh the share by the size of the cohorts."""
        if aggregate_spec != "retention:avg":
            return super()._read_group_select(aggregate_spec, query)
        kept, begun = (
            self._field_to_sql(self._table, name, query) for name in ("kept", "begun")
        )
        return SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", kept, begun)

    def _get_kept_domain(self, day):
        """Return the domain of what had begun and not ended on ``day``."""
        on_time = [("date", "<=", day)]
        return Domain("event_ids", "any", [("kind", "in", STARTS), *on_time]) & ~Domain(
            "event_ids", "any", [("kind", "in", ENDS), *on_time]
        )

    def _get_subscriptions_action(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        return action | {"domain": list(domain), "context": {}}

    def action_open_subscriptions(self):
        """Open those of the cohort who were kept until this age."""
        self.ensure_one()
        began = Domain(
            "event_ids",
            "any",
            [
                ("kind", "in", STARTS),
                ("date", ">=", self.cohort),
                ("date", "<", self.cohort + relativedelta(months=1)),
            ],
        )
        last_day = self.cohort + relativedelta(months=self.age + 1, days=-1)
        return self._get_subscriptions_action(
            Domain("plan_id", "=", self.plan_id.id)
            & began
            & self._get_kept_domain(last_day)
        )
