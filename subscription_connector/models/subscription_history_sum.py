from odoo import api, fields, models
from odoo.tools import SQL

#: The kind of a row that counts lives; the other kinds are movements.
LIFE = "life"


class SubscriptionHistorySum(models.Model):
    """What the history of a block of subscriptions adds up to, month by month.

    A row is either a movement of recurring revenue (its ``month``, its ``amount``, the
    ``number`` of events) or a number of lives (begun in ``month``, ended in
    ``month_end``). Figures add the rows of all blocks; a block with a mark
    (`subscription.history.mark`) is read from its events instead, in the same
    statement. So figures are those of the history at every moment, whether or not
    anything was added up.
    """

    _name = "subscription.history.sum"
    _description = "Sum of a Part of the History"
    _log_access = False
    _rec_name = "kind"

    block = fields.Integer(required=True, index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    plan_id = fields.Many2one("subscription.plan", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="cascade")
    kind = fields.Char(required=True)
    month = fields.Date(required=True)
    month_end = fields.Date()
    amount = fields.Monetary()
    number = fields.Integer(required=True)

    # === QUERIES === #

    @api.model
    def _get_movements_query(self):
        """Return rows ``company_id, plan_id, currency_id, month, movement, amount``
        and ``number``; a key may come in several rows."""
        return self._get_query(
            SQL("kind AS movement, amount, number"),
            SQL("kind != %s", LIFE),
            self._get_movements_of,
        )

    @api.model
    def _get_lives_query(self):
        """Return rows ``company_id, plan_id, currency_id, month, month_end, number``;
        a key may come in several rows."""
        return self._get_query(
            SQL("month_end, number"), SQL("kind = %s", LIFE), self._get_lives_of
        )

    def _get_query(self, columns, condition, get_live):
        blocks = self.env["subscription.history.mark"]._get_blocks()
        summed = SQL(
            "SELECT company_id, plan_id, currency_id, month, %s "
            "FROM subscription_history_sum WHERE %s",
            columns,
            condition,
        )
        if not blocks:
            return summed
        return SQL(
            "%s AND block NOT IN %s UNION ALL %s",
            summed,
            tuple(blocks),
            get_live(blocks),
        )

    @api.model
    def _get_movements_of(self, blocks=None):
        """Return the movements per month, read from the events.

        :param blocks: those to read, None for the whole history
        """
        return SQL(
            """
            SELECT company_id, plan_id, currency_id,
                   date_trunc('month', date::timestamp)::date AS month,
                   movement, SUM(amount) AS amount, COUNT(*)::int AS number
              FROM (%s) event
          GROUP BY 1, 2, 3, 4, 5
            """,
            self.env["subscription.movement.report"]._get_event_query(blocks),
        )

    @api.model
    def _get_lives_of(self, blocks=None):
        """Return the lives per month of begin and end, read from the events."""
        return SQL(
            """
            SELECT company_id, plan_id, currency_id,
                   date_trunc('month', date_start::timestamp)::date AS month,
                   date_trunc('month', date_end::timestamp)::date AS month_end,
                   COUNT(*)::int AS number
              FROM (%s) life
          GROUP BY 1, 2, 3, 4, 5
            """,
            self.env["subscription.cohort.report"]._get_life_query(blocks),
        )

    # === ADDING UP === #

    @api.model
    def _cron_add_up(self):
        """Cron: add up the blocks in which something changed, one by one."""
        cron = self.env["ir.cron"]
        blocks = self.env["subscription.history.mark"]._get_blocks()
        cron._commit_progress(remaining=len(blocks))
        for block in blocks:
            self._add_up(block)
            if not cron._commit_progress(1):
                return

    @api.model
    def _add_up(self, block):
        """Bring the sums of a block in line with its history.

        What another transaction changes meanwhile leaves a mark that is not seen
        here, and stays.
        """
        # Rows of thousands of events at once, none of which the ORM has to know.
        self.env["subscription.history.mark"]._get_blocks()
        for statement in (
            SQL("DELETE FROM subscription_history_mark WHERE block = %s", block),
            SQL("DELETE FROM subscription_history_sum WHERE block = %s", block),
            SQL(
                """
                INSERT INTO subscription_history_sum (
                    block, company_id, plan_id, currency_id, month, kind, amount,
                    number
                )
                SELECT %s, live.* FROM (%s) live
                """,
                block,
                self._get_movements_of([block]),
            ),
            SQL(
                """
                INSERT INTO subscription_history_sum (
                    block, company_id, plan_id, currency_id, month, month_end,
                    number, kind
                )
                SELECT %s, live.*, %s FROM (%s) live
                """,
                block,
                LIFE,
                self._get_lives_of([block]),
            ),
        ):
            self.env.cr.execute(statement)
        self.invalidate_model()

    @api.model
    def _cron_add_up_anew(self):
        """Cron: add up everything anew, so that no difference lasts."""
        self.env["subscription.history.mark"]._mark_all()
        self.env["ir.cron"]._commit_progress()
        self._cron_add_up()
