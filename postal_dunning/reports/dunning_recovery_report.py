from odoo import fields, models
from odoo.tools import SQL


class DunningRecoveryReport(models.Model):
    """What each message brought in, and what it cost.

    A payment is counted for the last message that left before it came; the price of a
    letter is spread over the items of the letter.
    """

    _name = "dunning.recovery.report"
    _description = "Recovered by Step and Channel"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "message_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    message_id = fields.Many2one("dunning.message", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    step_id = fields.Many2one("dunning.step", readonly=True)
    channel = fields.Selection(selection="_selection_channel", readonly=True)
    date = fields.Date(readonly=True)
    amount_asked = fields.Monetary(string="Asked", readonly=True)
    amount_recovered = fields.Monetary(string="Recovered", readonly=True)
    amount_cost = fields.Monetary(string="Cost", readonly=True)
    amount_net = fields.Monetary(string="Recovered Less Cost", readonly=True)

    def _selection_channel(self):
        """The channels of messages, in the language of the reader."""
        channel = self.env["dunning.message"]._fields["channel"]
        return channel._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH said AS (
                SELECT line.id,
                       line.message_id,
                       line.move_line_id,
                       line.amount_open,
                       message.company_id,
                       message.step_id,
                       message.channel,
                       message.date_sent::date AS date,
                       dunning_case.partner_id,
                       LEAD(message.date_sent::date) OVER (
                           PARTITION BY line.move_line_id
                               ORDER BY message.date_sent, message.id
                       ) AS date_next,
                       COALESCE(letter.price, 0)
                           / COUNT(*) OVER (PARTITION BY line.message_id) AS cost
                  FROM dunning_message_line line
                  JOIN dunning_message message ON message.id = line.message_id
                  JOIN dunning_case ON dunning_case.id = message.case_id
             LEFT JOIN snailmail_letter letter ON letter.id = message.letter_id
                 WHERE message.state = 'sent'
                   AND message.date_sent IS NOT NULL
                   AND line.is_void IS NOT TRUE
            )
            SELECT said.id,
                   said.message_id,
                   said.company_id,
                   said.step_id,
                   said.channel,
                   said.date,
                   said.partner_id,
                   said.amount_open AS amount_asked,
                   came.amount AS amount_recovered,
                   said.cost AS amount_cost,
                   came.amount - said.cost AS amount_net
              FROM said
        CROSS JOIN LATERAL (
                       SELECT COALESCE(SUM(partial.amount), 0) AS amount
                         FROM account_partial_reconcile partial
                        WHERE partial.debit_move_id = said.move_line_id
                          AND partial.max_date >= said.date
                          AND (said.date_next IS NULL
                               OR partial.max_date < said.date_next)
                   ) came
            """
        )
