"""An invoice that does not arrive goes by the next channel: once, with its reason."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.connection_base.exceptions import RejectedError

from .common import DunningCommon

BOUNCE = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: bounce@example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <bounce-{number}@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

--frontier
Content-Type: text/plain; charset=us-ascii

<{address}>: user unknown

--frontier
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--frontier
Content-Type: text/rfc822-headers

From: office@example.com
To: {address}
Subject: Invoice
Message-Id: {message_id}

--frontier--
"""


class DeliveryCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._connect_pingen()
        cls.company.letter_invoice_form = "letter"
        cls.partner = cls._create_partner().with_company(cls.company)
        cls.invoice = cls._create_invoice(cls.partner, 0)
        cls.sender = cls.env["account.move.send"].with_company(cls.company)
        cls.failures = cls.env["invoice.delivery.failure"]

    def _send(self, *methods, invoice=None):
        values = {"sending_methods": set(methods)} if methods else {}
        self.sender._generate_and_send_invoices(
            invoice or self.invoice,
            allow_raising=False,
            allow_fallback_pdf=True,
            **values,
        )

    def _bounce(self, message, address=None):
        """The answer of a mail server, through core's own gateway."""
        text = BOUNCE.format(
            number=message.id,
            address=address or self.partner.email,
            message_id=message.message_id,
        )
        self.env["mail.thread"].message_process("res.partner", text)

    def _fall_back(self):
        self._run_cron("postal_dunning.ir_cron_invoice_fall_back")
        return self._get_failures()

    def _get_failures(self, invoice=None):
        domain = [("move_id", "=", (invoice or self.invoice).id)]
        return self.failures.search(domain, order="id")

    def _get_letters(self):
        return self.invoice._get_invoice_letters().sorted("id")

    def _get_mail(self):
        return self.env["mail.mail"].search(
            [("mail_message_id", "=", self.invoice.delivery_mail_id.id)]
        )

    def _get_words(self):
        self.invoice.invalidate_recordset()
        alert = (self.invoice.alerts or {}).get("postal_dunning_delivery", {})
        return alert.get("level"), alert.get("message", "")

    def _send_back(self, letter):
        self._run_hand_over()
        self.pingen.letters[letter.pingen_ref]["status"] = "undeliverable"
        self.connection._sync(self.connection._start_run("sync"))
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestInvoiceDelivery(DeliveryCommon):
    # === MAIL === #

    def test_mail_that_comes_back_goes_by_post_with_its_reason(self):
        self._send("email")
        self._bounce(self.invoice.delivery_mail_id)
        self.assertEqual(self._get_failures().state, "open")
        failure = self._fall_back()
        self.assertEqual((failure.channel, failure.code), ("email", "EMAIL-BOUNCED"))
        self.assertEqual((failure.state, failure.channel_next), ("sent", "post"))
        letter = self._get_letters()
        self.assertEqual(letter.state, "pingen_waiting")
        words = "Not delivered (E-mail): The mail came back. Sent again: Post."
        self.assertEqual(self._get_words(), ("info", words))
        self.assertIn(words, "".join(self.invoice.message_ids.mapped("body")))
        self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")

    def test_address_that_is_not_valid_goes_by_post(self):
        self._send("email")
        mail = self._get_mail()
        notes = mail.mail_message_id.notification_ids
        notes.mail_mail_id = mail
        mail._postprocess_sent_message([], [], "bad", "mail_email_invalid")
        failure = self._fall_back()
        self.assertEqual(failure.problem, "The mail address is not valid.")
        self.assertEqual(failure.channel_next, "post")

    def test_our_own_mail_server_makes_no_letters(self):
        self._send("email")
        mail = self._get_mail()
        mail._postprocess_sent_message([], [], "Connection refused", "mail_smtp")
        self.assertFalse(self._fall_back())

    def test_mail_that_reached_one_of_two_arrived(self):
        other = self._create_partner(
            name="Office", email="office@example.org", parent_id=self.partner.id
        )
        partners = self.partner | other
        self.sender._generate_and_send_invoices(
            self.invoice,
            sending_methods={"email"},
            mail_partner_ids=partners.ids,
        )
        message = self.invoice.delivery_mail_id
        self.assertEqual(message.partner_ids, partners)
        self._bounce(message)
        self.assertFalse(self._fall_back())
        self._bounce(message, other.email)
        self.assertEqual(self._fall_back().channel_next, "post")

    def test_note_to_a_colleague_that_comes_back_is_no_invoice(self):
        self._send("email")
        note = self.invoice.message_post(
            body="Have a look", partner_ids=self.user.partner_id.ids
        )
        self._bounce(note, self.user.email)
        self.assertFalse(self._fall_back())

    # === POST === #

    def test_letter_refused_by_the_service_goes_by_mail(self):
        self.pingen.check_result = "unprintable"
        self._send("snailmail")
        self._run_hand_over()
        letter = self._get_letters()
        self.assertEqual((letter.state, letter.refusal), ("error", "POST-REFUSED"))
        failure = self._fall_back()
        self.assertEqual((failure.channel, failure.code), ("post", "POST-REFUSED"))
        self.assertEqual(failure.channel_next, "email")
        self.assertIn("Not A4", failure.problem)
        self.assertEqual(letter.state, "canceled")
        mail = self._get_mail()
        self.assertEqual(mail.mail_message_id.partner_ids, self.partner)
        self._run_hand_over()
        self.assertFalse(self.pingen.sent)

    def test_letter_that_comes_back_goes_by_mail(self):
        self._send("snailmail")
        self._send_back(self._get_letters())
        failure = self._fall_back()
        self.assertEqual(
            (failure.code, failure.channel_next), ("POST-RETURNED", "email")
        )

    def test_address_lost_before_hand_over_goes_by_mail(self):
        self._send("snailmail")
        self.partner.zip = False
        self._run_hand_over()
        failure = self._fall_back()
        self.assertEqual((failure.code, failure.channel_next), ("NO-ADDRESS", "email"))
        self.assertIn("postcode is missing", failure.problem)

    def test_page_that_does_not_fit_is_left_to_a_person(self):
        """Z3: a cover page repairs it; it would else turn every letter into a mail."""
        self._send("snailmail")
        self.partner.street = "Dam 2"
        self._run_hand_over()
        self.assertEqual(self._get_letters().state, "error")
        self.assertFalse(self._fall_back())

    def test_account_refused_at_the_service_makes_no_mails(self):
        self.pingen.faults["create"] = [RejectedError("blocked", status=403)]
        self._send("snailmail")
        self._run_hand_over()
        self.assertEqual(self._get_letters().state, "error")
        self.assertFalse(self._fall_back())

    def test_letter_of_odoos_service_without_an_address_goes_by_mail(self):
        self.company.letter_transport = "odoo"
        self._send("snailmail")
        letter = self._get_letters()
        self.partner.zip = False
        letter.zip = False
        with patch.object(
            self.env.registry["snailmail.letter"], "_snailmail_print_valid_address"
        ):
            letter._snailmail_print(immediate=True)
        self.assertEqual(letter.state, "error")
        failure = self._fall_back()
        self.assertEqual((failure.code, failure.channel_next), ("NO-ADDRESS", "email"))
        self.assertEqual(letter.state, "canceled")

    # === LEFT OUT WITHOUT A WORD === #

    def test_channel_that_core_leaves_out_goes_by_the_next_one(self):
        table = (
            ({"email": False}, "email", "NO-EMAIL", "post"),
            ({"zip": False}, "snailmail", "NO-ADDRESS", "email"),
        )
        for values, method, code, other in table:
            with self.subTest(values=values):
                partner = self._create_partner(**values)
                invoice = self._create_invoice(partner, 0)
                self._send(method, invoice=invoice)
                self.assertFalse(invoice.delivery_mail_id)
                self.assertFalse(invoice._get_invoice_letters())
                self._fall_back()
                failure = self._get_failures(invoice)
                self.assertEqual((failure.code, failure.channel_next), (code, other))
                self.assertTrue(invoice._has_live_delivery())

    def test_one_of_two_channels_is_enough(self):
        self.partner.zip = False
        self._send("email", "snailmail")
        self.assertFalse(self._fall_back())

    # === ONCE === #

    def test_each_channel_is_tried_once_then_a_person_decides(self):
        self.invoice.invoice_user_id = self.user
        self._send("email")
        self._bounce(self.invoice.delivery_mail_id)
        self._fall_back()
        self._send_back(self._get_letters())
        first, second = self._fall_back()
        self.assertEqual((first.state, second.state), ("sent", "person"))
        self.assertEqual(len(self._get_letters()), 1)
        level, words = self._get_words()
        self.assertEqual(level, "warning")
        self.assertIn("No other channel reaches this customer", words)
        self.assertEqual(self.invoice.activity_ids.user_id, self.user)
        self._fall_back()
        self.assertEqual(len(self.invoice.activity_ids), 1)

    def test_nothing_is_sent_twice(self):
        self._send("email")
        message = self.invoice.delivery_mail_id
        self._bounce(message)
        self._bounce(message)
        self.assertEqual(len(self._fall_back()), 1)
        self._bounce(message)
        self.assertEqual(len(self._fall_back()), 1)
        self.assertEqual(len(self._get_letters()), 1)

    def test_other_channel_that_brings_it_is_enough(self):
        """Sent by mail and post at once, or by a person meanwhile."""
        self._send("email", "snailmail")
        self._bounce(self.invoice.delivery_mail_id)
        self.assertEqual(self._fall_back().state, "done")
        self.assertEqual(len(self._get_letters()), 1)
        self.assertEqual(self._get_words(), (None, ""))

    def test_invoice_taken_back_is_not_sent_again(self):
        self._send("email")
        self._bounce(self.invoice.delivery_mail_id)
        self.invoice.button_draft()
        self.assertEqual(self._fall_back().state, "done")
        self.assertFalse(self._get_letters())

    def test_invoice_that_is_paid_is_delivered_all_the_same(self):
        """It asks for nothing: it is the customer's document."""
        self._send("email")
        self._bounce(self.invoice.delivery_mail_id)
        self._pay(self.invoice)
        self.assertEqual(self._fall_back().channel_next, "post")

    def test_failure_on_the_way_leaves_the_invoice_to_a_person(self):
        self._send("email")
        self._bounce(self.invoice.delivery_mail_id)
        with (
            patch.object(
                self.env.registry["account.move.send"],
                "_prepare_snailmail_letter_values",
                side_effect=ValueError,
            ),
            self.assertLogs("odoo.addons.postal_dunning", "ERROR"),
        ):
            failure = self._fall_back()
        self.assertEqual((failure.state, failure.channel_next), ("person", False))
        self.assertFalse(self._get_letters())


@tagged("post_install", "-at_install")
class TestInvoiceDeliveryByPerson(DeliveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"email": False, "zip": False})

    def setUp(self):
        super().setUp()
        self._send("email")
        self.failure = self._fall_back()
        self.assertEqual(self.failure.state, "person")
        self.assertTrue(self.invoice.activity_ids)

    def test_sending_it_settles_the_task(self):
        self.partner.email = "jan@example.org"
        self._send("email")
        self.assertEqual(self.failure.state, "done")
        self.assertFalse(self.invoice.activity_ids)

    def test_person_who_knows_better_settles_it(self):
        self.failure.with_user(self.user).action_settle()
        self.assertEqual(self.failure.state, "done")
        self.assertFalse(self.invoice.activity_ids)

    def test_person_who_knows_better_settles_it_no_rights(self):
        values = {
            "company_id": self.company.id,
            "company_ids": [fields.Command.set(self.company.ids)],
        }
        nobody = new_test_user(self.env, "nobody", "base.group_user", **values)
        with self.assertRaises(AccessError):
            self.failure.with_user(nobody).action_settle()
        other = self.env["res.company"].create({"name": "Second club"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[fields.Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self.failure.with_user(stranger).action_settle()
        with self.assertRaises(AccessError):
            self.failure.with_user(self.user).write({"state": "done"})

    def test_whoever_sends_invoices_sees_it_and_sends(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[fields.Command.set(self.company.ids)],
        )
        invoice = self.invoice.with_user(clerk)
        self.assertIn("postal_dunning_delivery", invoice.alerts)
        self.partner.email = "jan@example.org"
        self.sender.with_user(clerk)._generate_and_send_invoices(
            invoice, sending_methods={"email"}
        )
        self.assertEqual(self.failure.state, "done")
        action = self.failure.with_user(clerk).action_send()
        self.assertEqual(action["res_model"], "account.move.send.wizard")
