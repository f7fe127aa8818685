"""The rate limiter in the database."""

import threading
from contextlib import suppress
from datetime import timedelta

from odoo import api, fields
from odoo.tests import tagged

from odoo.addons.connection_base.engine.provider_spec import RateLimit
from odoo.addons.connection_base.exceptions import TemporaryError
from odoo.addons.connection_base.models.rate_limiter import DatabaseRateLimiter

from .fake_common import FakeCommon
from .local_server import Answer


class TestRateBucket(FakeCommon):
    def test_calls_over_the_limit_are_not_sent(self):
        connection = self._create_local("fake_limited")
        self.server.script(Answer(body={"id": 1, "name": "N"}))
        with self.enter_registry_test_mode():
            client = connection._get_client()
            client.whoami()
            connection._get_client().whoami()
            with self.assertRaises(TemporaryError) as caught:
                client.whoami()
        self.assertEqual(len(self.server.calls), 2)
        self.assertGreater(caught.exception.retry_after, 0)
        self.assertLessEqual(caught.exception.retry_after, 63)
        self.assertEqual(caught.exception.reason, "quota")

    def test_another_connection_has_calls_of_its_own(self):
        bucket = self.env["service.rate.bucket"]
        with self.enter_registry_test_mode():
            self.assertEqual(bucket._take("a:1", 1, 60), 0.0)
            self.assertGreater(bucket._take("a:1", 1, 60), 0.0)
            self.assertEqual(bucket._take("a:2", 1, 60), 0.0)

    def test_a_service_without_limit_counts_nothing(self):
        connection = self._create_local()
        self.assertIsNone(connection._get_client_options()["rate_limiter"])

    def test_buckets_that_are_not_used_go_away(self):
        buckets = self.env["service.rate.bucket"]
        old, new = buckets.create([{"key": "old"}, {"key": "new"}])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_rate_bucket SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=3), old.id],
        )
        self.env.invalidate_all()
        buckets._gc_unused()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())


@tagged("post_install", "-at_install")
class TestRateRace(FakeCommon):
    def test_workers_together_never_get_more_calls_than_the_limit(self):
        key, taken, errors = "race:1", [], []
        start = threading.Barrier(6)

        def worker():
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, api.SUPERUSER_ID, {})
                    limiter = DatabaseRateLimiter(env, key, RateLimit(10, 600))
                    start.wait(10)
                    for _call in range(5):
                        with suppress(TemporaryError):
                            limiter.acquire()
                            taken.append(1)
            except Exception as err:  # noqa: BLE001  told to the test below
                errors.append(err)

        def clean():
            with self.registry.cursor() as cr:
                cr.execute("DELETE FROM service_rate_bucket WHERE key = %s", [key])

        self.addCleanup(clean)
        threads = [threading.Thread(target=worker) for _number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(errors, [])
        self.assertEqual(len(taken), 10)
