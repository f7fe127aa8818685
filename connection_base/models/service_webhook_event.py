import hashlib
import logging
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..const import WEBHOOK_BACKOFF_MINUTES, WEBHOOK_KEEP_DAYS, WEBHOOK_MAX_ATTEMPTS
from ..exceptions import ProviderError

_logger = logging.getLogger(__name__)


class ServiceWebhookEvent(models.Model):
    """A message from a service: verified, stored once, handled later.

    The body is a hint. Handling reads the object again at the service, so that the
    order and the number of deliveries do not matter.
    """

    _name = "service.webhook.event"
    _description = "Webhook Event"
    _rec_name = "external_id"
    _order = "id desc"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    external_id = fields.Char("Event", required=True, readonly=True)
    body = fields.Text(readonly=True)
    body_hash = fields.Char("SHA-256", readonly=True)
    headers = fields.Json(readonly=True)
    params = fields.Json(readonly=True)
    state = fields.Selection(
        [
            ("new", "Waiting"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("ignored", "Ignored"),
        ],
        required=True,
        readonly=True,
        default="new",
    )
    attempts = fields.Integer(readonly=True)
    date_next_try = fields.Datetime(
        "Next Try", readonly=True, default=lambda self: fields.Datetime.now()
    )
    date_done = fields.Datetime("Handled", readonly=True)
    last_error = fields.Char(readonly=True)

    _external_uniq = models.UniqueIndex("(connection_id, external_id)")
    _waiting_idx = models.Index("(date_next_try) WHERE state = 'new'")

    # --- Storing ------------------------------------------------------------------

    @api.model
    def _store(self, connection, external_id, body: bytes, headers, params) -> bool:
        """Store a verified message.

        :returns: whether it is new; a repeat is no error and changes nothing
        """
        values = {
            "connection_id": connection.id,
            "external_id": external_id,
            "body": body.decode("utf-8", "replace").replace("\0", ""),
            "body_hash": hashlib.sha256(body).hexdigest(),
            "headers": headers,
            "params": params,
        }
        # SQL: two deliveries at the same moment must not end in an error, which the
        # service would answer with another delivery.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_webhook_event
                            (connection_id, external_id, state, attempts, create_date)
                     VALUES (%s, %s, 'ignored', 0, now() AT TIME ZONE 'UTC')
                ON CONFLICT (connection_id, external_id) DO NOTHING
                  RETURNING id
                """,
                connection.id,
                external_id,
            )
        )
        row = self.env.cr.fetchone()
        if not row:
            return False
        event = self.sudo().browse(row[0])
        event.write({**values, "state": "new", "date_next_try": fields.Datetime.now()})
        self.env.add_to_compute(self._fields["company_id"], event)
        self.env.ref("connection_base.ir_cron_webhook").sudo()._trigger()
        return True

    # --- Handling -----------------------------------------------------------------

    @api.model
    def _cron_handle(self, batch_size: int = 100):
        """Handle the waiting events, each in a transaction of its own."""
        domain = Domain(
            [("state", "=", "new"), ("date_next_try", "<=", fields.Datetime.now())]
        )
        waiting = self.search(domain, order="date_next_try, id", limit=batch_size)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        for event in waiting:
            event._handle_guarded(domain)
            if not cron._commit_progress(1):
                break

    def _handle_guarded(self, domain):
        """Handle one event under its lock and turn each failure into words."""
        self.ensure_one()
        if not self._take_attempt(domain):
            return
        try:
            self.connection_id._handle_webhook_event(self)
        except ProviderError as err:
            self.env.cr.rollback()
            self._note_failure(err)
        except SerializationFailure:
            self.env.cr.rollback()
        except Exception as err:
            self.env.cr.rollback()
            _logger.exception("webhook event %s failed", self.id)
            self._note_failure(err)
        else:
            if self.state == "new":
                self._done()

    def _take_attempt(self, domain) -> bool:
        """Count the attempt on disk before making it.

        An event that kills the process is thus not tried for ever.
        """
        if not self.try_lock_for_update().filtered_domain(domain):
            return False
        attempts = self.attempts + 1
        pauses = WEBHOOK_BACKOFF_MINUTES
        pause = pauses[min(attempts, len(pauses)) - 1]
        self.write(
            {
                "attempts": attempts,
                "date_next_try": fields.Datetime.now() + timedelta(minutes=pause),
            }
        )
        if attempts > WEBHOOK_MAX_ATTEMPTS:
            self._give_up()
        self.env["ir.cron"]._commit_progress()
        return bool(self.try_lock_for_update()) and self.state == "new"

    def _note_failure(self, err: Exception):
        self.last_error = self.connection_id._in_language()._words(err)
        if self.attempts >= WEBHOOK_MAX_ATTEMPTS:
            self._give_up()

    def _give_up(self):
        """Leave the event to a person."""
        self.write({"state": "failed", "date_next_try": False})
        self.connection_id._ask_to_look()

    def _done(self):
        """Note that the event was handled."""
        self.write(
            {
                "state": "done",
                "date_done": fields.Datetime.now(),
                "date_next_try": False,
                "last_error": False,
            }
        )

    def _ignore(self, reason: str):
        """Note that there is nothing to do for these events, and why."""
        self.write(
            {
                "state": "ignored",
                "date_done": fields.Datetime.now(),
                "date_next_try": False,
                "last_error": reason,
            }
        )

    def action_retry(self):
        """Handle these events again, from the first attempt."""
        self.write(
            {
                "state": "new",
                "attempts": 0,
                "date_next_try": fields.Datetime.now(),
                "last_error": False,
            }
        )
        self.env.ref("connection_base.ir_cron_webhook").sudo()._trigger()
        return True

    # --- Cleaning up --------------------------------------------------------------

    @api.model
    def _cron_cleanup(self, batch_size: int = 500):
        """Reduce old handled events to their hash: they may hold personal data."""
        limit = fields.Datetime.now() - timedelta(days=WEBHOOK_KEEP_DAYS)
        domain = [
            ("state", "in", ("done", "ignored", "failed")),
            ("create_date", "<", limit),
            ("body", "!=", False),
        ]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        while events := self.search(domain, limit=batch_size):
            events.write({"body": False, "headers": False, "params": False})
            if not cron._commit_progress(len(events)):
                break
