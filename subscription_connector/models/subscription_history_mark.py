from odoo import api, fields, models
from odoo.tools import SQL

#: Kinds of events that begin and that end a subscription.
STARTS = ("started", "imported")
ENDS = ("cancelled", "expired")

#: A block holds the subscriptions whose ids differ in so many last bits: 4,096.
BLOCK_BITS = 12


class SubscriptionHistoryMark(models.Model):
    """A block of subscriptions of which something changed that figures are made of.

    A block with a mark is read from its history, the others from their sums. The
    database itself sets the marks, in the transaction of the change: Odoo moves the
    records of merged customers by SQL, and deletes links by foreign keys, where no
    method of a model is asked. Rows are only added here; adding a block up removes
    the marks that it saw.
    """

    _name = "subscription.history.mark"
    _description = "Mark on a Part of the History"
    _log_access = False
    _rec_name = "block"

    block = fields.Integer(required=True, index=True)

    def init(self):
        """Create the triggers once the tables of all models are there."""
        self.pool.post_init(self._create_triggers)

    @api.model
    def _create_triggers(self):
        """Create the triggers, and have all be added up anew.

        So an update of the addon also repairs sums, and brings in a new definition.
        """
        # Triggers are not known to the ORM.
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION subscription_history_mark_events()
                RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    INSERT INTO subscription_history_mark (block)
                    SELECT DISTINCT subscription_id >> %(bits)s
                      FROM changed
                     WHERE kind IN %(kinds)s OR mrr_change != 0;
                    -- Whoever begins after an end is back, and not new. Planned for
                    -- each call: a plan of days with few events would last too long.
                    IF EXISTS (SELECT FROM changed WHERE kind IN %(ends)s) THEN
                        EXECUTE $query$
                            INSERT INTO subscription_history_mark (block)
                            SELECT DISTINCT begun.subscription_id >> %(bits)s
                              FROM changed
                              JOIN subscription_event begun
                             USING (company_id, partner_id)
                             WHERE changed.kind IN %(ends)s
                               AND begun.kind = 'started'
                        $query$;
                    END IF;
                    RETURN NULL;
                END $body$;

                CREATE OR REPLACE FUNCTION subscription_history_mark_subscription()
                RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    INSERT INTO subscription_history_mark (block)
                    VALUES (NEW.id >> %(bits)s);
                    RETURN NULL;
                END $body$;

                CREATE OR REPLACE TRIGGER subscription_history_insert
                AFTER INSERT ON subscription_event
                REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
                EXECUTE FUNCTION subscription_history_mark_events();

                CREATE OR REPLACE TRIGGER subscription_history_delete
                AFTER DELETE ON subscription_event
                REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
                EXECUTE FUNCTION subscription_history_mark_events();

                CREATE OR REPLACE TRIGGER subscription_history_before
                AFTER UPDATE ON subscription_event
                REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
                EXECUTE FUNCTION subscription_history_mark_events();

                CREATE OR REPLACE TRIGGER subscription_history_after
                AFTER UPDATE ON subscription_event
                REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
                EXECUTE FUNCTION subscription_history_mark_events();

                CREATE OR REPLACE TRIGGER subscription_history_moved
                AFTER UPDATE ON subscription_subscription FOR EACH ROW
                WHEN ((OLD.company_id, OLD.plan_id, OLD.currency_id)
                      IS DISTINCT FROM
                      (NEW.company_id, NEW.plan_id, NEW.currency_id))
                EXECUTE FUNCTION subscription_history_mark_subscription();
                """,
                bits=BLOCK_BITS,
                kinds=STARTS + ENDS,
                ends=ENDS,
            )
        )
        self._mark_all()

    @api.model
    def _mark_all(self):
        """Have every block be added up anew."""
        # One row for each of many thousand events; the ORM cannot shift bits.
        self.env.cr.execute(
            SQL(
                "INSERT INTO subscription_history_mark (block) "
                "SELECT DISTINCT subscription_id >> %s FROM subscription_event",
                BLOCK_BITS,
            )
        )

    @api.model
    def _get_blocks(self):
        """Return the blocks with a mark, after what this transaction changed."""
        self.env["subscription.event"].flush_model()
        self.env["subscription.subscription"].flush_model(
            ["company_id", "plan_id", "currency_id"]
        )
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT block FROM subscription_history_mark ORDER BY block")
        )
        return [block for (block,) in rows]

    @api.model
    def _get_condition(self, column, blocks):
        """Return the condition that a subscription is in one of the blocks.

        :param SQL column: that holds the id of a subscription
        :param blocks: None for all subscriptions
        """
        if blocks is None:
            return SQL("TRUE")
        if not blocks:
            return SQL("FALSE")
        size = 1 << BLOCK_BITS
        spans = []
        for block in sorted(blocks):
            if spans and spans[-1][1] == block * size:
                spans[-1][1] += size
            else:
                spans.append([block * size, (block + 1) * size])
        return SQL(
            "(%s)",
            SQL(" OR ").join(
                SQL("(%s >= %s AND %s < %s)", column, first, column, end)
                for first, end in spans
            ),
        )
