from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestMoney(DunningCommon):
    """Money that other addons know of stops a step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 20)

    def _create_receipt(self, **values):
        if "matching.receipt" not in self.env:
            self.skipTest("needs moneybird_reconcile")
        receipts = self.env["matching.receipt"].sudo()
        return receipts.create(
            {
                "name": "Payment",
                "company_id": self.company.id,
                "source": "mollie",
                "fingerprint": f"test-{receipts.search_count([])}",
                "date": self.today,
                "amount": 100,
                "currency_id": self.company.currency_id.id,
                "state": "open",
                **values,
            }
        )

    def _run_and_get(self):
        self._run_dunning()
        return self.partner.dunning_case_ids

    def test_receipt_of_the_customer_stops_the_debtor(self):
        for state in ("waiting", "open", "error"):
            with self.subTest(state=state):
                receipt = self._create_receipt(partner_id=self.partner.id, state=state)
                case = self._run_and_get()
                self.assertFalse(case.sent_message_ids)
                self.assertEqual(case.wait_codes, "UNMATCHED-MONEY")
                receipt.state = "ignored"
        self.assertTrue(self._run_and_get().sent_message_ids)

    def test_receipt_that_may_be_for_the_item_stops_the_debtor(self):
        receipt = self._create_receipt()
        self.env["matching.proposal"].sudo().create(
            {
                "receipt_id": receipt.id,
                "score": 60,
                "line_ids": [
                    fields.Command.create(
                        {
                            "move_line_id": self._get_item(self.invoice).id,
                            "amount": 100,
                        }
                    )
                ],
            }
        )
        self.assertEqual(self._run_and_get().wait_codes, "UNMATCHED-MONEY")

    def test_receipt_of_another_customer_stops_nobody(self):
        self._create_receipt(partner_id=self._create_partner(name="Other").id)
        self.assertTrue(self._run_and_get().sent_message_ids)

    def test_every_source_has_to_be_fresh(self):
        """Reliability rule 13: one fresh source says nothing about the others."""
        if "matching.receipt" not in self.env:
            self.skipTest("needs moneybird_reconcile")
        self.policy.max_data_hours = 24
        now = fields.Datetime.now()
        connections = self._create_connection(
            "mollie", company_id=self.company.id
        ) | self._create_connection("ccv", company_id=self.company.id)
        connections[0].date_last_sync = now
        planner = self.env["dunning.planner"]
        bank = planner._get_bank_date(self.company)
        for age, is_stale in (
            (30, True),
            (1, bool(bank) and bank < now - timedelta(1)),
        ):
            connections[1].date_last_sync = now - timedelta(hours=age)
            found = planner._is_stale(self.company, self.policy)
            self.assertEqual(found, is_stale, age)

    def test_nothing_is_sent_while_a_bank_file_is_being_stored(self):
        """Reliability rule 13: what is paid is known when the whole file is in."""
        if "matching.import" not in self.env:
            self.skipTest("needs moneybird_reconcile")
        planner = self.env["dunning.planner"]
        before = planner._get_bank_date(self.company)
        record = self.env["matching.import"].create(
            {"name": "long.xml", "company_id": self.company.id, "state": "booking"}
        )
        self.assertTrue(planner._is_stale(self.company, self.policy))
        self.assertEqual(planner._get_bank_date(self.company), before)
        record.state = "done"
        self.assertFalse(planner._is_bank_file_coming(self.company))
