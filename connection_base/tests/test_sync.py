"""The sync cron: one connection after the other, in bites, under its lock."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.connection_base.exceptions import (
    AuthError,
    RejectedError,
    TemporaryError,
)

from .fake_common import FakeCommon

SYNC = "odoo.addons.connection_base.models.service_connection_sync"


class TestSync(FakeCommon):
    def setUp(self):
        super().setUp()
        self.env["service.connection"].search([]).write({"date_next_sync": False})
        self.env.ref("connection_base.ir_cron_sync").active = True

    def _create_due(self, **values):
        moment = fields.Datetime.now() - timedelta(minutes=5)
        return self._create_local(date_next_sync=moment, **values)

    def test_a_due_connection_is_synced_and_planned_again(self):
        connection = self._create_due()
        seen = []
        self.hooks["_sync"] = lambda record, run: seen.append((record.id, run.kind))
        self._run_cron("ir_cron_sync")
        self.assertEqual(seen, [(connection.id, "sync")])
        self.assertEqual(connection.run_ids.state, "done")
        self.assertTrue(connection.date_last_sync)
        pause = connection.date_next_sync - connection.date_last_sync
        self.assertEqual(pause, timedelta(minutes=60))

    def test_nothing_is_synced_before_its_time_or_without_connection(self):
        later = fields.Datetime.now() + timedelta(hours=1)
        self._create_local(date_next_sync=later)
        self._create_local(date_next_sync=False)
        moment = fields.Datetime.now() - timedelta(minutes=5)
        self._create_local(state="disconnected", date_next_sync=moment)
        seen = []
        self.hooks["_sync"] = lambda record, run: seen.append(record.id)
        self._run_cron("ir_cron_sync")
        self.assertEqual(seen, [])

    def test_one_failing_connection_does_not_stop_the_others(self):
        first, second, third = (self._create_due() for _number in range(3))
        fails = {
            first.id: TemporaryError("x", retry_after=600, reason="busy"),
            second.id: ValueError("a mistake of ours"),
        }

        def sync(record, run):
            if record.id in fails:
                raise fails[record.id]

        self.hooks["_sync"] = sync
        with mute_logger(SYNC):
            self._run_cron("ir_cron_sync")
        self.assertEqual(first.last_error, "Fake asks us to wait.")
        self.assertGreater(
            first.date_next_sync, fields.Datetime.now() + timedelta(minutes=9)
        )
        self.assertEqual(first.run_ids.state, "running")
        self.assertIn("unexpected", second.last_error)
        self.assertEqual(second.run_ids.state, "failed")
        self.assertFalse(third.last_error)
        self.assertEqual(third.run_ids.state, "done")

    def test_what_a_failing_sync_wrote_is_undone(self):
        connection = self._create_due()

        def sync(record, run):
            record.name = "half done"
            raise RejectedError("no", status=400)

        self.hooks["_sync"] = sync
        self._run_cron("ir_cron_sync")
        self.assertEqual(connection.name, "Fake")
        self.assertEqual(connection.last_error, "no")

    def test_bites_that_were_done_stay_and_the_run_goes_on_at_its_cursor(self):
        connection = self._create_due()
        pages = []

        def sync(record, run):
            start = run.cursor or 0
            for page in range(start, 4):
                if page == 2 and not pages[2:]:
                    pages.append("crash")
                    raise TemporaryError("down", reason="silent")
                pages.append(page)
                run._progress(done=1, cursor=page + 1, total=4)

        self.hooks["_sync"] = sync
        self._run_cron("ir_cron_sync")
        run = connection.run_ids
        self.assertEqual((run.state, run.done, run.cursor), ("running", 2, 2))
        connection.date_next_sync = fields.Datetime.now() - timedelta(minutes=1)
        self._run_cron("ir_cron_sync")
        self.assertEqual(pages, [0, 1, "crash", 2, 3])
        self.assertEqual(connection.run_ids, run)
        self.assertEqual((run.state, run.done), ("done", 4))

    def test_a_run_left_by_a_killed_process_goes_on(self):
        connection = self._create_due()
        run = connection._start_run("import")
        run._progress(done=3, cursor="after-3")
        seen = []
        self.hooks["_sync"] = lambda record, run: seen.append((run.kind, run.cursor))
        self._run_cron("ir_cron_sync")
        self.assertEqual(seen, [("import", "after-3"), ("sync", False)])
        self.assertEqual(run.state, "done")

    def test_out_of_time_it_stops_and_is_due_again_at_once(self):
        connection = self._create_due()
        calls = []

        def sync(record, run):
            for number in range(10):
                calls.append(number)
                if not run._progress(done=1, cursor=number + 1):
                    return

        self.hooks["_sync"] = sync
        cron = type(self.env["ir.cron"])
        original = cron._commit_progress

        def no_time(self, *args, **kwargs):
            left = original(self, *args, **kwargs)
            return 0.0 if calls else left

        with patch.object(cron, "_commit_progress", no_time):
            self._run_cron("ir_cron_sync")
        run = connection.run_ids
        self.assertEqual(run.state, "running")
        self.assertEqual(run.cursor, len(calls))
        self.assertLessEqual(connection.date_next_sync, fields.Datetime.now())

    def test_a_sync_may_say_that_it_is_not_finished(self):
        connection = self._create_due()
        self.hooks["_sync"] = lambda record, run: False
        connection._sync_now()
        self.assertEqual(connection.run_ids.state, "running")

    def test_a_connection_that_somebody_holds_is_left_alone(self):
        self._create_due()
        seen = []
        self.hooks["_sync"] = lambda record, run: seen.append(record.id)
        model = type(self.env["service.connection"])
        with patch.object(
            model, "try_lock_for_update", lambda self, **options: self.browse()
        ):
            self._run_cron("ir_cron_sync")
        self.assertEqual(seen, [])

    def test_losing_the_lock_after_a_bite_stops_the_work(self):
        connection = self._create_due()
        model = type(self.env["service.connection"])
        lefts = []

        def sync(record, run):
            with patch.object(
                model, "try_lock_for_update", lambda self, **options: self.browse()
            ):
                lefts.append(run._progress(done=1, cursor=1))

        self.hooks["_sync"] = sync
        due = connection.date_next_sync
        self._run_cron("ir_cron_sync")
        self.assertEqual(lefts, [0.0])
        self.assertEqual(connection.run_ids.state, "running")
        self.assertEqual(connection.date_next_sync, due, "written without its lock")

    def test_a_connection_taken_before_the_first_bite_is_not_worked_on(self):
        connection = self._create_due()
        model = type(self.env["service.connection"])
        original = model.try_lock_for_update
        locks, seen = [], []

        def lock(self, **options):
            locks.append(self.ids)
            return original(self, **options) if len(locks) == 1 else self.browse()

        self.hooks["_sync"] = lambda record, run: seen.append(record.id)
        with patch.object(model, "try_lock_for_update", lock):
            self._run_cron("ir_cron_sync")
        self.assertEqual(locks, [connection.ids, connection.ids])
        self.assertEqual(seen, [])

    def test_a_failure_is_not_noted_by_who_lost_the_lock(self):
        connection = self._create_due()
        model = type(self.env["service.connection"])
        nothing = patch.object(
            model, "try_lock_for_update", lambda self, **options: self.browse()
        )
        self.addCleanup(nothing.stop)

        def sync(record, run):
            nothing.start()
            raise TemporaryError("down", reason="silent")

        self.hooks["_sync"] = sync
        self._run_cron("ir_cron_sync")
        self.assertFalse(connection.last_error)
        self.assertEqual(connection.failure_count, 0)

    @mute_logger(SYNC, "odoo.sql_db")
    def test_what_the_database_refuses_at_the_end_stops_no_other(self):
        first, second = self._create_due(), self._create_due()

        def sync(record, run):
            if record == first:
                record.name = False  # required: refused when it reaches the table

        self.hooks["_sync"] = sync
        self._run_cron("ir_cron_sync")
        self.assertEqual(first.name, "Fake")
        self.assertTrue(first.last_error)
        self.assertEqual(second.run_ids.mapped("state"), ["done"])

    def test_a_connection_changed_meanwhile_waits_for_the_next_time(self):
        connection = self._create_due()

        def sync(record, run):
            raise SerializationFailure

        self.hooks["_sync"] = sync
        self._run_cron("ir_cron_sync")
        self.assertFalse(connection.last_error)
        self.assertEqual(connection.run_ids.state, "running")

    def test_an_error_is_tried_again_and_a_success_turns_it_green(self):
        connection = self._create_due()
        connection._mark_error(AuthError("x"))
        self.assertEqual(connection.state, "error")
        connection.date_next_sync = fields.Datetime.now() - timedelta(minutes=1)
        self.hooks["_sync"] = lambda record, run: None
        self._run_cron("ir_cron_sync")
        self.assertEqual(connection.state, "connected")
        self.assertFalse(connection.last_error)

    def test_a_queued_run_is_done_by_the_cron(self):
        connection = self._create_local()
        run = connection._queue_sync("import", notify=False)
        seen = []
        self.hooks["_sync"] = lambda record, run: seen.append(run.kind)
        self._run_cron("ir_cron_sync")
        self.assertEqual(seen, ["import", "sync"])
        self.assertEqual(run.state, "done")

    def test_a_service_without_sync_makes_no_runs(self):
        connection = self._create_local("fake_limited")
        connection._sync_now()
        self.assertFalse(connection.run_ids)
