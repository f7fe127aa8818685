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


class SubscriptionMovementReport(models.Model):
    """Every change of the recurring revenue, one row per event of the history.

    The sum of ``amount`` up to a day is the recurring revenue of that day, per
    month and without tax. *Back* is what was resumed, and what was begun by a
    customer of whom a subscription had ended before. Rows carry the plan that the
    subscription has today, so that a change of plan leaves the sums per plan right.
    """

    _name = "subscription.movement.report"
    _description = "Movements of Recurring Revenue"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "subscription_id"
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
              JOIN subscription_subscription subscription
                ON subscription.id = event.subscription_id
         LEFT JOIN (
                       SELECT company_id, partner_id, MIN(date) AS date_end
                         FROM subscription_event
                        WHERE kind IN ('cancelled', 'expired')
                     GROUP BY company_id, partner_id
                   ) former
                ON former.partner_id = event.partner_id
               AND former.company_id = event.company_id
             WHERE event.mrr_change != 0
            """
        )

    def action_open_record(self):
        """Open the subscription behind the row."""
        self.ensure_one()
        return self.subscription_id._get_records_action(name=self.env._("Subscription"))
