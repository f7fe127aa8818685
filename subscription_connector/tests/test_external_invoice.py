import copy
from datetime import datetime

from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon
from odoo.addons.subscription_connector.tests.test_engine_outside import sample


@tagged("post_install", "-at_install")
class TestExternalInvoice(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._create_plugandpay(
            plugandpay_date_activated=datetime(2026, 11, 1)
        )
        cls.row = sample("orders")["data"][0]

    def _apply(self, row):
        return (
            self.env["subscription.external.invoice"]
            .sudo()
            ._apply_outside(self.connection, row)
        )

    def _find(self):
        return self.env["subscription.external.invoice"].search(
            [("connection_id", "=", self.connection.id)]
        )

    def test_an_order_becomes_a_document_and_no_entry(self):
        """H1: shown with its lines, and nothing is posted."""
        moves = self.env["account.move"].search_count([])
        self.assertEqual(self._apply(self.row), "imported")
        invoice = self._find()
        self.assertEqual(invoice.number, "20260002")
        self.assertEqual(invoice.partner_id.name, "Stefan Kramer")
        self.assertEqual(invoice.amount_total, 12.10)
        self.assertEqual(invoice.line_ids.name, "Clubblad per maand")
        self.assertEqual(self.env["account.move"].search_count([]), moves)

    def test_the_same_order_twice_is_one_document(self):
        self._apply(self.row)
        self.assertEqual(self._apply(self.row), "skipped")
        paid_back = copy.deepcopy(self.row)
        paid_back["payment"]["status"] = "reversed"
        self.assertEqual(self._apply(paid_back), "updated")
        self.assertEqual(self._find().state, "reversed")

    def test_an_order_from_before_the_connection_is_left_alone(self):
        """H6: one-off orders only from activation on."""
        old = copy.deepcopy(self.row)
        old["created_at"] = "2026-10-31T23:59:59.000000Z"
        self.assertEqual(self._apply(old), "skipped")
        self.assertFalse(self._find())

    def test_a_concept_is_not_an_invoice_yet(self):
        concept = copy.deepcopy(self.row)
        concept["invoice_status"] = "concept"
        self.assertEqual(self._apply(concept), "skipped")
