from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.connection_base.exceptions import AuthError, RejectedError

from .common import DunningCommon
from .pdf import build_pdf


@tagged("post_install", "-at_install")
class TestLetterHandOver(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._connect_pingen()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 45)

    def setUp(self):
        super().setUp()
        case = self._create_case(self.partner)
        self.message = case.sudo()._take_step()
        self.letter = self.message.letter_id
        self.assertEqual(self.letter.state, "pingen_waiting")

    def _sweep(self):
        self.connection._sync(self.connection._start_run("sync"))
        self.env.invalidate_all()

    def _set_status(self, status):
        self.pingen.letters[self.letter.pingen_ref]["status"] = status

    def test_letter_goes_all_the_way(self):
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_submitted")
        self.assertEqual((self.letter.price, self.letter.price_currency), (1.74, "EUR"))
        self.assertEqual(self.message.state, "waiting")
        self._set_status("sent")
        self._sweep()
        self.assertEqual(self.letter.state, "sent")
        self.assertEqual(self.message.state, "sent")
        self.assertTrue(self.message.date_sent)
        self.assertIn(self.letter.pingen_ref, self.message.proof)
        notification = self.letter.sudo().notification_ids
        self.assertEqual(notification.notification_status, "sent")

    def test_letter_is_sent_once_whichever_answer_is_lost(self):
        """Reliability R8: at most once, whatever is lost at whatever call."""
        calls = ("upload", "create", "get", "find", "send")
        for call in calls:
            for moment in ("before", "after"):
                with self.subTest(call=call, moment=moment):
                    self._check_one_loss(call, moment)

    def _check_one_loss(self, call, moment):
        type(self).pingen = fake = type(self.pingen)()
        letter = self.letter.copy({"attachment_id": self.letter.attachment_id.id})
        self.letter.sudo().write({"state": "canceled", "dunning_message_id": False})
        fake.faults[call] = [moment]
        for _job in range(3):
            self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")
        self.assertEqual(len(fake.sent), 1)
        self.assertEqual(len(fake.letters), 1)
        letter.sudo().state = "canceled"

    def test_repeated_losses_still_send_once(self):
        self.pingen.faults = {
            "create": ["after", "after"],
            "send": ["after", "before", "after"],
            "get": ["before"] * 3,
        }
        for _job in range(10):
            self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_submitted")
        self.assertEqual(len(self.pingen.sent), 1)

    def test_crash_after_the_order_is_found_again(self):
        """A worker that dies between the order and its result orders no second one."""
        model = self.env.registry["snailmail.letter"]
        with (
            mute_logger("odoo.addons.postal_dunning.models.snailmail_letter_pingen"),
            patch.object(model, "_keep_order", side_effect=RuntimeError("killed")),
        ):
            self._run_hand_over()
        self.assertEqual(self.letter.pingen_call, "create")
        self.assertFalse(self.letter.pingen_ref)
        self._run_hand_over()
        self.assertEqual(len(self.pingen.letters), 1)
        self.assertEqual(len(self.pingen.sent), 1)
        self.assertEqual(self.letter.state, "pingen_submitted")

    def test_crash_after_sending_is_found_again(self):
        model = self.env.registry["snailmail.letter"]
        with (
            mute_logger("odoo.addons.postal_dunning.models.snailmail_letter_pingen"),
            patch.object(model, "_keep_sending", side_effect=RuntimeError("killed")),
        ):
            self._run_hand_over()
        self.assertEqual(self.letter.pingen_call, "send")
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)
        self.assertEqual(self.letter.state, "pingen_submitted")

    def test_payment_before_hand_over_keeps_the_letter_here(self):
        """Invariant I16: guards are asked again at hand-over."""
        self._pay(self.invoice)
        self._run_hand_over()
        self.assertEqual(self.letter.state, "canceled")
        self.assertEqual(self.message.state, "cancelled")
        self.assertIn(self.invoice.name, self.message.problem)
        self.assertFalse(self.pingen.letters)
        self.assertEqual(self.message.case_id.state, "done")

    def test_payment_between_order_and_sending_takes_the_order_back(self):
        self.pingen.check_result = "validating"
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_handover")
        self.assertEqual(len(self.pingen.letters), 1)
        self._pay(self.invoice)
        self._set_status("valid")
        self._run_hand_over()
        self.assertEqual(self.letter.state, "canceled")
        self.assertFalse(self.pingen.letters)
        self.assertFalse(self.pingen.sent)

    def test_part_payment_makes_a_new_letter_with_the_rest(self):
        self._pay(self.invoice, 40)
        self._run_hand_over()
        self.assertEqual(self.message.state, "cancelled")
        self._run_dunning()
        newest = self.message.case_id.sent_message_ids[0]
        self.assertEqual((newest.state, newest.amount), ("waiting", 60))
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)

    def test_old_bank_data_makes_the_letter_wait(self):
        self.policy.max_data_hours = 1
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertTrue(self.letter.date_next_try)
        self.policy.max_data_hours = 0
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)

    def test_no_next_step_while_a_letter_is_under_way(self):
        self.steps[2].days = 40
        self._run_dunning()
        self.assertEqual(len(self.message.case_id.sent_message_ids), 1)
        self.assertEqual(self.message.case_id.wait_codes, "LETTER-UNDER-WAY")

    def test_letter_that_does_not_fit_stays_with_reason_and_picture(self):
        """Z3: measured on the rendered page, with the zone marked."""
        self.letter.sudo().attachment_id.raw = build_pdf(x=120)
        self._run_hand_over()
        self.assertEqual(self.letter.state, "error")
        self.assertIn("window", self.letter.finding_note)
        self.assertTrue(self.letter.finding_picture)
        self.assertNotIn("upload", self.pingen.calls)
        self.assertEqual(self.message.state, "failed")
        self.assertTrue(self.message.case_id.needs_person)

    def test_address_that_changed_after_printing_is_noticed(self):
        self.partner.street = "Dam 2"
        self._run_hand_over()
        self.assertEqual(self.letter.state, "error")
        self.assertFalse(self.pingen.letters)

    def test_failed_letter_is_sent_again_by_button(self):
        self.pingen.faults["create"] = [RejectedError("no", status=422)]
        self._run_hand_over()
        self.assertEqual((self.letter.state, self.message.state), ("error", "failed"))
        self.message.with_user(self.user).action_resend()
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertEqual(self.message.state, "waiting")
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)

    def test_letter_refused_by_the_service_is_taken_back_there(self):
        self.pingen.check_result = "action_required"
        self._run_hand_over()
        self.assertEqual(self.letter.state, "error")
        self.assertIn("Not A4", self.letter.info_msg)
        self.assertFalse(self.pingen.letters)

    def test_credentials_refused_make_letters_wait(self):
        self.pingen.faults["upload"] = [AuthError("no", status=401)]
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertEqual(self.message.state, "waiting")

    def test_letter_waits_longer_after_each_failure(self):
        waits = []
        for _job in range(3):
            self.pingen.faults["upload"] = ["before"]
            self._run_hand_over()
            waits.append(self.letter.date_next_try - fields.Datetime.now())
        self.assertEqual(sorted(waits), waits)
        self.assertGreater(waits[2], timedelta(minutes=30))

    def test_letter_not_yet_printed_is_called_back(self):
        self._run_hand_over()
        self.letter.with_user(self.user).cancel()
        self._run_hand_over()
        self.assertIn("cancel", self.pingen.calls)
        self._set_status("cancelled")
        self._run_hand_over()
        self.assertEqual(self.letter.state, "canceled")
        self.assertEqual(self.message.state, "cancelled")

    def test_letter_printed_already_goes_on(self):
        self._run_hand_over()
        self._set_status("printing")
        self.letter.cancel()
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_submitted")

    def test_undeliverable_letter_needs_a_person(self):
        self._run_hand_over()
        self._set_status("undeliverable")
        self._sweep()
        self.assertEqual(self.letter.state, "pingen_undeliverable")
        self.assertEqual(self.message.state, "failed")
        self.assertTrue(self.message.case_id.needs_person)
        self.message.with_user(self.user).action_cancel()
        self.assertEqual(self.message.state, "cancelled")

    def test_problem_is_text_in_the_language_of_the_organisation(self):
        """A job has no language; a message keeps no HTML of the letter."""
        self.env["res.lang"]._activate_lang("nl_NL")
        module = self.env["ir.module.module"].search([("name", "=", "postal_dunning")])
        module._update_translations(["nl_NL"], overwrite=True)
        self.company.partner_id.lang = "nl_NL"
        self._run_hand_over()
        self._set_status("undeliverable")
        self._sweep()
        self.assertEqual(self.message.problem, "De brief kwam terug: onbestelbaar.")

    def test_status_never_seen_before_changes_nothing(self):
        self._run_hand_over()
        self._set_status("being_folded")
        self._sweep()
        self.assertEqual(self.letter.state, "pingen_submitted")
        self.assertEqual(self.letter.pingen_status, "being_folded")

    def test_several_letters_go_record_by_record(self):
        for number in range(3):
            partner = self._create_partner(name=f"P{number}")
            self._create_invoice(partner, 45)
        self._run_dunning()
        self.pingen.faults["create"] = [RejectedError("no", status=422)]
        self._run_hand_over()
        letters = self.env["snailmail.letter"].search(
            [("dunning_message_id", "!=", False)], order="id desc", limit=4
        )
        states = sorted(letters.mapped("state"))
        self.assertEqual(states, ["error"] + ["pingen_submitted"] * 3)
