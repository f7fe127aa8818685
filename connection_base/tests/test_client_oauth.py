"""The token endpoint's client against a real server on loopback."""

from odoo.addons.connection_base.clients.oauth import OAuthClient
from odoo.addons.connection_base.engine.provider_spec import OAuthSpec
from odoo.addons.connection_base.exceptions import (
    AuthError,
    InvalidAnswerError,
    RejectedError,
    UnknownResultError,
)

from .local_server import Answer
from .test_client import ClientCase

TOKENS = {"access_token": "a1", "refresh_token": "r1", "expires_in": 3600}


class TestOAuthClient(ClientCase):
    def _oauth(self, **spec):
        spec = OAuthSpec(authorize_path="/authorize", token_path="/token", **spec)
        return self._client(
            OAuthClient, spec=spec, client_id="cid", client_secret="c-secret-1"
        )

    def test_a_code_is_traded_with_its_verifier(self):
        self.server.script(Answer(body=TOKENS))
        answer = self._oauth().exchange("co", "https://o/cb", "ver", {"tenant_id": "5"})
        self.assertEqual(answer, TOKENS)
        call = self.server.calls[0]
        self.assertEqual((call.method, call.path), ("POST", "/token"))
        self.assertEqual(
            call.form,
            {
                "grant_type": "authorization_code",
                "code": "co",
                "redirect_uri": "https://o/cb",
                "code_verifier": "ver",
                "tenant_id": "5",
                "client_id": "cid",
                "client_secret": "c-secret-1",
            },
        )

    def test_client_and_secret_can_go_as_basic(self):
        self.server.script(Answer(body=TOKENS))
        self._oauth(client_auth="basic").refresh("r0")
        call = self.server.calls[0]
        self.assertTrue(call.headers["authorization"].startswith("Basic "))
        self.assertEqual(
            call.form, {"grant_type": "refresh_token", "refresh_token": "r0"}
        )

    def test_the_body_can_be_json(self):
        self.server.script(Answer(body=TOKENS))
        self._oauth(token_format="json").refresh("r0")
        call = self.server.calls[0]
        self.assertEqual(call.headers["content-type"], "application/json")
        self.assertIn(b'"refresh_token": "r0"', call.body)

    def test_a_client_gets_a_token_for_itself(self):
        self.server.script(Answer(body=TOKENS))
        self._oauth(scopes=("letter", "batch")).client_credentials()
        form = self.server.calls[0].form
        self.assertEqual(form["grant_type"], "client_credentials")
        self.assertEqual(form["scope"], "letter batch")

    def test_a_refused_sign_in_is_an_authentication_error(self):
        for answer in (
            Answer(status=400, body={"error": "invalid_grant"}),
            Answer(status=401, body={"error": "invalid_client"}),
            Answer(status=403, body=b"no"),
        ):
            self.server.script(answer)
            with self.assertRaises(AuthError):
                self._oauth().refresh("r0")

    def test_another_refusal_is_not_a_matter_of_credentials(self):
        self.server.script(Answer(status=400, body={"error": "invalid_scope"}))
        with self.assertRaises(RejectedError) as caught:
            self._oauth().refresh("r0")
        self.assertEqual(caught.exception.code, "invalid_scope")

    def test_an_answer_without_a_token_is_invalid(self):
        for body in ({}, [], {"access_token": ""}):
            self.server.script(Answer(body=body))
            with self.assertRaises(InvalidAnswerError):
                self._oauth().refresh("r0")

    def test_a_refresh_is_never_repeated_by_itself(self):
        for answer in (Answer(hang_up=True), Answer(status=503)):
            self.server.script(answer)
            with self.assertRaises(UnknownResultError):
                self._oauth().refresh("r0")
            self.assertEqual(len(self.server.calls), 1)

    def test_a_token_is_revoked_where_the_service_can(self):
        self._oauth(revoke_path="/revoke").revoke("tok-123")
        call = self.server.calls[0]
        self.assertEqual(call.path, "/revoke")
        self.assertEqual(call.headers["authorization"], "Bearer tok-123")
        self._oauth().revoke("tok-123")
        self.assertEqual(len(self.server.calls), 1)
        self._oauth(revoke_path="/revoke").revoke("refresh-1", bearer="access-1")
        self.assertEqual(
            self.server.calls[1].headers["authorization"], "Bearer access-1"
        )
