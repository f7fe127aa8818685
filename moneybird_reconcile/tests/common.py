"""Builders for the tests of receipts, items and matches."""

from datetime import datetime, timezone
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.connection_base.exceptions import UnknownResultError
from odoo.addons.connection_base.tests.common import ConnectionMixin

from ..clients.moneybird import parse_item
from ..engine.facts import ReceiptFacts

IBAN_CLUB = "NL91ABNA0417164300"
IBAN_JAN = "NL02INGB0123456789"


class MatchingCommon(ConnectionMixin, AccountTestInvoicingCommon):
    """A company with a bank, CCV, Mollie and invoices of Jan de Vries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
        cls.company = cls.env.company
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.env.ref("base.EUR").active = True
        cls.jan = cls.env["res.partner"].create({"name": "Jan de Vries"})
        cls.bank = cls.company_data["default_journal_bank"]
        cls.bank.set_bank_account(IBAN_CLUB)
        cls.ccv = cls._create_source("ccv")
        cls.mollie = cls._create_source("mollie")
        cls.office = new_test_user(
            cls.env,
            "matching_office",
            "base.group_user,moneybird_reconcile.group_matching_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_source(cls, provider, **values):
        """A connected CCV or Mollie with its clearing journal."""
        connection = cls._create_connection(provider, **values)
        connection._ensure_clearing()
        return connection.sudo()

    @classmethod
    def _create_moneybird(cls, **values):
        values.setdefault("auth_kind", "api_key")
        values.setdefault("account_ref", "123")
        return cls._create_connection("moneybird", **values).sudo()

    @classmethod
    def _create_invoice(
        cls, amount=15.0, partner=None, move_type="out_invoice", **values
    ):
        """A posted customer invoice without tax."""
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or cls.jan).id,
                "invoice_date": "2026-11-10",
                "currency_id": cls.env.ref("base.EUR").id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Dues",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _make_facts(cls, external_id="tr_1", amount="15.00", **values):
        """A paid payment, as a client would tell it."""
        values.setdefault("provider", "mollie")
        values.setdefault("kind", "payment")
        values.setdefault("currency", "EUR")
        values.setdefault("moment", datetime.now(timezone.utc))
        values.setdefault("status", "paid")
        values.setdefault("stage", "paid")
        values.setdefault("method", "ideal")
        return ReceiptFacts(external_id=external_id, amount=Decimal(amount), **values)

    @classmethod
    def _fetch(cls, *facts_list, connection=None):
        """Bring facts in and match them, the way a sync does."""
        # A sync runs as the system; what people do is tested as the office.
        receipts, _created = (
            cls.env["matching.receipt"]
            .sudo()
            ._upsert_facts((connection or cls.mollie).sudo(), list(facts_list))
        )
        receipts.filtered(lambda receipt: receipt.state == "open")._match()
        return receipts

    @classmethod
    def _create_item(cls, connection, number="2026-0042", amount=121.0, **values):
        """An open item at Moneybird."""
        return (
            cls.env["matching.open.item"]
            .sudo()
            .create(
                {
                    "connection_id": connection.id,
                    "kind": "sales_invoice",
                    "external_id": values.pop("external_id", "777"),
                    "version": "1",
                    "number": number,
                    "partner_name": "Kantine De Hoek",
                    "amount_total": amount,
                    "amount_open": amount,
                    "currency_id": cls.env.ref("base.EUR").id,
                    "currency_code": "EUR",
                    "status": "open",
                    "is_open": True,
                    **values,
                }
            )
        )

    def _forward(self):
        """Run the job that forwards to Moneybird, the way the cron does."""
        self.env["matching.booking"].sudo().search([("state", "!=", "done")]).write(
            {"date_next_try": fields.Datetime.now()}
        )
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_forward").method_direct_trigger()
        self.env.invalidate_all()

    def _patch_client(self, client):
        """Let every connection talk to ``client``."""
        self.startPatcher(
            patch.object(
                type(self.env["service.connection"]),
                "_get_client",
                lambda connection: client,
            )
        )
        return client


class FakeMoneybird:
    """A Moneybird that keeps its invoices in memory and can lose an answer."""

    def __init__(self, *invoices):
        self.invoices = {str(invoice["id"]): invoice for invoice in invoices}
        self.posts = 0
        self.lose_answers = 0
        self.error = None

    @staticmethod
    def invoice(external_id="777", number="2026-0042", total="121.0", **values):
        """An open sales invoice as the API gives it."""
        return {
            "id": external_id,
            "invoice_id": number,
            "state": "open",
            "currency": "EUR",
            "version": 1,
            "total_price_incl_tax": total,
            "total_unpaid": total,
            "contact": {"company_name": "Kantine De Hoek"},
            "payments": [],
            **values,
        }

    def get_item(self, kind, external_id):
        """One invoice as it is now."""
        return parse_item(kind, self.invoices[external_id])

    def create_payment(self, kind, external_id, payment):
        """Do the work; then perhaps lose the answer."""
        self.posts += 1
        if self.error:
            raise self.error
        invoice = self.invoices[external_id]
        row = {
            "id": str(9000 + self.posts),
            "price": str(payment.amount),
            "payment_date": payment.date.isoformat(),
            "transaction_identifier": payment.identifier,
            "ledger_account_id": payment.ledger_account or None,
        }
        invoice["payments"].append(row)
        left = Decimal(invoice["total_unpaid"]) - payment.amount
        invoice.update(total_unpaid=str(left), state="open" if left else "paid")
        if self.lose_answers:
            self.lose_answers -= 1
            raise UnknownResultError("The answer of Moneybird was lost.")
        return row

    def delete_payment(self, kind, external_id, payment_id):
        """Take a payment back."""
        invoice = self.invoices[external_id]
        gone = [row for row in invoice["payments"] if row["id"] == payment_id]
        invoice["payments"] = [row for row in invoice["payments"] if row not in gone]
        left = Decimal(invoice["total_unpaid"]) + sum(Decimal(r["price"]) for r in gone)
        invoice.update(total_unpaid=str(left), state="open")
