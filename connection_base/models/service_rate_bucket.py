from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.rate_window import take
from .own_transaction import in_own_transaction


class ServiceRateBucket(models.Model):
    """The calls made lately with one connection, shared by all workers.

    Written in transactions of its own: a call that was made counts, also when the
    transaction it was made in is undone.
    """

    _name = "service.rate.bucket"
    _description = "Calls Made Lately"
    _rec_name = "key"

    key = fields.Char(required=True)
    slots = fields.Json()

    _key_uniq = models.UniqueIndex("(key)")

    @api.model
    def _take(self, key: str, calls: int, seconds: int) -> float:
        """Take one call out of the window of ``key``.

        :returns: seconds to wait; 0.0 when the call may be made now
        """
        return in_own_transaction(
            self.env, lambda env: env[self._name]._take_locked(key, calls, seconds)
        )

    @api.model
    def _take_locked(self, key: str, calls: int, seconds: int) -> float:
        # SQL: makes the row if need be, locks it, and reads it together with the
        # database's clock, which is the same for all workers.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_rate_bucket (key, slots, write_date)
                     VALUES (%s, '{}', now() AT TIME ZONE 'UTC')
                ON CONFLICT (key) DO UPDATE SET write_date = EXCLUDED.write_date
                  RETURNING id, slots, extract(epoch FROM clock_timestamp())
                """,
                key,
            ),
            log_exceptions=False,
        )
        bucket_id, slots, now = self.env.cr.fetchone()
        slots, wait = take(slots or {}, float(now), calls, seconds)
        bucket = self.browse(bucket_id)
        bucket.invalidate_recordset()
        bucket.slots = slots
        bucket.flush_recordset()
        return wait

    @api.autovacuum
    def _gc_unused(self):
        limit = fields.Datetime.now() - timedelta(days=2)
        self.sudo().search([("write_date", "<", limit)], limit=1000).unlink()
