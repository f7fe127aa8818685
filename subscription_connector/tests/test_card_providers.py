from contextlib import ExitStack
from unittest import SkipTest
from unittest.mock import patch

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.card_server import running_card_server
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

LOGGERS = (
    "odoo.addons.payment.models.payment_provider",
    "odoo.addons.payment_stripe.models.payment_transaction",
    "odoo.addons.payment_adyen.models.payment_transaction",
)


class CardCommon(SubscriptionCommon):
    """Charges by the code of Odoo's own provider, over HTTP; run where it is there."""

    code = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        codes = dict(cls.env["payment.provider"]._fields["code"].selection)
        if cls.code not in codes:
            raise SkipTest(f"payment_{cls.code} is not installed")
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.server = stack.enter_context(running_card_server())
        stack.enter_context(
            patch.object(
                cls.registry["payment.provider"],
                "_build_request_url",
                lambda _self, endpoint, **_options: cls.server.get_url(endpoint),
            )
        )
        cls.card = cls.env.ref("payment.payment_method_card")
        provider = cls.env["payment.provider"].sudo()
        cls.bank = provider.create(
            {
                "name": cls.code,
                "code": cls.code,
                "company_id": cls.company.id,
                "state": "test",
                "payment_method_ids": [Command.set(cls.card.ids)],
                **cls._get_keys(),
            }
        )
        cls.card.sudo().active = True
        cls.bank.journal_id = cls.company_data["default_journal_bank"]
        cls.saved = cls._create_saved_method(
            cls.customer,
            provider_id=cls.bank.id,
            payment_method_id=cls.card.id,
            provider_ref="cus_1",
            **cls._get_token_keys(),
        )

    @classmethod
    def _get_keys(cls):
        raise NotImplementedError

    @classmethod
    def _get_token_keys(cls):
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        self.server.plan.clear()
        self.server.charges.clear()
        self.server.asked.clear()
        self.server.deaf = False

    def _charge(self, *plan):
        """Bill February and charge it, the calls ending as planned."""
        with freeze_time("2026-02-10 08:00:00"):
            subscription = self._create_subscription(
                "2026-02-01", payment_token_id=self.saved.id
            )
            self._run_billing()
            self.server.plan[:] = plan
            self._run_charges("2026-02-10 08:00:00")
        return subscription.charge_ids

    def _run_charges(self, moment):
        with freeze_time(moment), mute_logger(*LOGGERS):
            self._run_cron("ir_cron_charge")

    def _check_taken_once(self, charge):
        self.assertEqual(charge.state, "done", charge.last_error)
        self.assertEqual(len(self.server.get_taken()), 1)
        self.assertEqual(charge.transaction_id.reference, self.server.get_taken()[0])
        self.assertIn(charge.move_id.payment_state, ("paid", "in_payment"))

    def _check_lost_answers(self):
        """A charge was made and its answer lost: it is found, and made once."""
        for plan in ("lose", "trouble"):
            with self.subTest(plan=plan):
                self.setUp()
                charge = self._charge(plan)
                self.assertEqual(charge.state, "unknown")
                self._run_charges("2026-02-10 08:02:00")
                self._check_taken_once(charge)


@tagged("post_install", "-at_install")
class TestStripe(CardCommon):
    """An answer of Stripe that is lost is asked for; core takes it for a failure."""

    code = "stripe"

    @classmethod
    def _get_keys(cls):
        return {"stripe_publishable_key": "pk", "stripe_secret_key": "sk"}

    @classmethod
    def _get_token_keys(cls):
        return {"stripe_payment_method": "pm_1"}

    def test_a_charge_that_succeeds_is_paid(self):
        self._check_taken_once(self._charge())

    def test_a_lost_answer_is_found_at_stripe(self):
        """Charged once, though core's own code notes a failed payment."""
        self._check_lost_answers()

    def test_what_never_arrived_is_charged_once(self):
        """Not before the request can no longer be on its way."""
        charge = self._charge("drop")
        self.assertEqual(charge.state, "unknown")
        self._run_charges("2026-02-10 08:01:30")
        self.assertEqual(charge.state, "unknown")
        self.assertFalse(self.server.charges)
        self._run_charges("2026-02-10 08:10:00")
        self._check_taken_once(charge)

    def test_the_same_request_at_work_is_no_failure(self):
        charge = self._charge("busy")
        self.assertEqual(charge.state, "unknown")

    def test_a_question_without_an_answer_is_asked_again(self):
        charge = self._charge("lose")
        self.server.deaf = True
        self._run_charges("2026-02-10 08:02:00")
        self.assertEqual((charge.state, charge.asked), ("unknown", 1))
        self.server.deaf = False
        self._run_charges("2026-02-10 09:00:00")
        self._check_taken_once(charge)

    def test_it_is_found_behind_many_younger_payments(self):
        charge = self._charge("lose")
        mine = dict(self.server.charges)
        for number in range(120):
            self.server.charges[f"other-{number}"] = {
                **next(iter(mine.values())),
                "id": f"pi_other_{number}",
                "reference": f"Other {number}",
                "status": "canceled",
            }
        self._run_charges("2026-02-10 08:02:00")
        self._check_taken_once(charge)
        self.assertEqual(len(self.server.asked), 2)

    def test_the_code_of_a_decline_decides_what_follows(self):
        """A stolen card is not tried again; too little money is."""
        cases = (("insufficient_funds", "retry"), ("stolen_card", "stopped"))
        for code, state in cases:
            with self.subTest(code=code):
                self.setUp()
                charge = self._charge(code)
                self.assertEqual(charge.state, state)
                self.assertIn(code, charge.last_error)

    def test_another_amount_than_was_asked_is_not_tried_again(self):
        """Core takes it for a failure, but money was taken."""
        charge = self._charge("odd")
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "stop"))
        self._run_charges("2026-02-14 09:00:00")
        self.assertEqual(len(self.server.charges), 1)

    def test_what_is_pending_is_read_again_when_the_webhook_is_lost(self):
        """The sweep alone reaches the same state; what never ends is for a person."""
        charge = self._charge("processing")
        self.assertEqual(charge.state, "pending")
        self._run_charges("2026-02-10 20:00:00")
        self.assertFalse(self.server.asked)
        self._run_charges("2026-02-12 08:00:00")
        self.assertEqual((charge.state, len(self.server.asked)), ("pending", 1))
        self._run_charges("2026-02-12 12:00:00")
        self.assertEqual(len(self.server.asked), 1)
        self.assertFalse(charge.activity_ids)
        self._run_charges("2026-02-25 08:00:00")
        self.assertTrue(charge.activity_ids)
        next(iter(self.server.charges.values()))["status"] = "succeeded"
        self._run_charges("2026-02-26 09:00:00")
        self._check_taken_once(charge)

    def test_the_code_of_a_decline_is_found_when_asked_for(self):
        charge = self._charge("drop")
        transaction = charge.transaction_id
        self.server.charges["key"] = {
            "id": "pi_9",
            "reference": transaction.reference,
            "customer": "cus_1",
            "amount": 1500,
            "currency": "eur",
            "status": "requires_payment_method",
            "code": "lost_card",
        }
        self._run_charges("2026-02-10 08:02:00")
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "stop"))
        self.assertFalse(self.server.get_taken())


@tagged("post_install", "-at_install")
class TestAdyen(CardCommon):
    """An answer of Adyen that is lost is asked for by the same key."""

    code = "adyen"

    @classmethod
    def _get_keys(cls):
        return {
            "adyen_merchant_account": "club",
            "adyen_api_key": "key",
            "adyen_client_key": "client",
            "adyen_hmac_key": "00",
            "adyen_api_url_prefix": "club",
        }

    @classmethod
    def _get_token_keys(cls):
        return {"adyen_shopper_reference": "ODOO_PARTNER_1"}

    def test_a_lost_answer_is_given_again(self):
        self._check_lost_answers()

    def test_what_never_arrived_is_charged_once(self):
        charge = self._charge("drop", "busy")
        self.assertEqual(charge.state, "unknown")
        self._run_charges("2026-02-10 08:02:00")
        self.assertEqual((charge.state, charge.asked), ("unknown", 1))
        self._run_charges("2026-02-10 08:20:00")
        self._check_taken_once(charge)

    def test_the_reason_of_a_refusal_decides_what_follows(self):
        charge = self._charge("Expired Card")
        self.assertEqual((charge.state, charge.failure_kind), ("stopped", "hard"))
