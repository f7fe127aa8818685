"""Stored webhook events: handled later, tried again, shortened in time."""

from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.connection_base.const import WEBHOOK_MAX_ATTEMPTS
from odoo.addons.connection_base.exceptions import TemporaryError

from .fake_common import FakeCommon

EVENTS = "odoo.addons.connection_base.models.service_webhook_event"


class TestWebhookEvents(FakeCommon):
    def setUp(self):
        super().setUp()
        self.env["service.webhook.event"].search([]).unlink()
        self.env.ref("connection_base.ir_cron_webhook").active = True
        self.connection = self._create_local()

    def _store(self, external_id="e1", connection=None, body=b'{"id": 1}'):
        events = self.env["service.webhook.event"]
        connection = connection or self.connection
        new = events._store(
            connection, external_id, body, {"content-type": "text/json"}, {"a": "b"}
        )
        event = events.search(
            [("connection_id", "=", connection.id), ("external_id", "=", external_id)]
        )
        return event, new

    def _make_due(self, event):
        event.date_next_try = fields.Datetime.now() - timedelta(seconds=1)

    def test_an_event_is_stored_once(self):
        event, new = self._store()
        self.assertTrue(new)
        again, new = self._store(body=b"other")
        self.assertFalse(new)
        self.assertEqual(again, event)
        self.assertEqual(event.body, '{"id": 1}')
        self.assertEqual(event.company_id, self.env.company)
        self.assertEqual(len(event.body_hash), 64)

    def test_two_connections_may_use_the_same_event_id(self):
        self._store()
        _event, new = self._store(connection=self._create_local())
        self.assertTrue(new)

    def test_a_body_that_is_no_text_is_kept_readably(self):
        event, _new = self._store(body=b"\xff\x00x")
        self.assertIn("x", event.body)

    def test_the_cron_handles_what_waits(self):
        event, _new = self._store()
        seen = []
        self.hooks["_handle_webhook_event"] = lambda record, item: seen.append(item.id)
        self._run_cron("ir_cron_webhook")
        self.assertEqual(seen, [event.id])
        self.assertEqual((event.state, event.attempts), ("done", 1))
        self.assertTrue(event.date_done)
        self._run_cron("ir_cron_webhook")
        self.assertEqual(seen, [event.id])

    def test_an_event_with_nothing_to_do_says_why(self):
        event, _new = self._store()
        self.hooks["_handle_webhook_event"] = lambda record, item: item._ignore("old")
        self._run_cron("ir_cron_webhook")
        self.assertEqual((event.state, event.last_error), ("ignored", "old"))

    def test_one_bad_event_does_not_stop_the_others(self):
        bad, _new = self._store("bad")
        good, _new = self._store("good")

        def handle(record, item):
            if item.id == bad.id:
                raise ValueError("a mistake of ours")

        self.hooks["_handle_webhook_event"] = handle
        with mute_logger(EVENTS):
            self._run_cron("ir_cron_webhook")
        self.assertEqual(good.state, "done")
        self.assertEqual(bad.state, "new")
        self.assertIn("unexpected", bad.last_error)
        self.assertGreater(bad.date_next_try, fields.Datetime.now())

    def test_an_event_is_given_up_after_some_attempts_and_a_person_is_asked(self):
        event, _new = self._store()

        def handle(record, item):
            raise TemporaryError("x", reason="unreachable")

        self.hooks["_handle_webhook_event"] = handle
        pauses = []
        for _number in range(WEBHOOK_MAX_ATTEMPTS):
            self._make_due(event)
            self._run_cron("ir_cron_webhook")
            if event.date_next_try:
                pauses.append(event.date_next_try - fields.Datetime.now())
        self.assertEqual(event.state, "failed")
        self.assertFalse(event.date_next_try)
        self.assertEqual(event.attempts, WEBHOOK_MAX_ATTEMPTS)
        self.assertEqual(pauses, sorted(pauses))
        self.assertEqual(event.last_error, "Fake cannot be reached.")
        self.assertEqual(len(self.connection.activity_ids), 1)

    def test_an_event_that_kills_the_process_is_not_tried_for_ever(self):
        event, _new = self._store()
        event.attempts = WEBHOOK_MAX_ATTEMPTS
        seen = []
        self.hooks["_handle_webhook_event"] = lambda record, item: seen.append(1)
        self._run_cron("ir_cron_webhook")
        self.assertEqual(seen, [])
        self.assertEqual(event.state, "failed")
        self.assertEqual(len(self.connection.activity_ids), 1)

    def test_a_record_changed_meanwhile_is_tried_again_without_error(self):
        event, _new = self._store()

        def handle(record, item):
            raise SerializationFailure

        self.hooks["_handle_webhook_event"] = handle
        self._run_cron("ir_cron_webhook")
        self.assertEqual((event.state, event.attempts), ("new", 1))
        self.assertFalse(event.last_error)

    def test_retry_starts_again_from_the_first_attempt(self):
        event, _new = self._store()
        event.write({"state": "failed", "attempts": 8, "last_error": "x"})
        event.action_retry()
        self.assertEqual((event.state, event.attempts), ("new", 0))
        self.hooks["_handle_webhook_event"] = lambda record, item: None
        self._run_cron("ir_cron_webhook")
        self.assertEqual(event.state, "done")

    def test_old_handled_events_keep_only_their_hash(self):
        old, _new = self._store("old")
        waiting, _new = self._store("waiting")
        young, _new = self._store("young")
        (old | young)._done()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_webhook_event SET create_date = %s WHERE id IN %s",
            [fields.Datetime.now() - timedelta(days=91), (old.id, waiting.id)],
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_cleanup")
        self.assertFalse(old.body)
        self.assertFalse(old.headers)
        self.assertTrue(old.body_hash)
        self.assertTrue(waiting.body)
        self.assertTrue(young.body)
        _event, new = self._store("old")
        self.assertFalse(new)
