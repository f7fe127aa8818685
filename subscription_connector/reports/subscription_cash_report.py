from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

WEEKS = 13


class SubscriptionCashReport(models.Model):
    """What is expected to come in over the coming thirteen weeks, and when.

    One row per invoice that is open and per period that will be billed. What is
    late stands in this week, under its own source, so that it can be left out. A
    paused subscription is expected to bring nothing. Periods count with the regular
    amount: trials, discounts and first parts of a period show when they are invoiced.
    Where an outside service bills, the money does not pass through Odoo.
    """

    _name = "subscription.cash.report"
    _description = "Expected Cash"
    _inherit = "subscription.summed.report"
    _auto = False
    _order = "date, id"
    _rec_name = "subscription_id"
    _summed_fields = frozenset(
        (
            "date",
            "source",
            "collection",
            "amount",
            "plan_id",
            "currency_id",
            "company_id",
        )
    )
    _depends = {  # noqa: RUF012
        "subscription.subscription": [
            "state",
            "collection",
            "date_anchor",
            "date_next",
            "date_end",
            "after_term",
            "date_cancel",
            "billing_time",
            "amount_total",
            "interval_count",
            "interval_unit",
            "plan_id",
        ],
        "subscription.period": ["move_id"],
        "subscription.charge": ["move_id", "state", "date_next_try"],
        "account.move": [
            "state",
            "payment_state",
            "amount_residual",
            "invoice_date_due",
        ],
    }

    date = fields.Date(readonly=True)
    source = fields.Selection(
        [
            ("planned", "To be billed"),
            ("open", "Invoiced"),
            ("late", "Late"),
        ],
        readonly=True,
    )
    collection = fields.Selection(
        selection=lambda self: (
            self.env["subscription.subscription"]
            ._fields["collection"]
            ._description_selection(self.env)
        ),
        string="Collected by",
        readonly=True,
    )
    amount = fields.Monetary(string="Expected", readonly=True)
    subscription_id = fields.Many2one("subscription.subscription", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        today = self.env.company._get_billing_day()
        return SQL(
            "%s UNION ALL %s",
            self._get_planned_query(today, today + relativedelta(weeks=WEEKS)),
            self._get_open_query(today),
        )

    def _get_planned_query(self, today, horizon):
        """Return the periods that will be billed, counted from the anchor day.

        The first is on ``date_next``; the others on the days after it that lie whole
        intervals from the anchor, counted in months or in days as the billing counts.
        """
        return SQL(
            """
            SELECT due.id::bigint * 10000 + step.n * 2 AS id,
                   GREATEST(step.day, %(today)s::date) AS date,
                   'planned' AS source,
                   due.collection,
                   due.amount,
                   due.number,
                   due.subscription_id,
                   due.partner_id,
                   due.plan_id,
                   NULL::int AS move_id,
                   due.currency_id,
                   due.company_id
              FROM (%(due)s OFFSET 0) due
        CROSS JOIN LATERAL (
                       SELECT 0 AS n, due.date_next AS day
                    UNION ALL
                       SELECT n + 1, due.anchor + due.days * (due.passed + n)
                         FROM generate_series(
                                  0,
                                  (%(horizon)s::date - due.date_next)
                                      / NULLIF(due.days, 0) + 1
                              ) n
                    UNION ALL
                       SELECT n + 1, (
                                  due.anchor
                                  + interval '1 month' * (due.months * (due.passed + n))
                              )::date
                         FROM generate_series(
                                  0,
                                  (%(horizon)s::date - due.date_next)
                                      / NULLIF(28 * due.months, 0) + 1
                              ) n
                   ) step
             WHERE step.day < LEAST(%(horizon)s::date, due.stop)
               AND (step.n = 0 OR step.day > due.date_next)
            """,
            today=today,
            horizon=horizon,
            due=self._get_due_query(horizon),
        )

    def _get_due_query(self, horizon):
        """Return what is billed before a day, with its steps and how many are past.

        Where sums are asked for, all that have the same dates are one row. The fence
        around this query (``OFFSET 0``) keeps the database from working the steps out
        anew for each period.
        """
        one, same = (
            SQL(
                "id, id AS subscription_id, partner_id, amount_total AS amount, "
                "1 AS number"
            ),
            SQL(),
        )
        if self._is_summed():
            one, same = (
                SQL(
                    "MIN(id) AS id, NULL::int AS subscription_id, "
                    "NULL::int AS partner_id, SUM(amount_total) AS amount, "
                    "COUNT(*)::int AS number"
                ),
                SQL("GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"),
            )
        return SQL(
            """
            SELECT due.*,
                   COALESCE(
                       (date_next - anchor) / NULLIF(days, 0),
                       (
                           (EXTRACT(YEAR FROM date_next) - EXTRACT(YEAR FROM anchor))
                               * 12
                           + EXTRACT(MONTH FROM date_next) - EXTRACT(MONTH FROM anchor)
                       )::int / NULLIF(months, 0)
                   ) AS passed
              FROM (
                       SELECT company_id, plan_id, currency_id, collection, date_next,
                              COALESCE(date_anchor, date_next) AS anchor,
                              CASE interval_unit WHEN 'day' THEN 1 WHEN 'week' THEN 7
                                                 ELSE 0
                              END * interval_count AS days,
                              CASE interval_unit WHEN 'month' THEN 1
                                                 WHEN 'quarter' THEN 3
                                                 WHEN 'year' THEN 12
                                                 ELSE 0
                              END * interval_count AS months,
                              COALESCE(
                                  LEAST(
                                      CASE WHEN after_term != 'renew' THEN date_end END,
                                      date_cancel
                                  ) + (billing_time = 'arrears')::int,
                                  'infinity'
                              ) AS stop,
                              %(one)s
                         FROM subscription_subscription
                        WHERE state IN ('active', 'planned')
                          AND date_next < %(horizon)s
                          AND interval_count > 0
                       %(same)s
                       OFFSET 0
                   ) due
            """,
            one=one,
            same=same,
            horizon=horizon,
        )

    def _get_open_query(self, today):
        """Return the invoices of subscriptions that are posted and not paid."""
        return SQL(
            """
            SELECT move.id::bigint * 2 + 1 AS id,
                   GREATEST(
                       COALESCE(charge.date_next_try, move.invoice_date_due), %(today)s
                   ) AS date,
                   CASE WHEN COALESCE(charge.date_next_try, move.invoice_date_due)
                             < %(today)s THEN 'late'
                        ELSE 'open'
                   END AS source,
                   subscription.collection,
                   move.amount_residual AS amount,
                   1 AS number,
                   subscription.id AS subscription_id,
                   subscription.partner_id,
                   subscription.plan_id,
                   move.id AS move_id,
                   move.currency_id,
                   move.company_id
              FROM account_move move
              JOIN (
                       SELECT move_id, MAX(subscription_id) AS subscription_id
                         FROM subscription_period
                        WHERE move_id IS NOT NULL
                     GROUP BY move_id
                   ) period ON period.move_id = move.id
         LEFT JOIN subscription_subscription subscription
                ON subscription.id = period.subscription_id
         LEFT JOIN subscription_charge charge
                ON charge.move_id = move.id AND charge.state IN ('waiting', 'retry')
             WHERE move.state = 'posted'
               AND move.move_type = 'out_invoice'
               AND move.payment_state IN ('not_paid', 'partial')
            """,
            today=today,
        )

    def action_open_record(self):
        """Open the subscription behind the row."""
        self.ensure_one()
        return self.subscription_id._get_records_action(name=self.env._("Subscription"))
