"""The forms behind Connect and Disconnect."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.connection_base.const import OAUTH_SESSION_KEY
from odoo.addons.connection_base.models import service_connection_oauth

from .fake_common import FakeCommon
from .local_server import Answer


class TestConnectWizard(FakeCommon):
    def _open(self, connection):
        return Form(
            self.env["service.connect.wizard"].with_context(
                **connection.action_connect()["context"]
            )
        )

    def test_the_form_asks_what_the_service_needs(self):
        form = self._open(self._create_connection("fake", state="disconnected"))
        self.assertEqual((form.label_1, form.secret_1), ("API key", True))
        self.assertFalse(form.label_2)
        form = self._open(self._create_connection("fake_oauth", state="disconnected"))
        self.assertEqual((form.label_1, form.secret_1), ("Client ID", False))
        self.assertEqual((form.label_2, form.secret_2), ("Client secret", True))
        self.assertIn("/connection/oauth/callback", form.redirect_uri)
        form.auth_kind = "oauth_client"
        self.assertFalse(form.redirect_uri)

    def test_a_key_typed_in_the_form_connects(self):
        connection = self._create_connection("fake", state="disconnected")
        form = self._open(connection)
        form.environment = "test"
        form.test_base_url = self.server.url
        form.value_1 = " key-typed-1 "
        result = form.save().action_connect()
        self.assertEqual(result["params"]["type"], "success")
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.test_base_url, self.server.url)
        self.assertEqual(connection._get_credentials(), {"api_key": "key-typed-1"})

    def test_what_was_typed_is_nowhere_in_plain_text(self):
        connection = self._create_connection("fake", state="disconnected")
        form = self._open(connection)
        form.value_1 = "key-typed-1"
        wizard = form.save()
        self.env.cr.execute(
            "SELECT row_to_json(w)::text FROM service_connect_wizard w WHERE id = %s",
            [wizard.id],
        )
        stored = self.env.cr.fetchone()[0]
        self.assertIn("payload", stored)
        self.assertNotIn("key-typed-1", stored)
        wizard.invalidate_recordset()
        self.assertFalse(wizard.value_1)

    def test_a_missing_value_is_named(self):
        wizard = self._open(self._create_connection("fake", state="disconnected"))
        with self.assertRaisesRegex(UserError, "API key"):
            wizard.save().action_connect()

    def test_a_refusal_of_the_service_is_told_and_nothing_is_kept(self):
        connection = self._create_connection("fake", state="disconnected")
        self.server.script(Answer(status=401))
        form = self._open(connection)
        form.environment = "test"
        form.test_base_url = self.server.url
        form.value_1 = "key-typed-1"
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "Fake does not accept"):
            wizard.action_connect()
        connection.invalidate_recordset()

    def test_a_way_to_sign_in_that_the_service_lacks_is_refused(self):
        connection = self._create_connection("fake", state="disconnected")
        wizard = self.env["service.connect.wizard"].create(
            {"connection_id": connection.id, "auth_kind": "oauth_client"}
        )
        with self.assertRaises(UserError):
            wizard.action_connect()

    def test_a_live_connection_keeps_no_test_address(self):
        connection = self._create_connection("fake", state="disconnected")
        self.hooks["_test_connection"] = lambda record: {}
        form = self._open(connection)
        form.environment = "test"
        form.test_base_url = "http://127.0.0.1:9"
        form.environment = "live"
        form.value_1 = "key-typed-1"
        form.save().action_connect()
        self.assertFalse(connection.test_base_url)

    def test_a_client_with_a_secret_gets_its_token_while_connecting(self):
        connection = self._create_connection("fake_oauth", state="disconnected")
        self.server.respond = lambda call: Answer(
            body={"access_token": "t-1", "expires_in": 60, "id": 1, "name": "N"}
        )
        form = self._open(connection)
        form.environment = "test"
        form.test_base_url = self.server.url
        form.auth_kind = "oauth_client"
        form.value_1, form.value_2 = "cid", "the-secret"
        form.save().action_connect()
        self.assertEqual(connection.state, "connected")
        routes = [call.route for call in self.server.calls]
        self.assertEqual(routes, ["/oauth/token", "/me"])
        self.assertEqual(connection._get_credentials()["access_token"], "t-1")

    def test_signing_in_leads_to_the_service_with_state_and_challenge(self):
        connection = self._create_connection("fake_oauth", state="disconnected")
        form = self._open(connection)
        form.value_1, form.value_2 = "cid", "the-secret"
        wizard = form.save()
        request = SimpleNamespace(session={})
        with patch.object(service_connection_oauth, "request", request):
            action = wizard.action_connect()
            self.assertTrue(request.session[OAUTH_SESSION_KEY])
        url = action["url"]
        self.assertTrue(url.startswith("https://my.fake.example/oauth/authorize?"))
        for part in (
            "client_id=cid",
            "response_type=code",
            "code_challenge_method=S256",
            "code_challenge=",
            "scope=read+write",
            "step=choose",
            "state=",
        ):
            self.assertIn(part, url)
        self.assertNotIn("the-secret", url)
        self.assertEqual(connection.state, "connecting")

    def test_signing_in_needs_a_browser_session(self):
        connection = self._create_connection("fake_oauth", state="disconnected")
        with (
            patch.object(service_connection_oauth, "request", None),
            self.assertRaises(UserError),
        ):
            connection._start_oauth({"client_id": "cid", "client_secret": "s"})


class TestDisconnectWizard(FakeCommon):
    def test_the_form_lists_the_effects_and_the_button_disconnects(self):
        connection = self._create_local()
        context = connection.action_disconnect()["context"]
        wizard = (
            self.env["service.disconnect.wizard"].with_context(**context).create({})
        )
        self.assertEqual(wizard.effects.count("<li>"), 3)
        wizard.action_disconnect()
        self.assertEqual(connection.state, "disconnected")

    def test_an_effect_is_shown_as_text_and_not_as_markup(self):
        connection = self._create_local()
        self.patch(
            self.registry["service.connection"],
            "_get_disconnect_effects",
            lambda self: ["<b>boo</b>"],
        )
        wizard = self.env["service.disconnect.wizard"].create(
            {"connection_id": connection.id}
        )
        self.assertNotIn("<b>", wizard.effects)
