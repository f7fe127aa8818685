import logging
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain

from ..exceptions import ProviderError

_logger = logging.getLogger(__name__)


class ServiceConnection(models.Model):
    """Syncs: one connection after the other, each under its lock, in bites."""

    _inherit = "service.connection"

    def _start_run(self, kind: str, total: int | None = None, *, notify: bool = False):
        """Return a run to work on: an unfinished one of this kind, else a new one.

        :param kind: short word for the work, e.g. ``"sync"``, ``"import"``
        :param total: how many records there are to do, when known
        :param notify: mail the responsible person when it is finished
        :returns: a ``service.sync.run``; its ``cursor`` says where to go on
        """
        self.ensure_one()
        runs = self.env["service.sync.run"].sudo()
        run = runs.search(
            [
                ("connection_id", "=", self.id),
                ("kind", "=", kind),
                ("state", "=", "running"),
            ],
            order="id",
            limit=1,
        )
        if not run:
            run = runs.create(
                {
                    "connection_id": self.id,
                    "kind": kind,
                    "total": total or 0,
                    "notify": notify,
                }
            )
        elif total is not None:
            run.total = total
        return run.with_context(**self.env.context)

    def _queue_sync(self, kind: str = "sync", *, notify: bool = False):
        """Ask for a run that the cron does as soon as it can.

        :returns: the waiting run
        """
        self.ensure_one()
        run = self._start_run(kind, notify=notify)
        self.sudo().date_next_sync = fields.Datetime.now()
        self._toggle_crons()
        self.env.ref("connection_base.ir_cron_sync").sudo()._trigger()
        return run

    def _sync_now(self):
        """Do the unfinished runs of this connection, and a sync, now.

        A run that was killed is still "running": it goes on at its cursor. Work that
        runs out of time stays "running" too, and the connection is due again at once.

        :raises ProviderError: the service does not cooperate
        """
        self.ensure_one()
        if not self._get_spec().sync_minutes and not self.run_ids:
            return
        self._start_run("sync")
        if not self._keep_and_lock():
            return
        runs = self.run_ids.filtered(lambda run: run.state == "running").sorted("id")
        for run in runs:
            signal = self._work_on(run)
            if signal["unlocked"]:
                # It is somebody else's now, and still due: writing would be a race.
                return
            if signal["stopped"]:
                self.date_next_sync = fields.Datetime.now()
                return
        now = fields.Datetime.now()
        self.date_last_sync = now
        self.date_next_sync = self.sync_minutes and now + timedelta(
            minutes=self.sync_minutes
        )
        self._mark_success()

    def _work_on(self, run) -> dict[str, bool]:
        """Work on one run, and finish it when it comes to its end.

        :returns: ``stopped``: there is more to do; ``unlocked``: the connection was
            taken by somebody else after a bite
        """
        signal = {"stopped": False, "unlocked": False}
        run = run.with_context(connection_run_signal=signal)
        if self._sync(run) is False:
            signal["stopped"] = True
        if not signal["stopped"] and run.state == "running":
            run._finish()
        return signal

    def _keep_and_lock(self) -> float:
        """Inside the cron: put on disk what was done, and lock the connection again.

        :returns: seconds left to work; 0.0 when the time or the lock is gone
        """
        self.ensure_one()
        if not self.env.context.get("connection_commit"):
            return float("inf")
        left = self.env["ir.cron"]._commit_progress()
        if not self.try_lock_for_update(allow_referencing=True):
            self.env.context.get("connection_run_signal", {})["unlocked"] = True
            return 0.0
        return left

    @api.model
    def _cron_sync(self, batch_size: int = 50):
        """Sync what is due; a connection that fails does not stop the others."""
        domain = Domain(
            [
                ("state", "in", ("connected", "error")),
                ("date_next_sync", "!=", False),
                ("date_next_sync", "<=", fields.Datetime.now()),
            ]
        )
        due = self.with_context(connection_commit=True).search(
            domain, order="date_next_sync, id", limit=batch_size
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for connection in due:
            connection._sync_guarded(domain)
            if not cron._commit_progress(1):
                break

    def _sync_guarded(self, domain):
        """Sync under the lock and turn each failure into words on the connection."""
        self.ensure_one()
        try:
            locked = self.try_lock_for_update(allow_referencing=True)
            if locked.filtered_domain(domain):
                locked._sync_now()
                self.env.flush_all()  # what the database refuses, it refuses here
        except ProviderError as err:
            self.env.cr.rollback()
            _logger.info("connection %s: %s", self.id, type(err).__name__)
            self._note_failed_sync(err)
        except SerializationFailure:
            self.env.cr.rollback()
            _logger.info("connection %s: changed meanwhile, next time", self.id)
        except Exception as err:
            self.env.cr.rollback()
            _logger.exception("connection %s: sync failed", self.id)
            self._note_failed_sync(err)

    def _note_failed_sync(self, err: Exception):
        """Write the failure on the connection and on its runs.

        Undoing the failed work gave the lock away: who has it now writes what is true.
        """
        if not self.try_lock_for_update(allow_referencing=True):
            _logger.info("connection %s: held by another, failure not noted", self.id)
            return
        self._mark_error(err)
        running = self.run_ids.filtered(lambda run: run.state == "running")
        running._note_error(err)
