import copy
import doctest
import json
import pathlib
import unittest
from datetime import date
from decimal import Decimal

from odoo.addons.subscription_connector.engine import outside

SAMPLES = pathlib.Path(__file__).with_name("samples")


def load_tests(loader, tests, ignore):
    tests.addTests(doctest.DocTestSuite(outside))
    return tests


def sample(name):
    """Return a recorded answer of Plug&Pay."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


class TestOutside(unittest.TestCase):
    def test_a_subscription_is_read(self):
        found = outside.parse_subscription(sample("subscriptions")["data"][0])
        self.assertEqual(found.contact.name, "Stefan Kramer")
        self.assertEqual(found.amount_total, Decimal("12.10"))
        self.assertEqual(found.interval.unit, "month")
        self.assertIsInstance(found.date_next, date)
        self.assertTrue(found.method.startswith("•••• "))
        self.assertEqual(len(found.method), 9)

    def test_an_order_is_read_with_its_lines(self):
        found = outside.parse_order(sample("orders")["data"][0])
        self.assertTrue(found.is_final)
        self.assertEqual(found.payment_state, "paid")
        self.assertEqual(
            sum(line.amount_total for line in found.lines), found.amount_total
        )

    def test_a_record_without_price_is_refused_not_guessed(self):
        row = copy.deepcopy(sample("subscriptions")["data"][0])
        del row["pricing"]
        with self.assertRaises(KeyError):
            outside.parse_subscription(row)
        with self.assertRaises(ValueError):
            outside.amount("twelve")

    def test_a_cancelled_one_runs_on_until_its_end(self):
        row = copy.deepcopy(sample("subscriptions")["data"][0])
        row["status"] = "cancelled"
        row["billing"]["schedule"]["termination_at"] = "2027-01-01"
        self.assertTrue(outside.parse_subscription(row).runs_on)
        row["billing"]["schedule"]["termination_at"] = None
        self.assertFalse(outside.parse_subscription(row).runs_on)
