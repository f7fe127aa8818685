from odoo import fields, models
from odoo.tools import SQL


class SubscriptionFunnelReport(models.Model):
    """What became of charges: one row per charge and stage that it reached.

    *Asked* holds every charge that was tried; *failed* those that failed at least
    once, *tried again* those of them that got another try. Each failed charge ends
    as recovered, still trying, or given up.
    """

    _name = "subscription.funnel.report"
    _description = "Funnel of Failed Payments"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "charge_id"
    _depends = {  # noqa: RUF012
        "subscription.charge": ["state", "attempts", "failure_kind", "move_id"],
        "account.move": ["amount_total", "currency_id"],
        "subscription.subscription": ["plan_id"],
    }

    stage = fields.Selection(
        [
            ("1_asked", "Asked"),
            ("2_failed", "Failed"),
            ("3_again", "Tried again"),
            ("4_recovered", "Recovered"),
            ("5_trying", "Still trying"),
            ("6_lost", "Given up"),
        ],
        readonly=True,
    )
    charge_id = fields.Many2one("subscription.charge", readonly=True)
    date = fields.Date(string="Charged on", readonly=True)
    amount = fields.Monetary(readonly=True)
    attempts = fields.Integer(string="Failed Tries", readonly=True, aggregator="avg")
    failure_kind = fields.Selection(
        [
            ("soft", "Temporary"),
            ("hard", "The method does not work"),
            ("stop", "Forbidden to try again"),
        ],
        readonly=True,
    )
    subscription_id = fields.Many2one("subscription.subscription", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    plan_id = fields.Many2one("subscription.plan", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT charge.id * 10 + LEFT(stage.code, 1)::int AS id,
                   stage.code AS stage,
                   charge.id AS charge_id,
                   charge.create_date::date AS date,
                   move.amount_total AS amount,
                   charge.attempts,
                   charge.failure_kind,
                   charge.subscription_id,
                   charge.partner_id,
                   subscription.plan_id,
                   move.currency_id,
                   charge.company_id
              FROM subscription_charge charge
              JOIN account_move move ON move.id = charge.move_id
              JOIN subscription_subscription subscription
                ON subscription.id = charge.subscription_id
        CROSS JOIN LATERAL (
                       VALUES
                       ('1_asked', charge.attempts > 0 OR charge.state != 'waiting'),
                       ('2_failed', charge.attempts > 0),
                       ('3_again', charge.attempts > 1
                           OR (charge.attempts = 1 AND charge.state IN (
                                   'done', 'running', 'pending', 'unknown'))),
                       ('4_recovered', charge.attempts > 0 AND charge.state = 'done'),
                       ('5_trying', charge.attempts > 0 AND charge.state IN (
                           'waiting', 'retry', 'running', 'pending', 'unknown')),
                       ('6_lost', charge.attempts > 0 AND charge.state = 'stopped')
                   ) stage (code, is_reached)
             WHERE stage.is_reached
            """
        )

    def action_open_record(self):
        """Open the charge behind the row."""
        self.ensure_one()
        return self.charge_id._get_records_action(name=self.env._("Charge"))
