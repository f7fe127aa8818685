from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

MOVEMENTS = [
    ("imported", "Brought over"),
    ("new", "New"),
    ("back", "Back"),
    ("more", "More"),
    ("less", "Less"),
    ("paused", "Paused"),
    ("lost", "Lost"),
]

#: Parts of time that months add up to.
MONTHS_OR_MORE = (
    "month",
    "quarter",
    "year",
    "month_number",
    "quarter_number",
    "year_number",
)


class SubscriptionMovementReport(models.Model):
    """Every change of the recurring revenue, one row per event of the history.

    The sum of ``amount`` up to a day is the recurring revenue of that day, per
    month and without tax. *Back* is what was resumed, and what was begun by a
    customer of whom a subscription had ended before. Rows carry the plan that the
    subscription has today, so that a change of plan leaves the sums per plan right.
    """

    _name = "subscription.movement.report"
    _description = "Movements of Recurring Revenue"
    _inherit = "subscription.summed.report"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "subscription_id"
    _summed_fields = frozenset(
        ("date", "movement", "amount", "plan_id", "currency_id", "company_id")
    )
    _depends = {  # noqa: RUF012
        "subscription.event": ["kind", "date", "mrr_before", "mrr_after", "mrr_change"],
        "subscription.subscription": ["plan_id"],
    }

    date = fields.Date(readonly=True)
    movement = fields.Selection(MOVEMENTS, readonly=True)
    amount = fields.Monetary(string="Per Month", readonly=True)
    subscription_id = fields.Many2one("subscription.subscription", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    reason_id = fields.Many2one("subscription.close.reason", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        if not self._is_summed():
            return self._get_event_query()
        return SQL(
            """
            SELECT row_number() OVER () AS id, month AS date, movement, amount, number,
                   plan_id, currency_id, company_id
              FROM (%s) movement
            """,
            self.env["subscription.history.sum"]._get_movements_query(),
        )

    def _is_condition_summed(self, condition):
        """Override to take days only where a month begins or ends."""
        if condition.field_expr != "date":
            return super()._is_condition_summed(condition)
        after = {">=": 0, "<": 0, ">": 1, "<=": 1}.get(condition.operator)
        try:
            day = fields.Date.to_date(condition.value)
        except (TypeError, ValueError):  # a set of days, or words such as "today"
            return False
        return after is not None and day and (day + timedelta(days=after)).day == 1

    def _is_group_summed(self, name, colon, granularity):
        """Override to take no smaller part of the year than the month."""
        return super()._is_group_summed(name, colon, granularity) and (
            name != "date" or granularity in MONTHS_OR_MORE
        )

    def _get_event_query(self, blocks=None):
        """Return a query of the events that changed the recurring revenue.

        What is joined is left out by the database where nobody asks for it.

        :param blocks: those to read (`subscription.history.mark`), None for all
        """
        return SQL(
            """
            SELECT event.id,
                   event.date,
                   CASE WHEN event.kind IN ('cancelled', 'expired') THEN 'lost'
                        WHEN event.kind IN ('imported', 'paused') THEN event.kind
                        WHEN event.kind = 'resumed' THEN 'back'
                        WHEN event.kind = 'started' AND former.date_end < event.date
                        THEN 'back'
                        WHEN event.kind = 'started' THEN 'new'
                        WHEN event.mrr_change > 0 THEN 'more'
                        ELSE 'less'
                   END AS movement,
                   event.mrr_change AS amount,
                   event.subscription_id,
                   event.partner_id,
                   subscription.plan_id,
                   event.reason_id,
                   event.currency_id,
                   event.company_id
              FROM subscription_event event
         LEFT JOIN subscription_subscription subscription
                ON subscription.id = event.subscription_id
         LEFT JOIN (
                       SELECT company_id, partner_id, MIN(date) AS date_end
                         FROM subscription_event
                        WHERE kind IN ('cancelled', 'expired')
                     GROUP BY company_id, partner_id
                   ) former
                ON former.partner_id = event.partner_id
               AND former.company_id = event.company_id
             WHERE event.mrr_change != 0 AND %s
            """,
            self.env["subscription.history.mark"]._get_condition(
                SQL("event.subscription_id"), blocks
            ),
        )

    def action_open_record(self):
        """Open the subscription behind the row."""
        self.ensure_one()
        return self.subscription_id._get_records_action(name=self.env._("Subscription"))
