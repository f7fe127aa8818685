"""Logs of the libraries under us."""

import logging

from odoo.tests import BaseCase

from odoo.addons.connection_base.log_filters import (
    CallFilter,
    RouteFilter,
    calling,
    install_log_filters,
)


def _record(message, *args):
    return logging.LogRecord("x", logging.INFO, "f", 1, message, args, None)


class TestLogFilters(BaseCase):
    def test_the_access_log_shows_no_code_and_no_token(self):
        for line, secret in (
            ('"GET /connection/oauth/callback?code=abc&state=xyz HTTP/1.1"', "abc"),
            ('"POST /connection/webhook/mollie/tok123?id=1 HTTP/1.1"', "tok123"),
        ):
            record = _record("%s %s", line, 200)
            self.assertTrue(RouteFilter().filter(record))
            self.assertNotIn(secret, record.getMessage())
            self.assertIn("/connection/", record.getMessage())

    def test_other_lines_are_left_alone(self):
        record = _record("GET %s", "/web?debug=1")
        RouteFilter().filter(record)
        self.assertEqual(record.getMessage(), "GET /web?debug=1")
        self.assertEqual(record.args, ("/web?debug=1",))

    def test_queries_of_our_calls_are_masked_and_those_of_others_are_not(self):
        record = _record("Retrying: %s", "/find?email=a@b.example")
        CallFilter().filter(record)
        self.assertIn("a@b.example", record.getMessage())
        with calling(["secret-key"]):
            CallFilter().filter(record)
        self.assertNotIn("a@b.example", record.getMessage())

    def test_the_filters_are_put_in_place_once(self):
        install_log_filters()
        for name, kind in (
            ("werkzeug", RouteFilter),
            ("urllib3.connectionpool", CallFilter),
        ):
            filters = logging.getLogger(name).filters
            self.assertEqual(sum(isinstance(item, kind) for item in filters), 1)
