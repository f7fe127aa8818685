"""A company whose CCV, Mollie and Moneybird are servers on this machine."""

from contextlib import ExitStack
from unittest.mock import patch

from odoo.addons.moneybird_reconcile.tests.common import MatchingCommon

from tests.sandbox.client import SandboxClient
from tests.sandbox.testing import running_sandbox

NUMBER = "2026-0042"
PAYMENTS = r"/payments"


class SandboxCase(MatchingCommon):
    """Connects through the form behind Connect; the sandbox's book is the judge."""

    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        running = stack.enter_context(running_sandbox())
        cls.addClassCleanup(stack.close)
        cls.sandbox = SandboxClient(running.url)
        super().setUpClass()
        # Calls are counted in a transaction of their own, where nothing of a test is.
        bucket = cls.registry["service.rate.bucket"]
        cls.startClassPatcher(
            patch.object(
                bucket, "_take", lambda self, *args: self.sudo()._take_locked(*args)
            )
        )

    def setUp(self):
        super().setUp()
        for service in ("ccv", "mollie", "moneybird"):
            self.sandbox.reset(service)
            self.sandbox.clear_faults(service)

    def _connect(self, token="sandbox-token", provider="moneybird", **values):
        """Fill in the form behind Connect, as an administrator does."""
        connection = self._create_connection(provider, state="disconnected")
        return connection.sudo(), self._fill_in(connection, token, **values)

    def _fill_in(self, connection, token, **values):
        wizard = self.env["service.connect.wizard"].create(
            {
                "connection_id": connection.id,
                "environment": "test",
                "test_base_url": f"{self.sandbox.url}/{connection.provider}",
                "auth_kind": "api_key",
                "value_1": token,
                **values,
            }
        )
        return wizard.action_connect()

    def _sync(self, connection):
        connection._sync_now()
        self.env.invalidate_all()

    def _owe(self, number=NUMBER, amount="121.00", **values):
        """An open invoice at Moneybird; return its id there."""
        row = {"contact": "Kantine De Hoek", "amount": amount, "invoice_id": number}
        scene = self.sandbox.scene("moneybird", sales_invoices=[{**row, **values}])
        return scene["sales_invoices"][0]["id"]

    def _pay(self, amount="121.00", external_id="C1.G", number=NUMBER, **values):
        facts = self._make_facts(
            external_id, amount, provider="ccv", order_reference=number, **values
        )
        return self._fetch(facts, connection=self.ccv)

    def _invoice(self, key):
        invoices = self.sandbox.objects("moneybird", "sales_invoice")
        return next(row for row in invoices if row["id"] == key)

    def _payments(self):
        return self.sandbox.objects("moneybird", "payment")

    def _posts(self):
        return self.sandbox.requests("moneybird", "POST", PAYMENTS)
