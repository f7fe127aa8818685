"""Connections: creating, connecting, failing, disconnecting."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessDenied, UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from odoo.addons.connection_base.exceptions import (
    AuthError,
    ProviderError,
    RejectedError,
    TemporaryError,
)

from ..models.service_connection import ServiceConnection
from .fake_common import FakeCommon
from .local_server import Answer


class TestConnection(FakeCommon):
    def test_a_new_connection_takes_its_defaults_from_the_spec(self):
        connection = self.env["service.connection"].create({"provider": "fake"})
        self.assertEqual(connection.name, "Fake")
        self.assertEqual(connection.auth_kind, "api_key")
        self.assertEqual(connection.sync_minutes, 60)
        self.assertEqual(connection.state, "disconnected")
        self.assertFalse(connection._has_credentials())
        self.assertEqual(connection._get_credentials(), {})

    def test_working_credentials_connect(self):
        connection = self._create_local(state="disconnected")
        seen = []
        self.hooks["_on_connected"] = lambda record: seen.append(record.state)
        connection._connect_with({"api_key": "k-123456"})
        self.assertEqual(connection.state, "connected")
        self.assertEqual(seen, ["connected"])
        self.assertEqual(connection.account_ref, "org-7")
        self.assertEqual(connection.account_label, "Club 7")
        self.assertTrue(connection.date_last_success)
        self.assertLessEqual(connection.date_next_sync, fields.Datetime.now())
        sent = self.server.calls[0].headers["authorization"]
        self.assertEqual(sent, "Bearer k-123456")

    def test_credentials_that_do_not_work_do_not_connect(self):
        connection = self._create_local(state="disconnected")
        self.server.script(Answer(status=401))
        with self.assertRaises(AuthError), self.env.cr.savepoint():
            connection._connect_with({"api_key": "wrong-key"})
        self.assertEqual(connection.state, "disconnected")
        self.assertFalse(connection._has_credentials())

    def test_connecting_again_replaces_the_credentials(self):
        connection = self._create_local()
        connection._connect_with({"api_key": "another-key", "empty": ""})
        self.assertEqual(connection._get_credentials(), {"api_key": "another-key"})
        self.assertEqual(len(connection.credential_ids), 1)

    def test_disconnecting_erases_credentials_and_stops_what_waits(self):
        connection = self._create_local(date_next_sync=fields.Datetime.now())
        run = connection._start_run("sync")
        events = self.env["service.webhook.event"]
        events._store(connection, "e1", b"x", {}, {})
        token = connection.webhook_token
        called = []
        self.hooks["_on_disconnected"] = lambda record: called.append(
            record._get_credentials()
        )
        connection._disconnect()
        self.assertEqual(called, [{"api_key": "key-for-tests-1"}])
        self.assertEqual(connection.state, "disconnected")
        self.assertFalse(connection._has_credentials())
        self.assertFalse(connection.date_next_sync)
        self.assertNotEqual(connection.webhook_token, token)
        self.assertEqual(run.state, "failed")
        self.assertEqual(connection.webhook_event_ids.state, "ignored")
        connection._disconnect()
        self.assertEqual(len(called), 1)

    def test_a_service_that_fails_does_not_keep_us_connected(self):
        connection = self._create_local()

        def fail(record):
            raise TemporaryError("down", reason="unreachable")

        self.hooks["_on_disconnected"] = fail
        connection._disconnect()
        self.assertEqual(connection.state, "disconnected")
        self.assertIn("cannot be reached", connection.message_ids[:2].mapped("body")[0])

    def test_the_effects_of_disconnecting_are_told_beforehand(self):
        effects = self._create_local()._get_disconnect_effects()
        self.assertEqual(len(effects), 3)
        effects = self._create_local("fake_limited")._get_disconnect_effects()
        self.assertEqual(len(effects), 2)

    def test_hosts_are_fixed_and_a_test_address_counts_in_test_only(self):
        connection = self._create_connection("fake_oauth", state="disconnected")
        self.assertEqual(connection._get_base_url(), "https://api.fake.example")
        self.assertEqual(connection._get_base_url("auth"), "https://my.fake.example")
        connection.test_base_url = "http://127.0.0.1:9/x/"
        self.assertEqual(connection._get_base_url(), "https://api.fake.example")
        connection.environment = "test"
        for role in ("api", "auth"):
            self.assertEqual(connection._get_base_url(role), "http://127.0.0.1:9/x")

    def test_a_test_address_is_https_or_this_machine(self):
        connection = self._create_connection("fake", state="disconnected")
        for url in ("http://10.1.1.1", "ftp://127.0.0.1", "https://u:p@x.example"):
            with self.assertRaises(ValidationError, msg=url):
                connection.test_base_url = url
        connection.test_base_url = "https://test.example"
        connection.test_base_url = False

    def test_what_decides_where_secrets_go_cannot_change_while_connected(self):
        connection = self._create_local()
        for values in (
            {"environment": "live"},
            {"test_base_url": "https://evil.example"},
            {"auth_kind": "oauth_code"},
        ):
            with self.assertRaises(UserError, msg=values):
                connection.write(values)
        connection.write({"environment": "test", "name": "Renamed"})

    def test_no_remote_call_opens_what_decides_where_secrets_go(self):
        admin = self.env.ref("base.user_admin")
        connection = self._create_local().with_user(admin)
        forged = connection.with_context(connection_switching=True)
        for values in ({"test_base_url": "https://evil.example"}, {"state": "error"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                forged.write(values)

    def test_the_minutes_between_syncs_are_not_negative(self):
        with self.assertRaises(ValidationError):
            self._create_local().sync_minutes = -1

    def test_a_service_for_one_connection_allows_no_second(self):
        self._create_connection("fake_limited", state="disconnected")
        with self.assertRaises(ValidationError):
            self._create_connection("fake_limited", state="disconnected")
        self._create_connection("fake", state="disconnected")
        self._create_connection("fake", state="disconnected")

    def test_a_connected_connection_is_not_deleted(self):
        connection = self._create_local()
        with self.assertRaises(UserError):
            connection.unlink()
        connection._disconnect()
        connection.unlink()

    def test_connections_are_found_by_service_and_company(self):
        connected = self._create_local()
        waiting = self._create_local(state="disconnected")
        find = self.env["service.connection"]._get_connections
        self.assertEqual(find("fake", self.env.company), connected)
        self.assertEqual(find("fake", self.env.company, False), connected | waiting)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(find("fake", other))

    def test_a_connection_without_its_addon_says_so(self):
        connection = self._create_local()
        self.hooks.clear()
        self.patch(
            self.registry["service.connection"], "_provider_specs", lambda self: {}
        )
        with self.assertRaises(UserError):
            connection._get_spec()

    def test_the_hooks_refuse_until_an_addon_fills_them(self):
        connection = self._create_local()
        for name in ("_get_client", "_test_connection"):
            with self.assertRaises(NotImplementedError):
                getattr(ServiceConnection, name)(connection)
        with self.assertRaises(AccessDenied):
            ServiceConnection._verify_webhook(connection, {}, b"", {})
        ServiceConnection._handle_webhook_event(connection, None)

    def test_two_connections_never_share_a_webhook_address(self):
        one, two = self._create_local(), self._create_local()
        self.assertNotEqual(one.webhook_token, two.webhook_token)
        self.assertIn(one.webhook_token, one.webhook_url)
        self.assertFalse(self._create_local("fake_limited").webhook_url)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            two.webhook_token = one.webhook_token
            two.flush_recordset()


class TestErrors(FakeCommon):
    def test_one_passing_trouble_keeps_the_light_green(self):
        connection = self._create_local()
        connection._mark_error(TemporaryError("x", reason="unreachable"))
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.last_error, "Fake cannot be reached.")
        self.assertFalse(connection.activity_ids)

    def test_several_troubles_in_a_row_turn_it_red_and_ask_one_person_once(self):
        connection = self._create_local()
        for _time in range(5):
            connection._mark_error(TemporaryError("x", reason="failing"))
        self.assertEqual(connection.state, "error")
        self.assertEqual(len(connection.activity_ids), 1)
        self.assertEqual(connection.activity_ids.user_id, connection.responsible_id)

    def test_refused_credentials_turn_it_red_at_once(self):
        connection = self._create_local()
        connection._mark_error(AuthError("x", reason="credentials"))
        self.assertEqual(connection.state, "error")
        self.assertIn("Connect again", connection.last_error)

    def test_success_turns_it_green_and_ends_the_activity(self):
        connection = self._create_local()
        connection._mark_error(AuthError("x"))
        connection._mark_success()
        self.assertEqual(connection.state, "connected")
        self.assertFalse(connection.last_error)
        self.assertEqual(connection.failure_count, 0)
        self.assertFalse(connection.activity_ids)

    @freeze_time("2026-03-01 12:00:00")
    def test_the_pause_grows_and_the_service_may_set_it(self):
        connection = self._create_local()
        now = fields.Datetime.now()
        for count, exc, minutes in (
            (1, ProviderError("x"), 5),
            (2, RejectedError("x"), 15),
            (99, TemporaryError("x"), 360),
            (1, AuthError("x"), 360),
            (1, TemporaryError("x", retry_after=7200), 120),
            (1, TemporaryError("x", retry_after=0), 1),
        ):
            due = connection._next_try(exc, count)
            self.assertEqual(due - now, timedelta(minutes=minutes), exc)
        connection.sync_minutes = 0
        self.assertFalse(connection._next_try(ProviderError("x"), 1))

    def test_words_are_in_the_language_of_who_is_responsible(self):
        user = self._create_office_user()
        user.lang = "nl_NL"
        connection = self._create_local(responsible_id=user.id)
        self.assertEqual(connection._in_language().env.lang, "nl_NL")

    def test_an_unexpected_error_shows_no_details_to_people(self):
        connection = self._create_local()
        connection._mark_error(ValueError("sk_live_secret in a traceback"))
        self.assertNotIn("sk_live", connection.last_error)
        self.assertEqual(connection._words(UserError("said so")), "said so")

    def test_every_common_trouble_has_a_sentence(self):
        connection = self._create_local()
        for reason in (
            "credentials",
            "unreachable",
            "silent",
            "lost",
            "busy",
            "quota",
            "failing",
            "unreadable",
            "redirected",
        ):
            words = connection._words(ProviderError("raw", reason=reason))
            self.assertIn("Fake", words)
        self.assertEqual(connection._words(ProviderError("raw")), "raw")


class TestButtons(FakeCommon):
    def test_the_page_shows_a_card_for_each_service_once(self):
        connections = self.env["service.connection"]
        office = self._create_office_user()
        connections.search([("provider", "in", list(self._codes()))]).unlink()
        action = connections.with_user(office).action_open_integrations()
        connections.with_user(office).action_open_integrations()
        self.assertEqual(action["res_model"], "service.connection")
        cards = connections.search([("provider", "in", list(self._codes()))])
        mine = cards.filtered(lambda card: card.company_id == self.env.company)
        self.assertEqual(sorted(mine.mapped("provider")), sorted(self._codes()))
        self.assertEqual(set(cards.mapped("state")), {"disconnected"})

    def _codes(self):
        return ("fake", "fake_limited", "fake_oauth")

    def test_an_archived_card_is_not_made_again(self):
        connections = self.env["service.connection"]
        card = self._create_connection("fake", state="disconnected")
        card.active = False
        connections.action_open_integrations()
        there = connections.with_context(active_test=False).search(
            [("provider", "=", "fake"), ("company_id", "=", self.env.company.id)]
        )
        self.assertEqual(there, card)

    def test_a_card_shows_how_the_sync_goes(self):
        connection = self._create_local()
        self.assertTrue(connection.can_sync)
        self.assertFalse(connection.is_syncing)
        run = connection._start_run("sync", total=4)
        run._progress(done=1)
        connection.invalidate_recordset()
        self.assertTrue(connection.is_syncing)
        self.assertEqual(connection.sync_progress, 25.0)
        self.assertEqual(connection.run_count, 1)
        self.assertEqual(connection.description, "A service for tests")
        self.assertTrue(connection.has_webhook)
        self.assertFalse(self._create_local("fake_limited").can_sync)

    def test_a_successful_test_says_so_and_clears_the_error(self):
        connection = self._create_local()
        connection._mark_error(AuthError("x"))
        result = connection.action_test_connection()
        self.assertEqual(result["params"]["type"], "success")
        self.assertEqual(connection.state, "connected")

    def test_a_failing_test_says_why_and_keeps_it_on_the_card(self):
        connection = self._create_local()
        self.server.script(Answer(status=401))
        result = connection.action_test_connection()
        self.assertEqual(result["params"]["type"], "danger")
        self.assertEqual(connection.state, "error")
        self.assertIn("does not accept", connection.last_error)

    def test_sync_now_makes_it_due_and_wakes_the_cron(self):
        connection = self._create_local(
            date_next_sync=fields.Datetime.now() + timedelta(days=1)
        )
        cron = self.env.ref("connection_base.ir_cron_sync")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        connection.action_sync_now()
        self.assertLessEqual(connection.date_next_sync, fields.Datetime.now())
        self.assertEqual(connection.run_ids.state, "running")
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)
        with self.assertRaises(UserError):
            self._create_local(state="disconnected").action_sync_now()

    def test_lists_open_for_this_connection_only(self):
        connection = self._create_local()
        for action in (
            connection.action_view_runs(),
            connection.action_view_webhook_events(),
        ):
            self.assertEqual(action["domain"], [("connection_id", "=", connection.id)])

    def test_failed_webhooks_are_counted_on_the_connection(self):
        connection = self._create_local()
        self.env["service.webhook.event"]._store(connection, "e1", b"x", {}, {})
        self.assertEqual(connection.event_problem_count, 0)
        connection.webhook_event_ids.state = "failed"
        connection.invalidate_recordset()
        self.assertEqual(connection.event_problem_count, 1)

    def test_the_crons_run_only_while_something_is_connected(self):
        connections = self.env["service.connection"].search([])
        connections._disconnect()
        cron = self.env.ref("connection_base.ir_cron_sync")
        connections._toggle_crons()
        self.assertFalse(cron.active)
        self._create_local(state="disconnected")._connect_with({"api_key": "k-12345"})
        self.assertTrue(cron.active)
        self.assertTrue(self.env.ref("connection_base.ir_cron_webhook").active)

    def test_the_settings_lead_to_the_cards_and_tell_the_state(self):
        self._create_local()
        settings = self.env["res.config.settings"].create({})
        self.assertGreaterEqual(settings.connection_count, 1)
        self.assertRegex(settings.connection_key_state, "^[0-9a-f]{8}$")
        action = settings.action_open_integrations()
        self.assertEqual(action["res_model"], "service.connection")
