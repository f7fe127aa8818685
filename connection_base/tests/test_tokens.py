"""Access tokens: renewed when over or refused, by one worker only."""

import threading
import time

from odoo import api
from odoo.tests import tagged

from odoo.addons.connection_base.exceptions import AuthError, TemporaryError

from .fake_common import FakeCommon
from .local_server import Answer

GOOD = {"id": "1", "name": "N"}


class TestTokens(FakeCommon):
    def _create_oauth(self, kind="oauth_code", **tokens):
        values = {
            "client_id": "cid",
            "client_secret": "the-secret",
            "access_token": "old-token",
            "refresh_token": "refresh-1",
            "tenant_id": "t5",
            **tokens,
        }
        return self._create_local("fake_oauth", credentials=values, auth_kind=kind)

    def _service(self, *, expires_in=3600, status=200):
        """Play a service that knows one token at a time and rotates."""
        state = {"valid": "old-token", "refresh": "refresh-1", "number": 0}

        def respond(call):
            if call.route == "/oauth/token":
                if (
                    status != 200
                    or call.form.get("refresh_token", state["refresh"])
                    != (state["refresh"])
                ):
                    return Answer(status=400, body={"error": "invalid_grant"})
                state["number"] += 1
                state["valid"] = f"token-{state['number']}"
                state["refresh"] = f"refresh-new-{state['number']}"
                return Answer(
                    body={
                        "access_token": state["valid"],
                        "refresh_token": state["refresh"],
                        "expires_in": expires_in,
                    }
                )
            if call.headers.get("authorization") == f"Bearer {state['valid']}":
                return Answer(body=GOOD)
            return Answer(status=401)

        self.server.respond = respond
        return state

    def test_a_token_that_works_is_used(self):
        self._service()
        self.assertEqual(self._create_oauth()._get_client().whoami(), GOOD)
        self.assertEqual(len(self.server.calls), 1)

    def test_a_refused_token_is_renewed_and_both_tokens_are_stored(self):
        state = self._service()
        state["valid"] = "revoked"
        connection = self._create_oauth()
        self.assertEqual(connection._get_client().whoami(), GOOD)
        values = connection._get_credentials()
        self.assertEqual(values["access_token"], "token-1")
        self.assertEqual(values["refresh_token"], "refresh-new-1")
        self.assertEqual(values["client_secret"], "the-secret")
        form = self.server.calls[1].form
        self.assertEqual(form["tenant_id"], "t5")

    def test_a_token_about_to_end_is_renewed_before_the_call(self):
        self._service()
        connection = self._create_oauth(expires_at=time.time() + 10)
        connection._get_client().whoami()
        routes = [call.route for call in self.server.calls]
        self.assertEqual(routes, ["/oauth/token", "/me"])

    def test_a_client_without_person_asks_for_a_new_token(self):
        state = self._service()
        state["valid"] = "other"
        connection = self._create_oauth("oauth_client", refresh_token="")
        connection._get_client().whoami()
        form = self.server.calls[1].form
        self.assertEqual(form["grant_type"], "client_credentials")
        self.assertEqual(form["scope"], "read write")

    def test_a_sign_in_that_is_over_turns_the_light_red_with_words(self):
        self._service(status=400)
        connection = self._create_oauth(expires_at=1.0)
        self.env.flush_all()
        self.env.cr.postcommit.clear()  # as after the commit that stored them
        self._call_refused(connection)
        self.assertEqual(connection.state, "error")
        self.assertIn("Connect again", connection.last_error)
        self.assertEqual(connection.failure_count, 1)
        self._call_refused(connection)
        self.assertEqual(connection.failure_count, 1)

    def _call_refused(self, connection):
        """Call and be refused, without undoing what is written meanwhile."""
        refused = False
        with self.enter_registry_test_mode():
            try:
                connection._get_client().whoami()
            except AuthError:
                refused = True
        self.env.invalidate_all()
        self.assertTrue(refused)

    def test_without_refresh_token_only_a_person_can_help(self):
        self._service()
        connection = self._create_oauth(refresh_token="", expires_at=1.0)
        with self.assertRaises(AuthError):
            connection._get_client().whoami()

    def test_without_credentials_there_is_no_token(self):
        connection = self._create_oauth()
        connection.credential_ids.sudo().unlink()
        with self.assertRaises(AuthError):
            connection._renew_token("x")

    def test_a_lost_answer_keeps_the_old_refresh_token(self):
        self.server.respond = lambda call: Answer(hang_up=True)
        connection = self._create_oauth(expires_at=1.0)
        with self.assertRaises(TemporaryError):
            connection._get_client().whoami()
        values = connection._get_credentials()
        self.assertEqual(values["refresh_token"], "refresh-1")

    def test_disconnecting_revokes_the_token(self):
        self._service()
        self._create_oauth()._disconnect()
        call = self.server.calls[-1]
        self.assertEqual(call.route, "/oauth/revoke")
        self.assertEqual(call.form["token"], "refresh-1")


@tagged("post_install", "-at_install")
class TestTokenRace(FakeCommon):
    """Two workers, two real transactions, one refresh token that works once."""

    def _in_transaction(self, work):
        """Run ``work(env)`` in a real transaction and commit it."""
        with self.registry.cursor() as cr:
            return work(api.Environment(cr, api.SUPERUSER_ID, {}))

    def _make(self, env):
        connection = env["service.connection"].create(
            {
                "provider": "fake_oauth",
                "auth_kind": "oauth_code",
                "environment": "test",
                "test_base_url": self.server.url,
            }
        )
        connection.state = "connected"
        connection._set_credentials(
            {
                "client_id": "cid",
                "client_secret": "the-secret",
                "access_token": "old-token",
                "refresh_token": "refresh-1",
            }
        )
        return connection.id

    def _remove(self, connection_id):
        def work(env):
            connection = env["service.connection"].browse(connection_id)
            connection.state = "disconnected"
            connection.unlink()

        self._in_transaction(work)

    def test_two_workers_refresh_once_and_keep_the_rotated_token(self):
        used, together = [], threading.Event()

        def respond(call):
            if call.route == "/oauth/token":
                used.append(call.form["refresh_token"])
                together.wait(1)  # give the other worker time to meet the lock
                if used.count(call.form["refresh_token"]) > 1:
                    return Answer(status=400, body={"error": "invalid_grant"})
                return Answer(
                    body={
                        "access_token": "new-token",
                        "refresh_token": "refresh-2",
                        "expires_in": 3600,
                    }
                )
            good = call.headers.get("authorization") == "Bearer new-token"
            return Answer(body=GOOD) if good else Answer(status=401)

        connection_id = self._in_transaction(self._make)
        self.addCleanup(self._remove, connection_id)
        self.server.respond = respond
        answers, errors = [], []
        start = threading.Barrier(2)

        def worker():
            def work(env):
                connection = env["service.connection"].browse(connection_id)
                client = connection._get_client()
                start.wait(5)
                answers.append(client.whoami())

            try:
                self._in_transaction(work)
            except Exception as err:  # noqa: BLE001  told to the test below
                errors.append(err)

        threads = [threading.Thread(target=worker) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(errors, [])
        self.assertEqual(answers, [GOOD, GOOD])
        self.assertEqual(used, ["refresh-1"])
        values = self._in_transaction(
            lambda env: (
                env["service.connection"].browse(connection_id)._get_credentials()
            )
        )
        self.assertEqual(values["refresh_token"], "refresh-2")
        self.assertEqual(values["access_token"], "new-token")

    def test_the_new_token_survives_an_undone_transaction(self):
        connection_id = self._in_transaction(self._make)
        self.addCleanup(self._remove, connection_id)
        tokens = {"access_token": "new-token", "refresh_token": "refresh-2"}
        self.server.respond = lambda call: (
            Answer(body=tokens)
            if call.route == "/oauth/token"
            else Answer(body=GOOD)
            if "new-token" in call.headers["authorization"]
            else Answer(status=401)
        )

        class UndoneError(Exception):
            pass

        def work(env):
            env["service.connection"].browse(connection_id)._get_client().whoami()
            raise UndoneError

        with self.assertRaises(UndoneError):
            self._in_transaction(work)
        values = self._in_transaction(
            lambda env: (
                env["service.connection"].browse(connection_id)._get_credentials()
            )
        )
        self.assertEqual(values["refresh_token"], "refresh-2")
