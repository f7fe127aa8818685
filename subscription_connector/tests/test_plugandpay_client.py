import json
import unittest
from datetime import date
from unittest.mock import Mock

import requests

from odoo.addons.connection_base.exceptions import InvalidAnswerError, RejectedError
from odoo.addons.subscription_connector.clients.plugandpay import PlugAndPayClient
from odoo.addons.subscription_connector.tests.test_engine_outside import sample


def answer(body, status=200):
    """Return a response as requests makes it."""
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    response.headers["Content-Type"] = "application/json"
    return response


class TestPlugAndPayClient(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.client = PlugAndPayClient(base_url="https://api.plugandpay.example")
        self.client.request = Mock()

    def test_a_page_knows_whether_another_follows(self):
        body = sample("subscriptions") | {"meta": {"last_page": 2, "total": 30}}
        self.client.request.return_value = answer(body)
        page = self.client.list_subscriptions(1, "active")
        self.assertFalse(page.is_last)
        self.assertEqual(page.total, 30)
        params = self.client.request.call_args.kwargs["params"]
        self.assertEqual(params["status"], "active")
        self.assertTrue(self.client.list_subscriptions(2).is_last)

    def test_ending_sets_a_date_and_may_be_repeated(self):
        self.client.request.return_value = answer({"data": {"id": 7}})
        self.client.end_subscription("7", date(2026, 12, 7))
        call = self.client.request.call_args
        self.assertEqual(call.args, ("PATCH", "/v2/subscriptions/7"))
        self.assertEqual(
            call.kwargs["json"],
            {"billing": {"schedule": {"termination_at": "2026-12-07"}}},
        )
        self.assertTrue(call.kwargs["repeatable"])

    def test_an_answer_of_another_shape_is_named(self):
        for body in ({}, [], {"data": []}):
            self.client.request.return_value = answer(body)
            with self.assertRaises(InvalidAnswerError):
                self.client.get_tenant()

    def test_a_refused_field_is_named_without_its_value(self):
        body = {
            "message": "The given data was invalid.",
            "errors": {"billing.contact.email": ["x@example.com is taken."]},
        }
        error = self.client._parse_error(answer(body, 422))
        self.assertIsInstance(error, RejectedError)
        self.assertIn("billing.contact.email", str(error))
        self.assertNotIn("x@example.com", str(error))
