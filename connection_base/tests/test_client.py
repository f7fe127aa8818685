"""The HTTP client against a real server on loopback."""

import gzip
import threading
from unittest.mock import patch

import requests

from odoo.tests import BaseCase

from odoo.addons.connection_base.clients import transport
from odoo.addons.connection_base.clients.auth import (
    ApiKeyBasicAuth,
    BearerAuth,
    RenewingBearerAuth,
)
from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.exceptions import (
    AuthError,
    InvalidAnswerError,
    ProviderError,
    RejectedError,
    TemporaryError,
    UnknownResultError,
)

from .common import ConnectionMixin
from .local_server import Answer, LocalServer, free_port

LOGGER = "odoo.addons.connection_base.clients.http_client"


class KeyedClient(HttpClient):
    provider = "keyed"
    idempotency_header = "Idempotency-Key"
    idempotent_writes = True


class Limiter:
    """Gives so many calls."""

    def __init__(self, calls):
        self.left = calls

    def acquire(self):
        if not self.left:
            raise TemporaryError("used up", retry_after=5)
        self.left -= 1


class ClientCase(ConnectionMixin, BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = LocalServer()
        cls.addClassCleanup(cls.server.stop)
        cls.startClassPatcher(patch.object(transport, "BACKOFF", 0))

    def setUp(self):
        super().setUp()
        self.server.script(Answer())

    def _client(self, kind=HttpClient, **options):
        options.setdefault("base_url", self.server.url)
        options.setdefault("timeout", (2, 2))
        return kind(**options)


class TestClient(ClientCase):
    def test_an_answer_is_parsed_and_the_call_is_what_was_asked(self):
        self.server.script(Answer(body={"id": 7}))
        client = self._client(auth=BearerAuth("tok"), base_url=f"{self.server.url}/p")
        self.assertEqual(
            client.post_json("/v2/x", json={"a": 1}, params={"q": "z"}), {"id": 7}
        )
        call = self.server.calls[0]
        self.assertEqual((call.method, call.path), ("POST", "/p/v2/x?q=z"))
        self.assertEqual(call.headers["authorization"], "Bearer tok")
        self.assertEqual(call.body, b'{"a": 1}')
        self.assertIn("odoo-connection-base", call.headers["user-agent"])

    def test_each_method_is_sent_as_itself(self):
        client = self._client()
        client.get_json("/a")
        client.patch_json("/a", json={})
        client.put_json("/a", json={})
        self.server.script(Answer(status=204, body=b""))
        self.assertIsNone(client.delete("/a"))
        self.assertEqual([call.method for call in self.server.calls], ["DELETE"])

    def test_no_password_of_this_machine_is_sent_when_we_have_none(self):
        with patch.object(requests.sessions, "get_netrc_auth", return_value=("u", "p")):
            self._client().get_json("/a")
        self.assertNotIn("authorization", self.server.calls[0].headers)

    def test_a_key_can_go_as_a_user_name(self):
        self._client(auth=ApiKeyBasicAuth("k")).get_json("/a")
        self.assertEqual(self.server.calls[0].headers["authorization"], "Basic azo=")

    def test_a_read_is_repeated_when_a_gateway_fails(self):
        self.server.script(Answer(status=503), Answer(status=502), Answer(body=[1]))
        self.assertEqual(self._client().get_json("/a"), [1])
        self.assertEqual(len(self.server.calls), 3)

    def test_a_read_is_repeated_when_the_connection_breaks(self):
        self.server.script(Answer(hang_up=True), Answer(body=[1]))
        self.assertEqual(self._client().get_json("/a"), [1])

    def test_a_read_that_keeps_failing_is_temporary(self):
        for answer in (Answer(status=503), Answer(hang_up=True)):
            self.server.script(answer)
            with self.assertRaises(TemporaryError) as caught:
                self._client().get_json("/a")
            self.assertNotIsInstance(caught.exception, UnknownResultError)
            self.assertEqual(len(self.server.calls), 1 + transport.RETRIES)

    def test_a_failure_of_the_service_itself_is_not_repeated_at_once(self):
        self.server.script(Answer(status=500, headers={"Retry-After": "9"}))
        with self.assertRaises(TemporaryError) as caught:
            self._client().get_json("/a")
        self.assertEqual(caught.exception.retry_after, 9.0)
        self.assertEqual(len(self.server.calls), 1)

    def test_a_write_is_sent_once_and_its_lost_answer_is_unknown(self):
        for answer in (
            Answer(hang_up=True),
            Answer(status=500),
            Answer(status=502),
            Answer(status=503),
            Answer(body=b"x" * 50, cut=10),
        ):
            self.server.script(answer)
            with self.assertRaises(UnknownResultError):
                self._client().post_json("/a", json={})
            self.assertEqual(len(self.server.calls), 1)

    def test_a_write_that_is_not_answered_in_time_is_unknown(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.server.script(Answer(wait=release))
        with self.assertRaises(UnknownResultError):
            self._client(timeout=(1, 0.2)).post_json("/a", json={})
        self.assertEqual(len(self.server.calls), 1)

    def test_a_write_that_was_never_sent_is_only_temporary(self):
        client = self._client(base_url=f"http://127.0.0.1:{free_port()}")
        with self.assertRaises(TemporaryError) as caught:
            client.post_json("/a", json={})
        self.assertNotIsInstance(caught.exception, UnknownResultError)
        self.assertEqual(caught.exception.reason, "unreachable")

    def test_a_write_declared_repeatable_is_repeated(self):
        self.server.script(Answer(status=503), Answer(body={"ok": 1}))
        answer = self._client().post_json("/search", json={}, repeatable=True)
        self.assertEqual(answer, {"ok": 1})

    def test_a_write_with_a_key_is_repeated_with_the_same_key(self):
        self.server.script(Answer(hang_up=True), Answer(body={"ok": 1}))
        self._client(KeyedClient).post_json("/a", json={}, idempotency_key="k1")
        keys = [call.headers["idempotency-key"] for call in self.server.calls]
        self.assertEqual(keys, ["k1", "k1"])

    def test_a_write_with_a_key_that_keeps_failing_is_unknown(self):
        self.server.script(Answer(status=503))
        with self.assertRaises(UnknownResultError):
            self._client(KeyedClient).post_json("/a", json={}, idempotency_key="k")

    def test_a_key_is_not_trusted_where_the_service_ignores_it(self):
        self.server.script(Answer(hang_up=True))
        with self.assertRaises(UnknownResultError):
            self._client().post_json(
                "/a", json={}, idempotency_key="k", idempotency_header="X-Key"
            )
        self.assertEqual(len(self.server.calls), 1)
        with self.assertRaises(ValueError):
            self._client().post_json("/a", json={}, idempotency_key="k")

    def test_too_many_calls_is_temporary_with_the_pause_and_never_slept_on(self):
        for method in ("get_json", "post_json"):
            self.server.script(Answer(status=429, headers={"Retry-After": "3600"}))
            with self.assertRaises(TemporaryError) as caught:
                getattr(self._client(), method)("/a")
            self.assertEqual(caught.exception.retry_after, 3600.0)
            self.assertNotIsInstance(caught.exception, UnknownResultError)
            self.assertEqual(len(self.server.calls), 1)

    def test_a_refusal_tells_status_code_and_body(self):
        body = {"code": "no_stock", "message": "None left", "more": [1]}
        self.server.script(Answer(status=422, body=body))
        with self.assertRaises(RejectedError) as caught:
            self._client().post_json("/a", json={})
        error = caught.exception
        self.assertEqual((error.status, error.code), (422, "no_stock"))
        self.assertEqual(error.payload, body)
        self.assertIn("None left", str(error))

    def test_a_refusal_without_json_keeps_its_text(self):
        self.server.script(Answer(status=404, body=b"<h1>no</h1>"))
        with self.assertRaises(RejectedError) as caught:
            self._client().get_json("/a")
        self.assertEqual(caught.exception.payload, "<h1>no</h1>")
        self.assertIsNone(caught.exception.code)

    def test_refused_credentials_are_an_error_of_their_own(self):
        for status in (401, 403):
            self.server.script(Answer(status=status))
            with self.assertRaises(AuthError) as caught:
                self._client().get_json("/a")
            self.assertEqual(caught.exception.status, status)

    def test_an_answer_that_is_not_json_is_invalid(self):
        self.server.script(Answer(body=b"<html>"))
        with self.assertRaises(InvalidAnswerError):
            self._client().get_json("/a")

    def test_an_answer_that_is_too_large_is_not_read(self):
        large = b"x" * 5000
        packed = gzip.compress(b"0" * 100_000)
        for answer in (
            Answer(body=large),
            Answer(body=large, headers={"Content-Length": None}),
            Answer(body=packed, headers={"Content-Encoding": "gzip"}),
        ):
            self.server.script(answer)
            with self.assertRaises(InvalidAnswerError):
                self._client(max_bytes=1000).get_json("/a")
        with self.assertRaises(UnknownResultError):
            self._client(max_bytes=1000).post_json("/a", json={})

    def test_an_answer_that_drips_for_ever_is_given_up(self):
        response = requests.Response()
        response.headers["Content-Length"] = "10"
        with (
            patch.object(response, "iter_content", return_value=iter([b"a", b"b"])),
            patch.object(response, "close"),
            self.assertRaises(InvalidAnswerError),
        ):
            transport.read_limited(response, 100, max_seconds=-1)

    def test_half_an_answer_to_a_read_is_temporary(self):
        self.server.script(Answer(body=b'{"a": 123456}', cut=5))
        with self.assertRaises(TemporaryError):
            self._client().get_json("/a")

    def test_a_redirect_is_never_followed(self):
        other = LocalServer()
        self.addCleanup(other.stop)
        target = {"Location": f"{other.url}/steal"}
        self.server.script(Answer(status=302, headers=target))
        client = self._client(auth=BearerAuth("tok"))
        with self.assertRaises(RejectedError):
            client.get_json("/a")
        answer = client.request("GET", "/file", allow_redirects="manual")
        self.assertEqual(answer.headers["Location"], target["Location"])
        self.assertEqual(other.calls, [])

    def test_a_call_cannot_leave_the_base_address(self):
        for path in ("http://127.0.0.2:1/x", "/../x"):
            with self.assertRaises(InvalidAnswerError):
                self._client(base_url=f"{self.server.url}/api").get_json(path)
        self.assertEqual(self.server.calls, [])

    def test_a_client_needs_https_except_on_this_machine(self):
        for url in ("http://api.example.com", "ftp://x", "https://u:p@x.example"):
            with self.assertRaises(ProviderError):
                HttpClient(base_url=url)

    def test_a_used_up_limit_stops_the_call_before_it_is_sent(self):
        with self.assertRaises(TemporaryError) as caught:
            self._client(rate_limiter=Limiter(calls=0)).get_json("/a")
        self.assertEqual(caught.exception.retry_after, 5)
        self.assertEqual(self.server.calls, [])

    def test_repetitions_are_counted_and_end_with_the_calls_that_are_left(self):
        for answer in (Answer(status=503), Answer(hang_up=True)):
            limiter = Limiter(calls=2)
            self.server.script(answer)
            with self.assertRaises(TemporaryError):
                self._client(rate_limiter=limiter).get_json("/a")
            self.assertEqual(len(self.server.calls), 2)
        self.server.script(Answer(hang_up=True))
        with self.assertRaises(UnknownResultError):
            self._client(KeyedClient, rate_limiter=Limiter(calls=1)).post_json(
                "/a", json={}, idempotency_key="k1"
            )
        self.assertEqual(len(self.server.calls), 1)

    def test_a_streamed_answer_is_left_to_the_caller(self):
        self.server.script(Answer(body=b"pdf"))
        response = self._client().request("GET", "/file", stream=True)
        self.assertEqual(b"".join(response.iter_content(2)), b"pdf")

    def test_nothing_secret_or_personal_is_logged(self):
        secret, mail = "sk_live_VerySecret", "member@example.org"
        self.server.script(
            Answer(status=503, body={"message": f"bad key {secret}"}),
        )
        with self.assertLogs(level="DEBUG") as logs:
            client = self._client(auth=BearerAuth(secret), secrets=[secret])
            with self.assertRaises(TemporaryError) as caught:
                client.get_json(f"/keys/{secret}", params={"email": mail})
        text = "\n".join(logs.output) + str(caught.exception)
        self.assertIn("/keys/", text)
        self.assertNotIn("VerySecret", text)
        self.assertNotIn("member", text)

    def test_a_secret_in_a_refusal_is_masked(self):
        secret = "sk_live_VerySecret"
        self.server.script(Answer(status=400, body={"message": f"key {secret} is bad"}))
        with self.assertRaises(RejectedError) as caught:
            self._client(secrets=[secret]).get_json("/a")
        self.assertNotIn(secret, str(caught.exception))


class Source:
    """Hands out tokens from a list."""

    def __init__(self, *tokens):
        self.tokens = list(tokens)

    def current(self):
        return self.tokens[0]

    def renew(self, stale):
        self.tokens.remove(stale)
        return self.tokens[0]


class TestRenewingAuth(ClientCase):
    def test_a_refused_token_is_renewed_and_the_write_is_sent_again(self):
        self.server.script(Answer(status=401), Answer(body={"ok": 1}))
        auth = RenewingBearerAuth(Source("old", "new"))
        self.assertEqual(
            self._client(auth=auth).post_json("/a", json={"n": 1}), {"ok": 1}
        )
        sent = [(c.headers["authorization"], c.body) for c in self.server.calls]
        self.assertEqual(
            sent, [("Bearer old", b'{"n": 1}'), ("Bearer new", b'{"n": 1}')]
        )

    def test_a_call_with_a_renewed_token_is_counted_and_may_be_too_much(self):
        for calls, expected in ((2, 2), (1, 1)):
            limiter = Limiter(calls)
            self.server.script(Answer(status=401), Answer(body={"ok": 1}))
            auth = RenewingBearerAuth(Source("old", "new"))
            client = self._client(auth=auth, rate_limiter=limiter)
            if calls == 1:
                with self.assertRaises(TemporaryError) as caught:
                    client.post_json("/a", json={})
                self.assertNotIsInstance(caught.exception, UnknownResultError)
            else:
                client.post_json("/a", json={})
            self.assertEqual(len(self.server.calls), expected)
            self.assertEqual(limiter.left, 0)

    def test_a_second_refusal_is_not_followed_by_a_third_call(self):
        self.server.script(Answer(status=401))
        auth = RenewingBearerAuth(Source("old", "new", "newer"))
        with self.assertRaises(AuthError):
            self._client(auth=auth).get_json("/a")
        self.assertEqual(len(self.server.calls), 2)

    def test_an_answer_other_than_401_renews_nothing(self):
        self.server.script(Answer(status=403))
        auth = RenewingBearerAuth(Source("only"))
        with self.assertRaises(AuthError):
            self._client(auth=auth).get_json("/a")

    def test_tokens_in_use_are_masked(self):
        self.server.script(Answer(status=400, body={"message": "token tok_123456 bad"}))
        client = self._client(auth=RenewingBearerAuth(Source("tok_123456")))
        with self.assertRaises(RejectedError) as caught:
            client.get_json("/a")
        self.assertNotIn("tok_123456", str(caught.exception))
