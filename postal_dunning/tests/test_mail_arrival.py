"""A Dutch fourteen-day notice by mail without proof of its arrival goes by post.

Source: legal.md 1.1 (receipt of an e-mail must be provable); art. 3:37 par. 3 and 6:96
par. 6 BW.
"""

from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..engine import fees, law
from .common import DunningCommon

SENT = date(2026, 11, 2)
CODE = "NL-NO-PROOF-OF-ARRIVAL"


@tagged("post_install", "-at_install")
class TestMailArrival(HttpCase, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps[1].channel = "email"
        cls.steps[2].write({"channel": "email", "cost_kind": "costs"})
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 45, amount=300)
        cls.case = cls._create_case(cls.partner)
        cls.message = cls.case.sudo()._take_step()
        # All of a test is one transaction: what follows has the time of its start.
        cls.message.date_sent = cls.env.cr.now() - timedelta(minutes=1)

    def _wait(self, days, xmlid="ir_cron_fall_back"):
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            self._run_cron(f"postal_dunning.{xmlid}")
        return self.case.sent_message_ids.sorted("id")

    def _open(self):
        return self.url_open("/l/" + self._get_code(), allow_redirects=False)

    def _get_code(self):
        return self.env["letter.link"]._get_url(self.message).rsplit("/", 1)[1]

    # === ENGINE === #

    def _decide(self, is_proven, channel="email"):
        wording = fees.WORDING_NL_MAIL if channel == "email" else fees.WORDING_NL_POST
        notice = law.Notice(
            SENT, channel, True, wording, Decimal(45), is_proven=is_proven
        )
        claim = fees.Claim(1, date(2026, 10, 1), Decimal(300), (notice,))
        ask = fees.Ask("NL", "consumer", (claim,))
        book = self.env["dunning.law.rule"]._get_book()
        return fees.decide_costs(book, ask, date(2026, 11, 25))

    def test_costs_are_never_built_on_a_mail_without_proof(self):
        self.assertEqual(self._decide(True).value, 45)
        self.assertEqual(self._decide(False).code, CODE)

    def test_post_day_is_a_dated_rule_of_dutch_consumers(self):
        book = self.env["dunning.law.rule"]._get_book()
        mail = law.Notice(SENT, "email", True)
        day = law.get_post_day(book, "NL", "consumer", mail)
        self.assertEqual(day, SENT + timedelta(days=4))
        for country, kind in (("NL", "business"), ("BE", "consumer")):
            self.assertIsNone(law.get_post_day(book, country, kind, mail))
        friendly = law.Notice(SENT, "email")
        self.assertIsNone(law.get_post_day(book, "NL", "consumer", friendly))

    # === NO PROOF === #

    def test_notice_without_proof_goes_by_post_after_three_days(self):
        self._connect_pingen()
        self.assertEqual(self.message.law_wording, fees.WORDING_NL_MAIL)
        self.assertEqual(self._wait(3), self.message)
        first, second = self._wait(4)
        self.assertEqual((first, first.state), (self.message, "cancelled"))
        self.assertEqual((second.channel, second.replaces_id), ("post", first))
        self.assertEqual(second.channel_reason, "EMAIL-UNPROVEN")
        self.assertEqual(second.law_wording, fees.WORDING_NL_POST)
        self.assertEqual(second.amount_named, 45)
        self.assertEqual(len(self._wait(9)), 2)

    def test_without_letters_a_person_gets_it_and_nothing_is_charged(self):
        self.assertEqual(self._wait(4), self.message)
        self.assertEqual(self.message.state, "failed")
        self.assertIn("Nothing proves", self.message.problem)
        self.assertTrue(self.case.needs_person)
        self.assertEqual(self._wait(30, "ir_cron_run_dunning"), self.message)
        self.assertFalse(self.case.charge_ids)

    def test_person_who_knows_better_starts_the_term_that_day(self):
        self._wait(4)
        later = fields.Datetime.now() + timedelta(days=6)
        with freeze_time(later):
            self.message.with_user(self.user).action_confirm_arrival()
        self.assertEqual((self.message.state, self.message.problem), ("sent", False))
        self.assertEqual(self.message.arrival, "Noted by a person")
        self.assertEqual(self.message._get_term_day(), self.today + timedelta(days=6))
        self.assertEqual(self._wait(12), self.message)
        with self.assertRaises(AccessError):
            self.message.with_user(
                new_test_user(self.env, "stranger")
            ).action_confirm_arrival()

    def test_next_step_waits_for_the_term_of_the_arrival_that_was_noted(self):
        """No step before its lawful day: 14 days from the day of the noting (I15)."""
        self.steps.wait_days = 0
        with freeze_time(fields.Datetime.now() + timedelta(days=6)):
            self.message.with_user(self.user).action_confirm_arrival()
        self._wait(21, "ir_cron_run_dunning")
        self.assertEqual(self.case.sent_message_ids, self.message)
        self.assertEqual(self.case.wait_codes, law.NL_TERM)
        newest = self._wait(28, "ir_cron_run_dunning")[-1]
        self.assertNotEqual(newest, self.message)
        self.assertEqual(self.case.charge_ids.mapped("state"), ["booked"])

    def test_only_a_mail_that_left_can_arrive(self):
        self._wait(4)
        self.message.action_cancel()
        with self.assertRaises(UserError):
            self.message.action_confirm_arrival()

    def test_paid_or_held_debtor_gets_no_letter(self):
        self._connect_pingen()
        self.case.action_hold()
        self.assertEqual(self._wait(4), self.message)
        self.assertEqual(self.message.state, "sent")
        self.case.action_release()
        self._pay(self.invoice)
        self.assertEqual(self._wait(4), self.message)

    def test_friendly_reminder_needs_no_proof(self):
        self._connect_pingen()
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        message = self._create_case(partner).sudo()._take_step()
        self.assertFalse(message.law_wording)
        self._wait(4)
        self.assertEqual(message.state, "sent")

    # === PROOF === #

    def _assert_proven(self, words):
        self._connect_pingen()
        self.message.invalidate_recordset(["arrival"])
        self.assertIn(words, self.message.arrival)
        self.assertEqual(self._wait(4), self.message)
        self.assertEqual(self.message.state, "sent")

    def test_opened_address_is_proof(self):
        self.assertEqual(self._open().status_code, 303)
        self._assert_proven("opened")

    def test_office_opening_the_address_is_no_proof(self):
        user = new_test_user(self.env, "office", password="office-office")
        self.authenticate(user.login, "office-office")
        self._open()
        self.message.invalidate_recordset(["arrival"])
        self.assertFalse(self.message.arrival)

    def test_answer_of_the_debtor_is_proof_that_of_others_is_not(self):
        other = self._create_partner(name="Piet", email="piet@example.org")
        for author, is_proven in ((other, False), (self.partner, True)):
            self.message.message_post(
                body="I got it", author_id=author.id, message_type="email"
            )
            self.message.invalidate_recordset(["arrival"])
            self.assertEqual(bool(self.message.arrival), is_proven)
        self._assert_proven("answered")

    def test_sign_in_at_the_portal_is_proof(self):
        member = new_test_user(
            self.env, "member", "base.group_portal", partner_id=self.partner.id
        )
        self.env["res.users.log"].with_user(member).sudo().create({})
        self._assert_proven("portal")

    def test_server_that_took_the_mail_is_no_proof(self):
        self.message.write({"date_accepted": fields.Datetime.now(), "answer": "250 Ok"})
        self._wait(4)
        self.assertEqual(self.message.state, "failed")
