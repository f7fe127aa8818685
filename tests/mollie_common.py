"""Builders for tests of charges through Mollie, against the sandbox."""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import requests

from odoo.fields import Command
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

from tests.sandbox.client import SandboxClient
from tests.sandbox.contract import Contract, ContractError
from tests.sandbox.testing import running_sandbox

LOGGERS = (
    "odoo.addons.payment.models.payment_provider",
    "odoo.addons.payment_mollie.models.payment_transaction",
    "odoo.addons.subscription_connector.models.subscription_charge",
    "odoo.addons.subscription_mollie.models.payment_transaction",
)


class MollieCommon(SubscriptionCommon):
    """Mollie is the sandbox; the customer pays by iDEAL and is debited later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        sandbox = stack.enter_context(running_sandbox())
        cls.sandbox = SandboxClient(sandbox.url)
        cls.mollie = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Mollie",
                    "code": "mollie",
                    "company_id": cls.company.id,
                    "state": "test",
                    "mollie_api_key": "test_0123456789",
                    "mollie_test_url": f"{sandbox.url}/mollie",
                    "allow_tokenization": True,
                    "payment_method_ids": [
                        Command.set(cls.env.ref("payment.payment_method_ideal").ids)
                    ],
                }
            )
        )
        cls.mollie.journal_id = cls.company_data["default_journal_bank"]
        cls.ideal = cls.env.ref("payment.payment_method_ideal")
        cls.ideal.sudo().active = True
        cls.debit = cls.env.ref("payment.payment_method_sepa_direct_debit")
        cls.plan.debit_notice_days = 0

    def setUp(self):
        super().setUp()
        self.sandbox.reset("mollie")

    # === BUILDERS === #

    def _payments(self, **equal):
        return [
            payment
            for payment in self.sandbox.objects("mollie", "payment")
            if all(payment.get(name) == value for name, value in equal.items())
        ]

    def _pay_first(self, reference="first"):
        """Return the method that a first payment with iDEAL saved."""
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.mollie.id,
                    "payment_method_id": self.ideal.id,
                    "reference": reference,
                    "amount": 15.0,
                    "currency_id": self.env.ref("base.EUR").id,
                    "partner_id": self.customer.id,
                    "operation": "online_redirect",
                    "tokenize": True,
                }
            )
        )
        values = transaction._get_specific_rendering_values({})
        self.assertIn("/checkout/", values["api_url"])
        payment = {"id": transaction.provider_reference, "status": "paid"}
        self.sandbox.scene("mollie", status=[payment])
        self._read_again(transaction)
        return transaction.token_id

    def _read_again(self, transaction):
        data = transaction._send_api_request(
            "GET", f"/payments/{transaction.provider_reference}"
        )
        transaction._process("mollie", data)

    def _create_billed(self, reference="first"):
        subscription = self._create_subscription(
            "2026-02-01", payment_token_id=self._pay_first(reference).id
        )
        self._run_billing()
        return subscription.charge_ids

    def _charge(self):
        with mute_logger(*LOGGERS):
            self._run_cron("ir_cron_charge")

    def _sweep(self):
        with self.enter_registry_test_mode():
            self.env.ref("subscription_mollie.ir_cron_sweep").method_direct_trigger()

    @contextmanager
    def _held_to_the_document(self):
        """Hold each call against Mollie's own document; give the list of them."""
        base_url = self.mollie.mollie_test_url
        contract = Contract("mollie", base_url)
        send, calls, problems = requests.Session.send, [], []

        def send_and_check(session, request, **options):
            answer = send(session, request, **options)
            if request.url.startswith(f"{base_url}/v2/"):
                calls.append((request.method, request.path_url.partition("?")[0]))
                try:
                    contract.check(answer)
                except ContractError as error:
                    problems.append(str(error))
            return answer

        with patch.object(requests.Session, "send", send_and_check):
            yield calls
        self.assertEqual(problems, [])
