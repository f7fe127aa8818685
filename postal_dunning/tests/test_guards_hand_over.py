"""Each guard between the yes to a step and the printer (invariant I16).

The fact arises after the step was approved and its letter made. A letter that was not
handed over stays here; one at the printer, not printed yet, is called back.
"""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


class HandOverCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._connect_pingen()
        cls.steps.channel = "post"
        cls.policy.needs_approval = True
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 45)
        cls.item = cls._get_item(cls.invoice)

    def setUp(self):
        super().setUp()
        self._run_dunning()
        self.case = self.partner.dunning_case_ids
        self.case.with_user(self.user).action_approve()
        self._run_dunning()
        self.message = self.case.sent_message_ids
        self.letter = self.message.letter_id
        self.assertEqual(self.letter.state, "pingen_waiting")

    # === FACTS === #

    def _open(self, action, **values):
        result = getattr(self.case, action)()
        model = self.env[result["res_model"]].with_context(**result["context"])
        values = model.default_get(list(model._fields)) | values
        return model.create(values)

    def _receive(self):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": self.today,
                "amount": 5,
                "partner_id": self.partner.id,
                "payment_ref": "something",
            }
        )

    def _start_payment(self):
        if "payment.transaction" not in self.env:
            self.skipTest("needs account_payment")
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.env["payment.provider"].search([], limit=1).id,
                    "payment_method_id": self.env["payment.method"]
                    .search([], limit=1)
                    .id,
                    "reference": "pending-at-hand-over",
                    "amount": 100,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.partner.id,
                    "state": "pending",
                    "invoice_ids": [fields.Command.set(self.invoice.ids)],
                }
            )
        )

    def _plan(self):
        plan = self._open("action_new_plan", date_first=self.today + timedelta(days=10))
        plan.action_ask()
        self.assertTrue(plan.is_live)

    def _give_to_collector(self):
        collector = self._create_partner(name="Collector")
        hand_over = self._open(
            "action_new_hand_over",
            collector_id=collector.id,
            registration="123",
            date_checked=self.today,
        )
        hand_over.action_hand_over()

    # === WHAT BECOMES OF IT === #

    def _check_stays(self, words):
        """The letter was not handed over yet: it never is."""
        self._run_hand_over()
        self.assertEqual((self.letter.state, self.message.state), self.CANCELLED)
        self.assertFalse(self.pingen.letters)
        self.assertFalse(self.pingen.sent)
        self.assertIn(words, self.message.problem)

    CANCELLED = ("canceled", "cancelled")

    def _hand_over(self):
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_submitted")
        self._count_wakes().unlink()

    def _count_wakes(self):
        cron = self.env.ref("postal_dunning.ir_cron_call_back")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def _check_comes_back(self, is_woken=False):
        """The letter was at the printer: the printer gives it back."""
        self.assertEqual(bool(self._count_wakes()), is_woken)
        self._run_cron("postal_dunning.ir_cron_call_back")
        self.assertEqual(self.letter.state, "pingen_cancelling")
        self._run_hand_over()
        self.assertEqual(self.pingen.calls.count("cancel"), 1)
        self.pingen.letters[self.letter.pingen_ref]["status"] = "cancelled"
        self._run_hand_over()
        self.assertEqual((self.letter.state, self.message.state), self.CANCELLED)


@tagged("post_install", "-at_install")
class TestGuardsBeforeHandOver(HandOverCommon):
    """R8, I16: the letter stays here."""

    def test_paid(self):
        self._pay(self.invoice)
        self._check_stays("changed after the letter was made")

    def test_paid_in_part(self):
        self._pay(self.invoice, 40)
        self._check_stays("changed after the letter was made")

    def test_payment_pending(self):
        self._start_payment()
        self._check_stays("changed after the letter was made")

    def test_unmatched_money_of_this_customer(self):
        self._receive()
        self._check_stays("Money received, not matched yet")

    def test_disputed(self):
        self._open("action_new_dispute")
        self._check_stays("changed after the letter was made")

    def test_disputed_in_part(self):
        self._open("action_new_dispute", amount=30)
        self._check_stays("changed after the letter was made")

    def test_promised(self):
        self._open("action_new_promise")
        self._check_stays("Promised to pay")

    def test_in_a_plan(self):
        self._plan()
        self._check_stays("changed after the letter was made")

    def test_blocked(self):
        self.invoice.action_toggle_block_payment()
        self._check_stays("changed after the letter was made")

    def test_taken_out_of_reminders(self):
        self.item.no_followup = True
        self._check_stays("changed after the letter was made")

    def test_on_hold(self):
        self.case.with_user(self.user).action_hold()
        self._check_stays("On hold")

    def test_with_a_collector(self):
        self._give_to_collector()
        self._check_stays("With a collector")

    def test_stale_bank_data_makes_it_wait(self):
        """Not final: the letter leaves once the data is fresh again."""
        self.policy.max_data_hours = 1
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertIn("Bank data too old", self.letter.info_msg)
        self.assertFalse(self.pingen.letters)
        other = self._create_partner(name="Somebody else")
        self._receive().partner_id = other
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)

    def test_stale_bank_data_between_order_and_sending_makes_it_wait(self):
        self._pause_after_order()
        self.policy.max_data_hours = 1
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_handover")
        self.assertFalse(self.pingen.sent)
        self.policy.max_data_hours = 0
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)
        self.assertEqual(len(self.pingen.letters), 1)

    def _pause_after_order(self):
        self.pingen.check_result = "validating"
        self._run_hand_over()
        self.pingen.letters[self.letter.pingen_ref]["status"] = "valid"

    def test_each_fact_between_order_and_sending_takes_the_order_back(self):
        facts = {
            "money": self._receive,
            "hold": self.case.action_hold,
            "blocked": self.invoice.action_toggle_block_payment,
            "promise": lambda: self._open("action_new_promise"),
        }
        for name, arise in facts.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                type(self).pingen = type(self.pingen)()
                self._pause_after_order()
                arise()
                self._run_hand_over()
                self.assertEqual(self.letter.state, "canceled")
                self.assertFalse(self.pingen.letters)
                self.assertFalse(self.pingen.sent)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_payment_after_a_sending_that_never_reached_the_service(self):
        """The intent to send is kept, nothing was sent: the order is taken back."""
        self.pingen.faults["send"] = ["before"]
        self._run_hand_over()
        self.assertEqual(self.letter.pingen_call, "send")
        self._pay(self.invoice)
        self._run_hand_over()
        self.assertEqual((self.letter.state, self.message.state), self.CANCELLED)
        self.assertFalse(self.pingen.letters)
        self.assertFalse(self.pingen.sent)


@tagged("post_install", "-at_install")
class TestGuardsAtThePrinter(HandOverCommon):
    """R8, I16: the letter comes back, and at once where the fact is noted here."""

    def setUp(self):
        super().setUp()
        self._hand_over()

    def test_paid(self):
        self._pay(self.invoice)
        self._check_comes_back(is_woken=True)

    def test_paid_in_part(self):
        self._pay(self.invoice, 40)
        self._check_comes_back(is_woken=True)

    def test_payment_pending(self):
        self._start_payment()
        self._check_comes_back()

    def test_unmatched_money_of_this_customer(self):
        self._receive()
        self._check_comes_back()

    def test_disputed(self):
        self._open("action_new_dispute")
        self._check_comes_back(is_woken=True)

    def test_promised(self):
        self._open("action_new_promise")
        self._check_comes_back(is_woken=True)

    def test_in_a_plan(self):
        self._plan()
        self._check_comes_back(is_woken=True)

    def test_blocked(self):
        self.invoice.action_toggle_block_payment()
        self._check_comes_back()

    def test_taken_out_of_reminders(self):
        self.item.no_followup = True
        self._check_comes_back()

    def test_on_hold(self):
        self.case.with_user(self.user).action_hold()
        self._check_comes_back(is_woken=True)

    def test_with_a_collector(self):
        self._give_to_collector()
        self._check_comes_back(is_woken=True)

    def test_stale_bank_data_calls_nothing_back(self):
        """Nothing is known against the letter, and it left on fresh data."""
        self.policy.max_data_hours = 1
        self._run_cron("postal_dunning.ir_cron_call_back")
        self.assertEqual(self.letter.state, "pingen_submitted")

    def test_payment_of_another_customer_wakes_nothing(self):
        other = self._create_invoice(self._create_partner(name="Other"), 1)
        self._pay(other)
        self.assertFalse(self._count_wakes())


@tagged("post_install", "-at_install")
class TestGuardsOfInstalments(HandOverCommon):
    """The reminder of an instalment leaves under the same conditions."""

    def setUp(self):
        super().setUp()
        self.letter.cancel()
        kinds = self.env["communication.type"].with_company(self.company)
        kinds._get_type("payment_plan").channel = "post"
        self.plan = self._open(
            "action_new_plan", date_first=self.today + timedelta(days=3)
        )
        self.plan.action_ask()

    def _get_reminder(self):
        self._run_dunning()
        return self.plan.line_ids.message_ids

    def test_what_stops_a_step_stops_the_reminder_of_an_instalment(self):
        facts = {
            "hold": self.case.action_hold,
            "money": self._receive,
            "pending": self._start_payment,
            "blocked": self.invoice.action_toggle_block_payment,
            "collector": self._give_to_collector,
            "stale": lambda: self.policy.write({"max_data_hours": 1}),
        }
        for name, arise in facts.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                arise()
                self.assertFalse(self._get_reminder())
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertTrue(self._get_reminder())

    def test_it_stays_when_the_fact_arises_later(self):
        message = self._get_reminder()
        self.assertEqual(message.channel, "post")
        self._receive()
        self._run_hand_over()
        self.assertEqual(message.state, "cancelled")
        self.assertIn("not matched yet", message.problem)
        self.assertFalse(self.pingen.sent)

    def test_old_bank_data_makes_it_wait(self):
        message = self._get_reminder()
        self.policy.max_data_hours = 1
        self._run_hand_over()
        self.assertEqual(message.letter_id.state, "pingen_waiting")
        self.policy.max_data_hours = 0
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)
