"""The engine: plain Python, no database, no network."""

import doctest
import random
from datetime import datetime, timezone
from importlib import import_module

from odoo.tests import BaseCase

from odoo.addons.connection_base.engine import oauth, rate_window, redaction
from odoo.addons.connection_base.engine.hosts import (
    HostError,
    check_base_url,
    join_below,
)
from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    OAuthSpec,
    ProviderSpec,
)
from odoo.addons.connection_base.engine.retry_after import parse_retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
MODULES = ("hosts", "oauth", "provider_spec", "rate_window", "redaction")


class TestEngine(BaseCase):
    def test_examples_in_the_docstrings_are_true(self):
        package = "odoo.addons.connection_base"
        names = [f"{package}.engine.{name}" for name in MODULES]
        names += [
            f"{package}.engine.retry_after",
            f"{package}.engine.vault",
            f"{package}.log_filters",
        ]
        for name in names:
            result = doctest.testmod(import_module(name))
            self.assertGreater(result.attempted, 0, name)
            self.assertEqual(result.failed, 0, name)

    def test_retry_after_is_read_in_its_three_forms(self):
        epoch = int(NOW.timestamp())
        for text, seconds in (
            ("120", 120.0),
            ("1.5", 1.5),
            (" 7 ", 7.0),
            ("0", 0.0),
            ("-5", 0.0),
            ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
            ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
            (str(epoch + 45), 45.0),
            (str(epoch - 45), 0.0),
            ("999999", 86_400.0),
            (str(epoch + 10**7), 86_400.0),
            ("nan", None),
            ("inf", None),
            ("tomorrow", None),
            ("", None),
            (None, None),
        ):
            self.assertEqual(parse_retry_after(text, NOW), seconds, text)

    def test_no_stretch_of_the_window_holds_more_calls_than_the_limit(self):
        rng = random.Random(7)  # noqa: S311  no secret here
        for calls, seconds in ((3, 10), (150, 300), (1, 1)):
            slots, now, taken = {}, 1_000_000.0, []
            for _step in range(2000):
                slots, wait = rate_window.take(slots, now, calls, seconds)
                if not wait:
                    taken.append(now)
                now += rng.choice((0.0, seconds / 100, wait, seconds / calls))
            for start in taken:
                inside = [at for at in taken if start <= at < start + seconds]
                self.assertLessEqual(len(inside), calls)
            self.assertGreater(len(taken), calls)

    def test_who_waits_as_long_as_told_gets_the_call(self):
        slots, now = {}, 5000.0
        for _call in range(10):
            slots, wait = rate_window.take(slots, now, 4, 20)
            if wait:
                now += wait
                slots, wait = rate_window.take(slots, now, 4, 20)
            self.assertEqual(wait, 0.0)

    def test_secrets_are_masked_wherever_they_stand(self):
        for text in (
            "https://x.example/cb?code=s3cr3t-value&a=1",
            'body {"refresh_token": "s3cr3t-value"}',
            "{'client_secret': 's3cr3t-value'}",
            "Authorization: Basic s3cr3t-value",
            "free text s3cr3t-value",
        ):
            self.assertNotIn("s3cr3t", redaction.redact(text, ["s3cr3t-value"]), text)

    def test_short_values_do_not_make_a_text_unreadable(self):
        self.assertEqual(redaction.redact("a b c", ["a", ""]), "a b c")

    def test_an_unusable_base_address_is_refused(self):
        for url in (
            "ftp://api.example.com",
            "http://api.example.com",
            "http://10.0.0.1",
            "https://user:pass@api.example.com",
            "https://api.example.com?x=1",
            "https://api.example.com#x",
            "https://",
            "https://[broken",
            "https://host:port",
            "",
        ):
            with self.assertRaises(HostError, msg=url):
                check_base_url(url, allow_loopback=True)

    def test_plain_http_needs_leave_for_this_machine(self):
        with self.assertRaises(HostError):
            check_base_url("http://127.0.0.1:1", allow_loopback=False)
        self.assertEqual(
            check_base_url("http://[::1]:1/", allow_loopback=True), "http://[::1]:1"
        )

    def test_a_path_cannot_leave_the_base_address(self):
        base = "https://api.example.com/v2"
        for path in (
            "https://evil.example/v2/x",
            "http://api.example.com/v2/x",
            "https://api.example.com:444/v2/x",
            "https://api.example.com@evil.example/v2",
            "https://api.example.com/other",
            "https://api.example.com/v2evil",
            "/../secret",
            "/a/../../secret",
            "\\\\evil.example/x",
            "https://api.example.com:x/v2/a",
        ):
            with self.assertRaises(HostError, msg=path):
                join_below(base, path)

    def test_a_next_page_below_the_base_address_is_followed(self):
        base = "https://api.example.com/v2"
        for path in ("orders", "/orders?next=https://x", f"{base}/orders?page=2"):
            self.assertTrue(join_below(base, path).startswith(f"{base}/orders"))

    def test_a_refresh_answer_without_refresh_token_keeps_the_old_one(self):
        values = oauth.token_values({"access_token": "n"}, 1.0, {"refresh_token": "o"})
        self.assertEqual(values["refresh_token"], "o")
        values = oauth.token_values(
            {"access_token": "n", "refresh_token": "r"}, 1.0, {"refresh_token": "o"}
        )
        self.assertEqual(values["refresh_token"], "r")

    def test_the_end_of_a_token_comes_from_the_answer_or_from_the_token(self):
        # {"exp": 500} in the middle
        jwt = "e30.eyJleHAiOjUwMH0.c2ln"
        for answer, expected in (
            ({"access_token": "a", "expires_in": 10}, 110.0),
            ({"access_token": "a", "expires_in": "10"}, 110.0),
            ({"access_token": jwt}, 500.0),
            ({"access_token": jwt, "expires_in": "soon"}, 500.0),
            ({"access_token": "a.b.c"}, None),
            ({"access_token": "opaque"}, None),
        ):
            values = oauth.token_values(answer, 100.0)
            self.assertEqual(values["expires_at"], expected, answer)

    def test_states_and_verifiers_are_long_and_never_the_same(self):
        made = {oauth.new_secret() for _number in range(500)}
        self.assertEqual(len(made), 500)
        self.assertTrue(all(len(value) >= 43 for value in made))

    def test_a_spec_that_cannot_work_is_refused(self):
        hosts = {"live": {"api": "https://a.example"}}
        good = {"code": "x", "name": "X", "hosts": hosts, "auth": ("api_key",)}
        good["credentials"] = {"api_key": (CredentialField("api_key", "Key"),)}
        ProviderSpec(**good)
        for wrong in (
            {"auth": ()},
            {"auth": ("password",)},
            {"auth": ("oauth_code",)},
            {"hosts": {"test": {"api": "https://a.example"}}},
            {"hosts": {"live": {"api": "http://a.example"}}},
        ):
            with self.assertRaises(ValueError, msg=wrong):
                ProviderSpec(**(good | wrong))
        for wrong in ({"client_auth": "query"}, {"token_format": "xml"}):
            with self.assertRaises(ValueError, msg=wrong):
                OAuthSpec(authorize_path="/a", token_path="/t", **wrong)

    def test_a_role_without_a_host_of_its_own_uses_the_api_host(self):
        spec = ProviderSpec(
            code="x",
            name="X",
            auth=("api_key",),
            credentials={},
            hosts={
                "live": {"api": "https://a.example", "auth": "https://b.example/"},
                "test": {"api": "https://t.example"},
            },
        )
        self.assertEqual(spec.base_url("live", "auth"), "https://b.example")
        self.assertEqual(spec.base_url("test", "auth"), "https://t.example")
        self.assertEqual(spec.fields_for("api_key"), ())
        self.assertIn("refresh_token", spec.secret_keys("api_key"))
