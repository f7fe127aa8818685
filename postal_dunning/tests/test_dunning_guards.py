from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningGuards(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 20)

    def _run_and_get(self):
        self._run_dunning()
        return self.partner.dunning_case_ids

    def test_paid_item_gets_no_reminder(self):
        """Invariant I16; user wish 28."""
        self._pay(self.invoice)
        self.assertFalse(self._run_and_get())

    def test_blocked_invoice_is_left_out(self):
        self.invoice.action_toggle_block_payment()
        case = self._run_and_get()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "BLOCKED")

    def test_item_taken_out_of_reminders_is_left_out(self):
        self.invoice.no_followup = True
        other = self._create_invoice(self.partner, 16)
        case = self._run_and_get()
        self.assertEqual(case.sent_message_ids.line_ids.move_id, other)

    def test_case_on_hold_waits(self):
        case = self._create_case(self.partner)
        case.with_user(self.user).action_hold()
        self._run_dunning()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "ON-HOLD")
        case.with_user(self.user).action_release()
        self._run_dunning()
        self.assertTrue(case.sent_message_ids)

    def test_hold_with_an_end_ends(self):
        case = self._create_case(self.partner)
        case.action_hold()
        case.date_hold_until = self.today
        self._run_dunning()
        self.assertTrue(case.sent_message_ids)
        self.assertEqual((case.state, case.date_hold_until), ("open", False))

    def test_money_that_is_not_matched_stops_the_debtor(self):
        """C.2 F9: the customer's money is looked at before the customer."""
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": self.today,
                "amount": 5,
                "partner_id": self.partner.id,
                "payment_ref": "something",
            }
        )
        case = self._run_and_get()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "UNMATCHED-MONEY")
        self.assertTrue(case.needs_person)

    def test_open_credit_note_stops_the_debtor(self):
        self._create_invoice(self.partner, 0, amount=10, move_type="out_refund")
        case = self._run_and_get()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "UNMATCHED-MONEY")

    def test_pending_payment_takes_the_invoice_out(self):
        if "payment.transaction" not in self.env:
            self.skipTest("needs account_payment")
        provider = self.env["payment.provider"].search([], limit=1)
        self.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": "pending-1",
                "amount": 100,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.partner.id,
                "state": "pending",
                "invoice_ids": [fields.Command.set(self.invoice.ids)],
            }
        )
        case = self._run_and_get()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "PENDING-MONEY")

    def test_old_bank_data_stops_everything(self):
        """Reliability rule 13: fresh data before pressure."""
        self.policy.max_data_hours = 24
        case = self._run_and_get()
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.wait_codes, "PAYMENT-DATA-STALE")
        other = self._create_partner(name="Somebody else")
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": self.today,
                "amount": 5,
                "partner_id": other.id,
                "payment_ref": "something",
            }
        )
        self._run_dunning()
        self.assertTrue(case.sent_message_ids)

    def test_payment_between_plan_and_step_stops_the_step(self):
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        preview._load()
        self.assertTrue(preview.line_ids.step_id)
        self._pay(self.invoice)
        preview.action_run()
        self.assertFalse(self.partner.dunning_case_ids.sent_message_ids)

    def test_small_debt_is_left_alone(self):
        self.policy.min_amount = 500
        self.assertFalse(self._run_and_get().sent_message_ids)

    def test_step_by_hand_says_why_not(self):
        case = self._create_case(self.partner)
        case.action_take_step()
        self.assertTrue(case.sent_message_ids)
        with self.assertRaisesRegex(UserError, "Time to pay|No step is due"):
            case.action_take_step()

    @mute_logger("odoo.sql_db")
    def test_database_forbids_the_same_step_twice(self):
        """Invariant I15, by the database itself."""
        case = self._run_and_get()
        line = case.sent_message_ids.line_ids
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            line.sudo().copy({"message_id": line.message_id.id})
            self.env.flush_all()

    def test_channel_of_the_customer_goes_before_the_default(self):
        """Z4: works for the next message; Z5: no preference, the default."""
        self._connect_pingen()
        self.partner.with_company(self.company).communication_channel = "post"
        case = self._run_and_get()
        self.assertEqual(case.sent_message_ids.channel, "post")
        self.assertEqual(case.sent_message_ids.channel_reason, "customer")

    def test_default_channel_is_kept_per_company(self):
        """Z5, Z10."""
        self._connect_pingen()
        kind = self.steps[0].type_id
        other = self.env["res.company"].create({"name": "Second club"})
        kind.with_company(self.company).channel = "post"
        # Mail, as for everybody who has chosen nothing.
        self.assertEqual(kind.with_company(other).channel, "email")
        kind.with_company(other).channel = "manual"
        message = self._run_and_get().sent_message_ids
        self.assertEqual((message.channel, message.channel_reason), ("post", "type"))

    def test_channel_falls_back_with_its_reason(self):
        self.partner.email = False
        case = self._run_and_get()
        message = case.sent_message_ids
        self.assertEqual(
            (message.channel, message.channel_reason), ("manual", "NO-EMAIL")
        )
        self.assertTrue(message.channel_note)

    def test_policy_of_the_customer_group_goes_first(self):
        group = self.env["res.partner.category"].create({"name": "Juniors"})
        policy = self.policy.copy({"name": "Juniors", "category_ids": group.ids})
        policy.step_ids.write({"wait_days": 3})
        policy.is_automatic = False
        self.partner.category_id = group
        case = self._create_case(self.partner)
        self._run_dunning()
        self.assertEqual(case.policy_id, policy)
        self.assertFalse(case.sent_message_ids)

    def test_law_refuses_two_values_for_one_day(self):
        rule = self.env.ref("postal_dunning.dunning_law_rule_nl_consumer_notice_days")
        with self.assertRaises(UserError):
            rule.copy({"value": 20, "date_from": "2026-01-01"})
