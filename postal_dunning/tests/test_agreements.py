import io
import zipfile
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestAgreements(DunningCommon):
    """Disputes, promises, payment plans, holds and collectors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 20, amount=300)
        cls.case = cls._create_case(cls.partner)
        cls.manager = new_test_user(
            cls.env,
            "chief",
            "postal_dunning.group_dunning_manager",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )

    def _go(self, days):
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            self._run_dunning()

    def _open(self, action, user=None, **values):
        """Fill in the form that a button of the case opens."""
        case = self.case.with_user(user or self.user)
        result = getattr(case, action)()
        form = Form(
            self.env[result["res_model"]]
            .with_user(user or self.user)
            .with_context(**result["context"])
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    # === DISPUTES === #

    def test_contested_item_is_left_alone_until_decided(self):
        dispute = self._open("action_new_dispute", reason="delivery")
        self.assertEqual(dispute.move_line_ids, self._get_item(self.invoice))
        self._run_dunning()
        self.assertFalse(self.case.sent_message_ids)
        self.assertEqual(self.case.wait_codes, "DISPUTED")
        self.assertFalse(self.case.needs_person)
        self.assertEqual(self.case.activity_ids.date_deadline, dispute.date_until)
        self.case.activity_ids.date_deadline = self.today
        self.case.invalidate_recordset(["needs_person"])
        self.assertTrue(self.case.needs_person)
        dispute.action_reject()
        self._run_dunning()
        self.assertEqual(self.case.sent_message_ids.amount, 300)

    def test_contested_part_is_not_asked_for(self):
        self._open("action_new_dispute", amount=100)
        self._run_dunning()
        self.assertEqual(self.case.sent_message_ids.amount, 200)

    def test_debtor_is_right_lets_costs_off(self):
        self.partner.debtor_kind = "business"
        self.steps[0].cost_kind = "costs"
        self._run_dunning()
        self.assertEqual(self.case.amount_charged, 45)
        dispute = self._open("action_new_dispute")
        dispute.action_accept()
        self.assertEqual(self.case.amount_charged, 0)
        self.assertTrue(dispute.is_live)

    def test_no_costs_over_what_is_contested(self):
        """Refusal DISPUTED."""
        self.partner.debtor_kind = "business"
        self._open("action_new_dispute")
        self.assertIn("DISPUTED", self.case.fee_note)

    # === PROMISES === #

    def test_promise_is_waited_for_and_followed_up(self):
        promise = self._open("action_new_promise", date=self.today + timedelta(days=5))
        self.assertEqual(promise.amount, 300)
        self._run_dunning()
        self.assertEqual(self.case.wait_codes, "PROMISED")
        self.assertEqual(self.case.date_next, self.today + timedelta(days=9))
        self._go(8)
        self.assertEqual(promise.state, "open")
        self._go(9)
        self.assertEqual(promise.state, "broken")
        self.assertTrue(self.case.sent_message_ids)
        self.assertTrue(self.case.activity_ids)

    def test_promise_that_was_kept_is_known_from_the_books(self):
        promise = self._open("action_new_promise", amount=100)
        self._pay(self.invoice, 100)
        self._run_dunning()
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self.case.sent_message_ids.amount, 200)

    # === PLANS === #

    def _make_plan(self, **values):
        plan = self._open(
            "action_new_plan", date_first=self.today + timedelta(days=10), **values
        )
        plan.action_divide()
        return plan

    def test_plan_is_divided_to_the_cent(self):
        plan = self._make_plan(number=7)
        self.assertEqual(sum(plan.line_ids.mapped("amount")), 300)
        self.assertEqual(len(plan.line_ids), 7)
        other = self._make_plan(method="amount", amount=80)
        self.assertEqual(other.line_ids.mapped("amount"), [80, 80, 80, 60])

    def test_plan_waits_for_approval_and_stops_reminders(self):
        plan = self._make_plan()
        plan.action_ask()
        self.assertEqual(plan.state, "asked")
        self._run_dunning()
        self.assertEqual(self.case.wait_codes, "IN-PLAN")
        with self.assertRaises(UserError):
            plan.action_approve()
        with self.assertRaises(UserError):
            plan.number = 9
        plan.with_user(self.manager).action_approve()
        self.assertEqual((plan.state, plan.approved_by_id), ("active", self.manager))

    def test_plan_must_add_up(self):
        plan = self._make_plan()
        plan.line_ids[0].amount = 1
        with self.assertRaises(UserError):
            plan.action_ask()

    def test_instalment_is_reminded_of_by_the_channel_of_plans(self):
        """Z6: reminders of payment plans have a default channel of their own."""
        self._connect_pingen()
        kind = self.env.ref("postal_dunning.communication_type_payment_plan")
        kind.with_company(self.company).channel = "post"
        reminder = self.steps[0].type_id.with_company(self.company)
        self.assertEqual(reminder.channel, "email", "reminders keep their own")
        plan = self._make_plan()
        plan.with_user(self.manager).action_ask()
        self._run_dunning()
        self.assertFalse(plan.line_ids.message_ids)
        self._go(6)
        message = plan.line_ids[0].message_ids
        self.assertEqual((message.channel, message.channel_reason), ("post", "type"))
        self.assertEqual((message.state, message.amount), ("waiting", 100))
        self.assertEqual(message._get_payment_reference(), self.invoice.name)
        self._go(7)
        self.assertEqual(len(plan.line_ids.message_ids), 1)

    def test_instalment_paid_meanwhile_keeps_the_letter_here(self):
        """Invariant I16, for plans."""
        self._connect_pingen()
        self.partner.with_company(self.company).communication_channel = "post"
        plan = self._make_plan()
        plan.with_user(self.manager).action_ask()
        self._go(6)
        message = plan.line_ids.message_ids
        self.assertEqual(message._get_hand_over_refusal(), ("", False))
        self._pay(self.invoice, 100)
        words, is_final = message._get_hand_over_refusal()
        self.assertTrue(words and is_final)

    def test_plan_mail_says_what_is_due(self):
        plan = self._make_plan()
        plan.with_user(self.manager).action_ask()
        self._go(6)
        message = plan.line_ids.message_ids
        self.assertEqual(message.state, "sent")
        self.assertIn("100.00", message.mail_message_id.body)

    def test_broken_plan_goes_back_to_collecting(self):
        plan = self._make_plan()
        plan.with_user(self.manager).action_ask()
        self._go(13)
        self.assertEqual(plan.state, "active")
        self._go(14)
        self.assertEqual(plan.state, "broken")
        steps = self.case.sent_message_ids.filtered("step_id")
        self.assertEqual(steps.amount, 300)

    def test_paid_plan_is_done(self):
        plan = self._make_plan()
        plan.with_user(self.manager).action_ask()
        self._pay(self.invoice, 150)
        self.assertEqual(plan.line_ids.mapped("amount_open"), [0, 50, 100])
        self._pay(self.invoice)
        self._run_dunning()
        self.assertEqual(plan.state, "done")

    # === HOLD AND COLLECTOR === #

    def test_hold_asks_why_and_until_when(self):
        """Bereavement, debt counselling, insolvency: kept with the case."""
        until = self.today + timedelta(days=90)
        hold = self._open(
            "action_new_hold", kind="counselling", date_until=until, reason="Guardian"
        )
        self.assertEqual(self.case.state, "open")
        hold.action_hold()
        self._run_dunning()
        self.assertEqual(self.case.wait_codes, "ON-HOLD")
        self.assertFalse(self.case.sent_message_ids)
        self.assertRecordValues(
            self.case,
            [
                {
                    "state": "hold",
                    "hold_kind": "counselling",
                    "date_hold_until": until,
                    "hold_reason": "Guardian",
                }
            ],
        )
        self._go(90)
        self.assertEqual(self.case.state, "open")
        self.assertFalse(self.case.hold_kind)

    def test_hold_needs_a_reason_and_a_day_to_come(self):
        with self.assertRaises(AssertionError):
            self._open("action_new_hold")
        hold = self._open("action_new_hold", kind="other", date_until=self.today)
        with self.assertRaises(UserError):
            hold.action_hold()
        self.assertEqual(self.case.state, "open")

    def test_hold_is_for_open_cases(self):
        self.case.action_hold()
        with self.assertRaises(UserError):
            self.case.with_user(self.user).action_new_hold()

    def test_hold_no_rights(self):
        nobody = new_test_user(self.env, "nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.case.with_user(nobody).action_new_hold()
        hold = self._open("action_new_hold", kind="other")
        with self.assertRaises(AccessError):
            hold.with_user(nobody).action_hold()

    def test_collector_gets_everything_and_we_are_silent(self):
        self._run_dunning()
        collector = self._create_partner(name="Incasso BV")
        hand_over = self._open("action_new_hand_over", collector_id=collector)
        with self.assertRaises(UserError):
            hand_over.action_hand_over()
        hand_over.write({"registration": "WKI-1", "date_checked": self.today})
        hand_over.action_hand_over()
        with zipfile.ZipFile(io.BytesIO(hand_over.sudo().attachment_id.raw)) as file:
            names = file.namelist()
            messages = file.read("messages.csv").decode("utf-8-sig")
        message = self.case.sent_message_ids
        self.assertIn(f"messages/{message.name.replace('/', '-')}.pdf", names)
        self.assertIn(f"invoices/{self.invoice.name.replace('/', '-')}.pdf", names)
        self.assertIn(message.proof, messages)
        self._go(30)
        self.assertEqual(self.case.wait_codes, "WITH-COLLECTOR")
        hand_over.action_recall()
        self._go(31)
        self.assertEqual(len(self.case.sent_message_ids), 2)

    # === RIGHTS === #

    def test_agreements_stay_in_their_company_no_rights(self):
        other = self.env["res.company"].create({"name": "Second club"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "postal_dunning.group_dunning_manager",
            company_id=other.id,
            company_ids=[fields.Command.set(other.ids)],
        )
        plan = self._make_plan()
        collector = self._create_partner(name="Incasso BV")
        records = (
            self._open("action_new_dispute"),
            self._open("action_new_promise"),
            plan,
            plan.line_ids,
            self._open("action_new_hand_over", collector_id=collector),
        )
        nobody = new_test_user(self.env, "nobody", "base.group_user")
        for own in records:
            with self.subTest(model=own._name):
                self.assertTrue(own.with_user(self.user).read(["company_id"]))
                self.assertFalse(
                    own.with_user(stranger).search([("id", "in", own.ids)])
                )
                for user in (stranger, nobody):
                    with self.assertRaises(AccessError):
                        own.with_user(user).check_access("write")

    def test_items_of_another_customer_are_refused(self):
        other = self._create_invoice(self._create_partner(name="Other"), 20)
        with self.assertRaises(ValidationError):
            self.env["dunning.dispute"].create(
                {
                    "case_id": self.case.id,
                    "move_line_ids": [fields.Command.set(self._get_item(other).ids)],
                }
            )
