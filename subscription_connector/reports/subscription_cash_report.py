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
    _auto = False
    _order = "date, id"
    _rec_name = "subscription_id"
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

        The first is ``date_next``; the number of intervals up to it is counted in
        months or in days, as the billing itself counts.
        """
        return SQL(
            """
            SELECT subscription.id::bigint * 1000 + series.n * 2 AS id,
                   GREATEST(due.day, %(today)s::date) AS date,
                   'planned' AS source,
                   subscription.collection,
                   subscription.amount_total AS amount,
                   subscription.id AS subscription_id,
                   subscription.partner_id,
                   subscription.plan_id,
                   NULL::int AS move_id,
                   subscription.currency_id,
                   subscription.company_id
              FROM subscription_subscription subscription
        CROSS JOIN LATERAL (
                       SELECT CASE subscription.interval_unit
                                   WHEN 'day' THEN interval '1 day'
                                   WHEN 'week' THEN interval '7 days'
                                   WHEN 'month' THEN interval '1 month'
                                   WHEN 'quarter' THEN interval '3 months'
                                   ELSE interval '12 months'
                              END * subscription.interval_count AS length,
                              COALESCE(
                                  subscription.date_anchor, subscription.date_next
                              ) AS anchor
                   ) step
        CROSS JOIN LATERAL (
                       SELECT CASE WHEN subscription.interval_unit IN ('day', 'week')
                                   THEN (subscription.date_next - step.anchor)
                                        / EXTRACT(DAY FROM step.length)::int
                                   ELSE (
                                        (EXTRACT(YEAR FROM subscription.date_next)
                                            - EXTRACT(YEAR FROM step.anchor)) * 12
                                        + EXTRACT(MONTH FROM subscription.date_next)
                                            - EXTRACT(MONTH FROM step.anchor)
                                        )::int / (
                                            EXTRACT(YEAR FROM step.length) * 12
                                            + EXTRACT(MONTH FROM step.length)
                                        )::int
                              END AS n
                   ) estimate
        CROSS JOIN LATERAL (
                       SELECT CASE WHEN step.anchor + step.length * estimate.n
                                        > subscription.date_next
                                   THEN estimate.n - 1
                                   ELSE estimate.n
                              END AS n
                   ) first
        CROSS JOIN LATERAL generate_series(
                       0, CASE subscription.interval_unit
                               WHEN 'day' THEN 91 WHEN 'week' THEN 13 ELSE 3
                          END
                   ) series (n)
        CROSS JOIN LATERAL (
                       SELECT CASE WHEN series.n = 0 THEN subscription.date_next
                              ELSE (step.anchor + step.length * (first.n + series.n))
                                   ::date
                              END AS day
                   ) due
             WHERE subscription.state IN ('active', 'planned')
               AND subscription.date_next IS NOT NULL
               AND subscription.interval_count > 0
               AND due.day < %(horizon)s
               AND due.day < COALESCE(
                       LEAST(
                           CASE WHEN subscription.after_term != 'renew'
                                THEN subscription.date_end END,
                           subscription.date_cancel
                       )
                           + (subscription.billing_time = 'arrears')::int,
                       'infinity'
                   )
            """,
            today=today,
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
              JOIN subscription_subscription subscription
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
