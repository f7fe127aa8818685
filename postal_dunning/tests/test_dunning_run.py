from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningRun(DunningCommon):
    def test_run_takes_the_step_that_fits_the_age(self):
        """User wishes 27 and 31; Z6: each kind of message has its own channel."""
        self._connect_pingen()
        expected = {
            15: ("email", "sent"),
            45: ("post", "waiting"),
            80: ("manual", "sent"),
        }
        partners = {days: self._create_partner(name=f"P{days}") for days in expected}
        for days, partner in partners.items():
            self._create_invoice(partner, days)
        self._run_dunning()
        for days, (channel, state) in expected.items():
            case = partners[days].dunning_case_ids
            message = case.sent_message_ids
            self.assertEqual((message.channel, message.state), (channel, state), days)
            self.assertEqual(case.step_id, message.step_id)

    def test_one_message_per_debtor_led_by_the_highest_step(self):
        """User wish 27: grouped per debtor, not per invoice."""
        partner = self._create_partner()
        old = self._create_invoice(partner, 35)
        young = self._create_invoice(partner, 16)
        self._create_invoice(partner, -5)
        self._run_dunning()
        message = partner.dunning_case_ids.sent_message_ids
        self.assertEqual(len(message), 1)
        self.assertEqual(message.step_id, self.steps[1])
        self.assertEqual(message.line_ids.move_id, old | young)
        self.assertEqual(message.amount, 200)

    def test_second_run_does_nothing_twice(self):
        partners = [self._create_partner(name=f"P{n}") for n in range(3)]
        for partner in partners:
            self._create_invoice(partner, 20)
        self._run_dunning()
        for _again in range(2):
            messages = self.env["dunning.message"].search(
                [("case_id.partner_id", "in", [partner.id for partner in partners])]
            )
            self.assertEqual(len(messages), 3)
            self._run_dunning()

    def test_next_step_comes_on_its_day_and_not_before(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._run_dunning()
        case = partner.dunning_case_ids
        self.assertEqual(case.next_step_id, self.steps[1])
        self.assertEqual(case.date_next, self.today + timedelta(days=10))
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            self._run_dunning()
            self.assertEqual(len(case.sent_message_ids), 1)
        with freeze_time(fields.Datetime.now() + timedelta(days=10)):
            self._run_dunning()
            self.assertEqual(case.sent_message_ids[0].step_id, self.steps[1])

    def test_term_of_a_formal_notice_is_waited_for(self):
        """Invariant I14: no step before its earliest lawful day."""
        self.steps[1].write({"wait_days": 0, "channel": "email"})
        partner = self._create_partner()
        self._create_invoice(partner, 59)
        self._run_dunning()
        case = partner.dunning_case_ids
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            self._run_dunning()
            self.assertEqual(len(case.sent_message_ids), 1)
            self.assertEqual(case.wait_codes, "NL-TERM-NOT-OVER")
            self.assertGreaterEqual(case.date_next, self.today + timedelta(days=17))
            case.sent_message_ids.date_confirmed = case.sent_message_ids.date_sent
            case.invalidate_recordset(["fee_note"])
            self.assertIn("NL-TERM-NOT-OVER", case.fee_note)
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            self._run_dunning()
            self.assertEqual(case.sent_message_ids[0].step_id, self.steps[2])

    def test_debtor_for_whom_no_step_is_left_needs_a_person(self):
        self.steps[2].channel = "email"
        partner = self._create_partner()
        self._create_invoice(partner, 80)
        self._run_dunning()
        case = partner.dunning_case_ids
        self.assertFalse(case.activity_ids)
        self.assertTrue(case.is_at_end)
        self.assertTrue(case.needs_person)
        self.steps[2].copy({"days": 90})
        self._run_dunning()
        self.assertFalse(case.is_at_end)
        self.assertFalse(case.needs_person)

    def test_manual_policy_leaves_debtors_alone(self):
        self.policy.is_automatic = False
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._run_dunning()
        self.assertFalse(partner.dunning_case_ids)

    def test_preview_shows_what_the_run_does_and_starts_it(self):
        self.policy.is_automatic = False
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        waiting = self._create_partner(name="Young")
        self._create_invoice(waiting, 5)
        env = self.env(user=self.user)
        action = env["dunning.preview"].action_open()
        preview = env["dunning.preview"].browse(action["res_id"])
        line = preview.line_ids.filtered(lambda one: one.case_id.partner_id == partner)
        self.assertEqual((line.step_id, line.channel), (self.steps[0], "email"))
        self.assertFalse(partner.dunning_case_ids.sent_message_ids)
        preview.action_run()
        self.assertEqual(partner.dunning_case_ids.sent_message_ids.state, "sent")
        self.assertFalse(waiting.dunning_case_ids.sent_message_ids)

    def test_line_that_is_not_chosen_is_not_done(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        preview._load()
        preview.line_ids.is_chosen = False
        preview.action_run()
        self.assertFalse(partner.dunning_case_ids.sent_message_ids)

    def test_one_bad_debtor_does_not_stop_the_others(self):
        bad, good = (self._create_partner(name=name) for name in ("Bad", "Good"))
        for partner in (bad, good):
            self._create_invoice(partner, 20)
        model = self.env.registry["dunning.case"]
        send = model._send_email
        words = "no mail for this one"

        def fail_once(case, message):
            if case.partner_id == bad:
                raise UserError(words)
            return send(case, message)

        with patch.object(model, "_send_email", fail_once):
            self._run_dunning()
        self.assertEqual(good.dunning_case_ids.sent_message_ids.state, "sent")
        case = bad.dunning_case_ids
        self.assertFalse(case.sent_message_ids)
        self.assertEqual(case.activity_ids.summary, words)
        self.assertTrue(case.needs_person)

    def test_run_that_was_stopped_goes_on_where_it_was(self):
        for number in range(3):
            self._create_invoice(self._create_partner(name=f"P{number}"), 20)
        before = self.env["dunning.message"].search_count([])
        calls = []
        model = self.env.registry["ir.cron"]

        def stop_after_two(cron, processed=0, **kwargs):
            calls.append(processed)
            return 0 if sum(calls) == 2 else 60

        with patch.object(model, "_commit_progress", stop_after_two):
            self.env["dunning.case"].sudo()._run_company(self.company, 100)
        self.assertEqual(self.env["dunning.message"].search_count([]) - before, 2)
        self.assertTrue(self.company.dunning_run_is_open)
        self._run_dunning()
        self.assertEqual(self.env["dunning.message"].search_count([]) - before, 3)
        self.assertFalse(self.company.dunning_run_is_open)

    def test_manual_step_becomes_an_activity_of_the_responsible(self):
        partner = self._create_partner()
        self._create_invoice(partner, 80)
        self._run_dunning()
        case = partner.dunning_case_ids
        self.assertEqual(case.activity_ids.user_id, self.user)
        found = self.env["dunning.case"].search([("needs_person", "=", True)])
        self.assertIn(case, found)

    def test_mail_goes_to_the_invoice_contact_in_its_language(self):
        """Z1: to the billing address; user wish 30."""
        partner = self._create_partner()
        contact = self._create_partner(
            name="Treasurer",
            parent_id=partner.id,
            type="invoice",
            email="t@example.org",
        )
        self._create_invoice(partner, 20)
        self._run_dunning()
        message = partner.dunning_case_ids.sent_message_ids
        self.assertEqual(message.partner_id, contact)
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        self.assertEqual(mail.recipient_ids, contact)
        self.assertEqual(mail.attachment_ids, message.attachment_id)
        self.assertIn("100.00", mail.subject)

    def test_case_is_done_when_nothing_is_open(self):
        partner = self._create_partner()
        invoice = self._create_invoice(partner, 80)
        self._run_dunning()
        case = partner.dunning_case_ids
        self._pay(invoice)
        self._run_dunning()
        self.assertEqual(case.state, "done")
        self.assertFalse(case.activity_ids)

    def test_new_company_gets_a_policy_that_is_off(self):
        company = self.env["res.company"].create({"name": "Second club"})
        policy = self.env["dunning.policy"].search([("company_id", "=", company.id)])
        self.assertEqual(policy.step_ids.mapped("days"), [14, 30, 60])
        self.assertFalse(policy.is_automatic)

    def test_messages_are_never_changed_or_deleted(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._run_dunning()
        message = partner.dunning_case_ids.sent_message_ids.sudo()
        with self.assertRaises(UserError):
            message.amount = 1
        with self.assertRaises(UserError):
            message.unlink()
