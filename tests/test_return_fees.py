"""What the bank charged for a returned debit: from a payout or a bank file to the ask.

Collections meet the payment matcher through the registry; here both are installed.
"""

import base64
from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.moneybird_reconcile.engine.payout import PayoutFacts, PayoutPart
from odoo.addons.moneybird_reconcile.tests.camt_samples import (
    camt,
    detail,
    entry,
    statement,
)
from odoo.addons.moneybird_reconcile.tests.common import MatchingCommon

RETURNED = "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"
CHARGES = '<Chrgs><Rcrd><Amt Ccy="EUR">3.80</Amt></Rcrd></Chrgs>'


@tagged("post_install", "-at_install")
class TestReturnFees(MatchingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mollie.matching_fee_account_id = cls.company_data["default_account_expense"]
        cls.invoice = cls._create_invoice(15.0)
        cls._fetch(cls._make_facts("tr_1", "15.00", description=cls.invoice.name))

    def _take_back(self, invoice, payment, external_id):
        return self._fetch(
            self._make_facts(
                external_id, "-15.00", kind="chargeback", raw={"paymentId": payment}
            )
        )

    def _pay_out(self, *costs):
        """A settlement with the payments and chargebacks that came in."""
        rows = self.env["matching.receipt"].sudo().search([("source", "=", "mollie")])
        parts = [
            PayoutPart(row.kind, Decimal(str(row.amount)), row.external_id)
            for row in rows
        ]
        parts += costs
        facts = PayoutFacts(
            external_id="stl_1",
            reference="1234567.2611.01",
            date=date.today(),  # noqa: DTZ011 - the day of the company
            amount=sum(part.amount for part in parts),
            currency="EUR",
            parts=tuple(parts),
        )
        self.mollie._create_payout(facts)
        payout = (
            self.env["matching.payout"].sudo().search([("external_id", "=", "stl_1")])
        )
        self.assertEqual(payout.state, "booked", payout.reason)
        return payout

    def _make_cost(self, amount, returns, vat="0", name="Chargeback fees"):
        return PayoutPart(
            "fee",
            Decimal(amount),
            amount_vat=Decimal(vat),
            name=name,
            returns=returns,
        )

    def _collect(self):
        # The daily run does it as the system.
        return self.env["dunning.return.fee"].sudo()._collect(self.company)

    def _get_item(self, invoice):
        return invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def test_payout_tells_what_each_chargeback_cost(self):
        """The sum is divided by the number of returns; told once."""
        second = self._create_invoice(15.0)
        self._fetch(self._make_facts("tr_2", "15.00", description=second.name))
        for number, invoice in enumerate((self.invoice, second), start=1):
            self._take_back(invoice, f"tr_{number}", f"chb_{number}")
        payout = self._pay_out(
            self._make_cost("-7.60", 2, "-1.32"), self._make_cost("-0.50", 0)
        )
        found = self._collect().sorted("id")
        self.assertEqual(set(found.move_line_id.move_id), {self.invoice, second})
        self.assertEqual(found.mapped("amount"), [3.8, 3.8])
        self.assertEqual(set(found.mapped("is_proven")), {True})
        self.assertEqual(found.mapped("date"), [payout.date] * 2)
        self.assertEqual(found[0].action_open_proof()["res_id"], payout.id)
        self.assertFalse(self._collect())

    def test_vat_that_is_deducted_is_no_damage(self):
        self.mollie.matching_fee_tax_id = self.company_data["default_tax_purchase"]
        self._take_back(self.invoice, "tr_1", "chb_1")
        self._pay_out(self._make_cost("-9.08", 1, "-1.58"))
        self.assertEqual(self._collect().amount, 7.5)

    def test_cost_that_names_its_chargeback_is_not_divided(self):
        """A payout report has a cost in the row of each payment."""
        second = self._create_invoice(15.0)
        self._fetch(self._make_facts("tr_2", "15.00", description=second.name))
        for number, invoice in enumerate((self.invoice, second), start=1):
            self._take_back(invoice, f"tr_{number}", f"chb_{number}")
        self._pay_out(
            self._make_cost("-3.00", 1, name="chb_1"),
            self._make_cost("-5.00", 1, name="chb_2"),
        )
        amounts = {fee.move_id: fee.amount for fee in self._collect()}
        self.assertEqual(amounts, {self.invoice: 3.0, second: 5.0})

    def _create_transaction(self, reference, **values):
        """A payment that Odoo collected itself."""
        providers = self.env["payment.provider"].sudo()
        provider = providers.search([("company_id", "=", self.company.id)], limit=1)
        if not provider:
            provider = providers.create(
                {"name": "Debits", "company_id": self.company.id}
            )
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env["payment.method"]
                    .sudo()
                    .search([], limit=1)
                    .id,
                    "reference": reference,
                    "provider_reference": reference,
                    "amount": 15.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.jan.id,
                    "company_id": self.company.id,
                    "state": "done",
                    **values,
                }
            )
        )

    def test_debit_that_odoo_collected_belongs_to_the_invoice_it_was_for(self):
        """The chargeback is a transaction of its own, of the one that paid."""
        invoice = self._create_invoice(15.0)
        paid = self._create_transaction("tr_9", invoice_ids=[Command.link(invoice.id)])
        self._create_transaction(
            "chb_9", source_transaction_id=paid.id, operation="refund", amount=-15.0
        )
        self._fetch(self._make_facts("tr_9", "15.00"))
        receipt = self._take_back(invoice, "tr_9", "chb_9")
        self.assertEqual(receipt.transaction_id.source_transaction_id, paid)
        fees = self.env["dunning.return.fee"].sudo()
        item = fees._choose_item(fees._find_items(receipt.sudo()))
        self.assertEqual(item, self._get_item(invoice))

    def test_what_cannot_be_divided_is_left_to_a_person(self):
        self._take_back(self.invoice, "tr_1", "chb_1")
        self._pay_out(self._make_cost("-7.60", 2))
        self.assertFalse(self._collect())

    def _import(self, *entries, closing):
        content = camt(statement(*entries, closing=closing))
        wizard = (
            self.env["matching.import.wizard"]
            .with_user(self.office)
            .create({"data": base64.b64encode(content), "filename": "bank.xml"})
        )
        wizard.action_import()

    @freeze_time("2026-11-25 12:00:00")
    def test_bank_file_names_the_charges_of_a_returned_debit(self):
        """camt.053 ``Chrgs`` of an entry with ``RtrInf``; the end-to-end id tells."""
        invoice = self._create_invoice(35.0)
        extra = RETURNED + CHARGES
        self._import(
            entry(
                "-38.80",
                detail("Rücklastschrift", end_to_end=invoice.name, extra=extra),
            ),
            closing="-38.80",
        )
        fee = self._collect()
        self.assertEqual((fee.move_line_id, fee.amount), (self._get_item(invoice), 3.8))
        self.assertEqual(
            (fee.source, fee.proof_model), ("bank", "account.bank.statement.line")
        )
        self.assertTrue(fee.is_proven)
        action = fee.action_open_proof()
        st_line = self.env["account.bank.statement.line"].browse(fee.proof_id)
        self.assertEqual(action["res_id"], st_line.move_id.id)
        self.assertFalse(self._collect())

    @freeze_time("2026-11-25 12:00:00")
    def test_fee_that_cannot_be_kept_does_not_stop_the_others(self):
        good, bad = self._create_invoice(35.0), self._create_invoice(36.0)
        for invoice, amount in ((good, "-38.80"), (bad, "-39.80")):
            extra = RETURNED + CHARGES
            line = detail("Rücklast", end_to_end=invoice.name, extra=extra)
            self._import(entry(amount, line), closing=amount)
        receipts = self.env["matching.receipt"].sudo()
        told = receipts.search([("end_to_end_id", "=", bad.name)])
        told.facts = {**told.facts, "fee": "-1"}
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.postal_dunning", "ERROR"),
        ):
            found = self._collect()
        self.assertEqual(found.move_id, good)

    @freeze_time("2026-11-25 12:00:00")
    def test_charges_of_another_entry_are_nobodys(self):
        """Neither a payment with charges, nor a return that names no invoice."""
        invoice = self._create_invoice(35.0)
        self._import(
            entry("-3.80", detail("Gebühr", end_to_end=invoice.name, extra=CHARGES)),
            entry("-9.00", detail("?", extra=RETURNED + CHARGES)),
            closing="-12.80",
        )
        self.assertFalse(self._collect())
