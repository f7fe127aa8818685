"""What did not arrive goes by the next channel: once, with its reason, if still due."""

from unittest.mock import patch

from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestFallBack(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._connect_pingen()
        cls.partner = cls._create_partner(phone="+31612345678").with_company(
            cls.company
        )
        cls.invoice = cls._create_invoice(cls.partner, 20)
        cls.case = cls._create_case(cls.partner)

    def _take(self, channel):
        self.partner.communication_channel = channel
        message = self.case.sudo()._take_step()
        self.assertEqual(message.channel, channel)
        return message

    def _fall_back(self):
        self._run_cron("postal_dunning.ir_cron_fall_back")
        return self.case.sent_message_ids.sorted("id")

    def _fail_text(self, message, failure="sms_number_format"):
        texts = self.env["sms.sms"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        texts._update_sms_state_and_trackers("error", failure_type=failure)
        return texts

    def _bounce(self, message):
        """As core does with a mail that came back."""
        message._message_receive_bounce(self.partner.email, self.partner)

    # === EACH CHANNEL === #

    def test_text_that_fails_goes_by_mail_with_the_reason(self):
        message = self._take("sms")
        text = self._fail_text(message)
        self.assertEqual(message.state, "failed")
        self.assertTrue(message.is_unreached)
        first, second = self._fall_back()
        self.assertEqual((first.state, second.state), ("cancelled", "sent"))
        self.assertEqual(second.channel, "email")
        self.assertEqual(second.channel_reason, "SMS-FAILED")
        self.assertEqual(second.channel_note, "A text message did not arrive")
        self.assertEqual(second.replaces_id, first)
        self.assertEqual(second.line_ids.move_id, self.invoice)
        self.assertEqual(text.state, "canceled")
        self.assertIn(second.name, "".join(self.case.message_ids.mapped("body")))

    def test_text_that_was_sent_but_never_delivered_goes_by_mail(self):
        message = self._take("sms")
        text = self.env["sms.sms"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        text._update_sms_state_and_trackers("pending")
        self.assertEqual(message.state, "sent")
        text.sms_tracker_id._action_update_from_provider_error("not_delivered")
        self.assertIn("Not Delivered", message.problem)
        self.assertEqual(self._fall_back()[-1].channel, "email")

    def test_mail_that_comes_back_goes_by_post(self):
        message = self._take("email")
        self._bounce(message)
        self.assertEqual(message.problem, "The mail came back.")
        _first, second = self._fall_back()
        self.assertEqual((second.channel, second.state), ("post", "waiting"))
        self.assertEqual(second.channel_reason, "EMAIL-BOUNCED")
        self.assertTrue(second.letter_id)

    def test_letter_that_comes_back_goes_by_mail(self):
        message = self._take("post")
        self._run_hand_over()
        message.letter_id.sudo()._become_state("pingen_undeliverable")
        first, second = self._fall_back()
        self.assertEqual((first.state, second.channel), ("cancelled", "email"))
        self.assertEqual(second.channel_reason, "POST-RETURNED")

    def test_letter_refused_by_the_service_goes_by_mail(self):
        self.pingen.check_result = "unprintable"
        message = self._take("post")
        self._run_hand_over()
        self.assertEqual(message.letter_id.state, "error")
        first, second = self._fall_back()
        self.assertEqual((first.state, second.channel), ("cancelled", "email"))
        self.assertEqual(second.channel_reason, "POST-REFUSED")
        self.assertEqual(first.letter_id.state, "canceled")
        self._run_hand_over()
        self.assertFalse(self.pingen.sent)

    def test_address_lost_before_hand_over_goes_by_mail(self):
        message = self._take("post")
        self.partner.zip = False
        self._run_hand_over()
        first, second = self._fall_back()
        self.assertEqual((first, first.state), (message, "cancelled"))
        self.assertEqual(
            (second.channel, second.channel_reason), ("email", "NO-ADDRESS")
        )

    def test_page_that_does_not_fit_is_left_to_a_person(self):
        """Z3: repaired by a cover page, for this letter and all like it."""
        message = self._take("post")
        self.partner.street = "Dam 2"
        self._run_hand_over()
        self.assertEqual(message.state, "failed")
        self.assertEqual(self._fall_back(), message)

    # === NEVER TWICE === #

    def test_nothing_is_said_twice(self):
        message = self._take("sms")
        self._fail_text(message)
        self.assertEqual(len(self._fall_back()), 2)
        self._fail_text(message)
        self._bounce(message)
        self.assertEqual(len(self._fall_back()), 2)
        self._run_dunning()
        self.assertEqual(len(self.case.sent_message_ids), 2)
        lines = self.case.sent_message_ids.line_ids
        self.assertEqual(lines.mapped("is_void").count(False), 1)

    def test_each_channel_is_tried_once_then_a_person_decides(self):
        self._fail_text(self._take("sms"))
        self._bounce(self._fall_back()[-1])
        letter = self._fall_back()[-1]
        self.assertEqual(letter.channel, "post")
        self._run_hand_over()
        letter.letter_id.sudo()._become_state("pingen_undeliverable")
        messages = self._fall_back()
        self.assertEqual(messages.mapped("channel"), ["sms", "email", "post"])
        self.assertEqual(messages[-1].state, "failed")
        self.assertIn("No other channel", messages[-1].problem)
        self.assertTrue(self.case.needs_person)
        self.assertEqual(len(self._fall_back()), 3)

    def test_mail_that_failed_does_not_leave_after_its_letter(self):
        message = self._take("email")
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        mail._postprocess_sent_message([], [], "bad", "mail_email_invalid")
        self._fall_back()
        self.assertEqual(mail.state, "cancel")

    # === ONLY WHAT IS STILL DUE === #

    def test_paid_item_is_not_asked_for_again(self):
        message = self._take("sms")
        self._fail_text(message)
        self._pay(self.invoice)
        messages = self._fall_back()
        self.assertEqual(messages.mapped("state"), ["cancelled"])

    def test_only_what_is_still_open_is_asked_for(self):
        other = self._create_invoice(self.partner, 18)
        message = self._take("sms")
        self._fail_text(message)
        self._pay(other)
        second = self._fall_back()[-1]
        self.assertEqual(second.line_ids.move_id, self.invoice)
        self.assertEqual(second.amount, 100)

    def test_debtor_on_hold_is_not_written_to(self):
        message = self._take("sms")
        self._fail_text(message)
        self.case.action_hold()
        messages = self._fall_back()
        self.assertEqual(messages.mapped("state"), ["cancelled"])
        note = self.case.message_ids.sorted("id")[-1].body
        self.assertIn("On hold", note)

    def test_case_that_moved_on_is_left_to_a_person(self):
        message = self._take("sms")
        message._update_state("sent", date_sent=message.create_date)
        self.case.sudo().sent_message_ids.create(
            {
                "case_id": self.case.id,
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "channel": "email",
                "amount": 1,
                "lang": "en_US",
                "state": "sent",
            }
        )
        self._fail_text(message)
        self.assertEqual(len(self._fall_back()), 2)
        self.assertEqual(message.state, "failed")

    # === WHOSE FAULT === #

    def test_our_own_mail_server_makes_no_letters(self):
        """A server that is down must not turn every mail into paid post."""
        message = self._take("email")
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        mail._postprocess_sent_message([], [], "Connection refused", "mail_smtp")
        self.assertEqual(message.state, "failed")
        self.assertIn("Connection refused", message.problem)
        self.assertEqual(len(self._fall_back()), 1)
        mail.state = "sent"
        self.assertTrue(self.case.needs_person)

    def test_text_stopped_by_a_person_is_not_said_otherwise(self):
        message = self._take("sms")
        texts = self.env["sms.sms"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        texts.action_set_canceled()
        self.assertEqual(message.state, "failed")
        self.assertEqual(len(self._fall_back()), 1)

    def test_failure_on_the_way_leaves_the_message_to_a_person(self):
        message = self._take("sms")
        self._fail_text(message)
        with (
            patch.object(
                self.env.registry["dunning.case"], "_send_email", side_effect=ValueError
            ),
            self.assertLogs("odoo.addons.postal_dunning", "ERROR"),
        ):
            messages = self._fall_back()
        self.assertEqual(messages.mapped("state"), ["failed"])
        self.assertFalse(message.is_unreached)

    def test_failed_mail_or_text_can_be_cancelled_by_hand(self):
        message = self._take("sms")
        self._fail_text(message, "sms_credit")
        message.with_user(self.user).action_cancel()
        self.assertEqual(message.state, "cancelled")
        self.assertEqual(len(self._fall_back()), 1)
