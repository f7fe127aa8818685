"""The OAuth callback, as the browser comes back from the service."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.connection_base.clients import transport
from odoo.addons.connection_base.engine.oauth import challenge, digest
from odoo.addons.connection_base.engine.provider_spec import ServiceAccount

from .common import ConnectionMixin
from .fake import FakeProviderMixin
from .local_server import Answer, LocalServer

TOKENS = {"access_token": "a-token", "refresh_token": "r-token", "expires_in": 3600}


@tagged("post_install", "-at_install")
class TestOauthRoute(FakeProviderMixin, ConnectionMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
        cls._set_up_providers()
        cls.server = LocalServer()
        cls.addClassCleanup(cls.server.stop)
        cls.startClassPatcher(patch.object(transport, "BACKOFF", 0))
        groups = "base.group_user,base.group_system"
        cls.admin = new_test_user(cls.env, "oauth_admin", groups)
        cls.other = new_test_user(cls.env, "oauth_other", groups)
        cls.office = cls._create_office_user("oauth_office")
        cls.connection = cls._create_connection(
            "fake_oauth",
            state="disconnected",
            environment="test",
            test_base_url=cls.server.url,
        )

    def setUp(self):
        super().setUp()
        self.server.script(Answer())
        self.server.respond = lambda call: Answer(
            body=TOKENS
            if call.route == "/oauth/token"
            else {"id": "org-7", "name": "Club 7"}
        )

    def _start(self, login="oauth_admin"):
        """Press the button in the browser; return the query of the way there."""
        self.authenticate(login, login)
        wizard = self.make_jsonrpc_request(
            "/web/dataset/call_kw/service.connect.wizard/create",
            {
                "model": "service.connect.wizard",
                "method": "create",
                "args": [
                    {
                        "connection_id": self.connection.id,
                        "environment": "test",
                        "test_base_url": self.server.url,
                        "auth_kind": "oauth_code",
                        "value_1": "cid",
                        "value_2": "the-secret",
                    }
                ],
                "kwargs": {},
            },
        )
        action = self.make_jsonrpc_request(
            "/web/dataset/call_button/service.connect.wizard/action_connect",
            {
                "model": "service.connect.wizard",
                "method": "action_connect",
                "args": [[wizard]],
                "kwargs": {},
            },
        )
        query = parse_qs(urlsplit(action["url"]).query)
        return {key: values[0] for key, values in query.items()}

    def _come_back(self, **params):
        return self.url_open(
            "/connection/oauth/callback", params=params, allow_redirects=False
        )

    def _state(self):
        self.env.invalidate_all()
        return self.connection.state

    def test_signing_in_connects(self):
        there = self._start()
        answer = self._come_back(code="c-1", state=there["state"], tenant_id="t-9")
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith("/odoo/integrations"))
        self.assertEqual(self._state(), "connected")
        self.assertEqual(self.connection.account_label, "Club 7")
        values = self.connection._get_credentials()
        self.assertEqual(values["refresh_token"], "r-token")
        self.assertEqual(values["tenant_id"], "t-9")
        form = self.server.calls[0].form
        self.assertEqual(form["code"], "c-1")
        self.assertEqual(form["tenant_id"], "t-9")
        self.assertEqual(form["redirect_uri"], there["redirect_uri"])

    def test_several_accounts_wait_for_a_choice_on_the_page_of_services(self):
        accounts = [ServiceAccount("1", "Club"), ServiceAccount("2", "Canteen")]
        self.hooks["_list_accounts"] = lambda record: accounts
        there = self._start()
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self._state(), "choosing")
        self.assertEqual(self.connection._get_credentials()["access_token"], "a-token")

    def test_the_verifier_fits_the_challenge_of_the_way_there(self):
        there = self._start()
        self._come_back(code="c-1", state=there["state"])
        verifier = self.server.calls[0].form["code_verifier"]
        self.assertEqual(challenge(verifier), there["code_challenge"])
        self.assertEqual(there["code_challenge_method"], "S256")

    def test_a_state_works_once(self):
        there = self._start()
        self._come_back(code="c-1", state=there["state"])
        calls = len(self.server.calls)
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(len(self.server.calls), calls)

    def test_another_or_missing_state_is_refused(self):
        there = self._start()
        for state in ("x" * 43, "", there["state"][:-1]):
            answer = self._come_back(code="c-1", state=state)
            self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.server.calls, [])
        self.assertEqual(self._state(), "connecting")

    def test_a_state_older_than_ten_minutes_is_refused(self):
        there = self._start()
        states = self.env["service.oauth.state"].search([])
        left = states.date_expires - fields.Datetime.now()
        self.assertLessEqual(left, timedelta(minutes=10))
        states.date_expires = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.server.calls, [])
        states._gc_expired()
        self.assertFalse(states.exists())

    def test_another_user_or_session_cannot_finish_it(self):
        there = self._start()
        self.authenticate("oauth_other", "oauth_other")
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.authenticate("oauth_admin", "oauth_admin")  # the same user, a new session
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.server.calls, [])

    def test_visitors_and_the_office_are_refused_no_rights(self):
        there = self._start()
        for login in ("oauth_office", None):
            self.authenticate(login, login)
            answer = self._come_back(code="c-1", state=there["state"])
            self.assertEqual(answer.status_code, 403)
            self.assertNotIn("c-1", answer.url.replace("code=c-1", ""))
        self.assertEqual(self.server.calls, [])

    def test_a_person_who_says_no_is_told_that_nothing_was_connected(self):
        there = self._start()
        answer = self._come_back(error="access_denied", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.assertIn("Nothing was connected", answer.text)
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")

    def test_a_service_that_refuses_the_code_is_quoted_and_the_light_is_red(self):
        there = self._start()
        self.server.respond = lambda call: Answer(
            status=400, body={"error": "invalid_grant"}
        )
        answer = self._come_back(code="bad", state=there["state"])
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self._state(), "error")
        self.assertIn("does not accept", self.connection.last_error)

    def test_only_the_hash_of_the_state_is_stored(self):
        there = self._start()
        state = self.env["service.oauth.state"].search([])
        self.assertEqual(state.state_hash, digest(there["state"]))
        self.assertNotIn(there["state"], str(state.read()))
        self.assertNotIn(there["code_challenge"], state.verifier)

    def test_credentials_erased_meanwhile_end_the_sign_in(self):
        there = self._start()
        self.connection.credential_ids.sudo().unlink()
        self.env.flush_all()
        answer = self._come_back(code="c-1", state=there["state"])
        self.assertEqual(answer.status_code, 403)
