"""Which channel a message takes, seen from the customer's card and the portal."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.snailmail_account.tests import test_snailmail_on_invoice as core

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestChannels(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner(phone="+31612345678").with_company(
            cls.company
        )
        cls.invoice = cls._create_invoice(cls.partner, 5)
        kinds = cls.env["communication.type"].with_company(cls.company)
        cls.kinds = {kind.code: kind for kind in kinds.search([])}
        cls.send = cls.env["account.move.send"]

    def _take_step(self, **policy):
        self.policy.write(policy)
        self._create_invoice(self.partner, 20)
        return self._create_case(self.partner).sudo()._take_step()

    # === WISH === #

    def test_customers_choice_goes_before_the_default_at_once(self):
        """Z4: the card overrides the default and works for the next message."""
        choice = self.partner._choose_channel_for(self.kinds["reminder"], self.company)
        self.assertEqual(choice.channel, "email")
        self.partner.communication_channel = "sms"
        message = self._take_step()
        self.assertEqual(message.channel, "sms")
        self.assertEqual(message.channel_reason, "customer")

    def test_card_shows_what_the_next_message_of_each_kind_takes(self):
        """Z4."""
        partner = self.partner.with_user(self.user).with_company(self.company)
        self.partner.communication_channel = "post"
        plan = partner.communication_plan
        self.assertIn("instead of Post: Letters are switched off", plan)
        self._connect_pingen()
        partner.invalidate_recordset()
        self.assertIn("The customer&#39;s choice", partner.communication_plan)

    def test_post_as_choice_means_everything_by_post(self):
        """Z5: invoices, reminders, notices and plans."""
        self._connect_pingen()
        self.partner.communication_channel = "post"
        for kind in self.kinds.values():
            with self.subTest(kind=kind.code):
                choice = self.partner._choose_channel_for(kind, self.company)
                self.assertEqual(choice.channel, "post")
        methods = self.send._get_default_sending_methods(self.invoice)
        self.assertIn("snailmail", methods)
        self.assertNotIn("email", methods)

    def test_without_a_choice_the_default_of_the_kind_decides(self):
        """Z5, Z6, Z10: per kind and per organisation."""
        self._connect_pingen()
        self.kinds["payment_plan"].channel = "post"
        other = self.env["res.company"].create({"name": "Second club"})
        table = (
            ("payment_plan", self.company, "post"),
            ("reminder", self.company, "email"),
            ("payment_plan", other, "email"),
        )
        for code, company, channel in table:
            with self.subTest(code=code, company=company.name):
                choice = self.partner._choose_channel_for(self.kinds[code], company)
                self.assertEqual(choice.channel, channel)

    def test_default_for_invoices_is_what_core_sends_by(self):
        """Z1, Z5."""
        self._connect_pingen()
        self.kinds["invoice"].channel = "post"
        methods = self.send._get_default_sending_methods(self.invoice)
        self.assertIn("snailmail", methods)
        self.partner.invoice_sending_method = "email"
        methods = self.send._get_default_sending_methods(self.invoice)
        self.assertIn("email", methods)
        self.assertNotIn("snailmail", methods)

    def test_channel_that_cannot_carry_a_document_is_no_default(self):
        for code in ("invoice", "formal_notice"):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.kinds[code].channel = "sms"
        with self.assertRaises(ValidationError):
            self.kinds["reminder"].channel = "peppol"
        self.kinds["invoice"].channel = "peppol"

    # === FALL-BACK === #

    def test_what_cannot_be_used_falls_back_with_its_reason(self):
        self._connect_pingen()
        table = (
            ("email", {"email": False}, "reminder", "post", "NO-EMAIL"),
            ("email", {"message_bounce": 5}, "reminder", "post", "EMAIL-BOUNCED"),
            ("post", {"zip": False}, "reminder", "email", "NO-ADDRESS"),
            ("sms", {"phone": False}, "reminder", "email", "NO-PHONE"),
            ("sms", {}, "formal_notice", "email", "SMS-NO-DOCUMENT"),
            ("email", {"email": False, "zip": False}, "reminder", "manual", "NO-EMAIL"),
        )
        for wanted, values, code, channel, problem in table:
            with self.subTest(wanted=wanted, values=values):
                partner = self._create_partner(**{"phone": "+31612345678"} | values)
                partner.with_company(self.company).communication_channel = wanted
                choice = partner._choose_channel_for(self.kinds[code], self.company)
                self.assertEqual((choice.channel, choice.problem), (channel, problem))
                self.assertIn("instead of", partner._get_choice_words(choice))

    def test_invoice_without_an_address_for_mail_goes_by_post_and_says_so(self):
        self._connect_pingen()
        self.partner.email = False
        self.assertEqual(
            self.send._get_default_sending_methods(self.invoice) - {"peppol"},
            {"snailmail"},
        )
        data = {
            self.invoice: {
                "sending_methods": {"snailmail"},
                "invoice_edi_format": False,
                "extra_edis": set(),
            }
        }
        alert = self.send._get_alerts(self.invoice, data)["postal_dunning_channel"]
        self.assertIn("No e-mail address", alert["message"])

    def test_letter_that_came_back_turns_the_next_ones_away_from_post(self):
        self._connect_pingen()
        self.partner.communication_channel = "post"
        letter = self._take_step().letter_id.sudo()
        self._run_hand_over()
        letter._become_state("pingen_undeliverable")
        reach = self.partner._get_reach(self.company)
        self.assertEqual(reach.post_problem, "POST-RETURNED")
        self.partner.street = "Dam 99"
        self.assertFalse(self.partner._get_reach(self.company).post_problem)

    def test_letters_of_ours_never_go_by_odoos_service(self):
        """A reminder is no letter where only Odoo's service is switched on."""
        self.company.letter_transport = "odoo"
        self.partner.communication_channel = "post"
        self.assertEqual(self._take_step().channel, "email")
        methods = self.send._get_default_sending_methods(self.invoice)
        self.assertIn("snailmail", methods)

    # === TEXT MESSAGE === #

    def _take_text_step(self):
        self.partner.communication_channel = "sms"
        message = self._take_step()
        sms = self.env["sms.sms"].search(
            [("mail_message_id", "=", message.mail_message_id.id)]
        )
        self.assertEqual(message.state, "waiting")
        return message, sms

    def test_reminder_as_a_text_message(self):
        message, sms = self._take_text_step()
        self.assertEqual(sms.number, "+31612345678")
        self.assertIn("200.00", sms.body)
        self.assertIn("/l/", sms.body)
        sms._update_sms_state_and_trackers("pending")
        self.assertEqual(message.state, "sent")

    def test_text_message_that_fails_says_why(self):
        message, sms = self._take_text_step()
        sms._update_sms_state_and_trackers("error", failure_type="sms_credit")
        self.assertEqual(message.state, "failed")
        self.assertIn("Insufficient Credit", message.problem)


@tagged("post_install", "-at_install")
class TestPortalChannel(DunningCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.member = self._create_partner(phone="+31612345678", city="Amsterdam")
        self.login = self.env["res.users"].create(
            {
                "login": "member-channel",
                "password": "member-channel-password",
                "partner_id": self.member.id,
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("member-channel", "member-channel-password")

    def _choose(self, channel):
        values = {
            "partner_id": self.member.id,
            "address_type": "billing",
            "name": self.member.name,
            "email": self.member.email,
            "phone": self.member.phone,
            "street": self.member.street,
            "zip": self.member.zip,
            "city": self.member.city,
            "country_id": self.member.country_id.id,
            "communication_channel": channel,
            "csrf_token": self.csrf_token(),
        }
        answer = self.url_open("/my/address/submit", data=values)
        self.env.invalidate_all()
        return answer.json()

    def csrf_token(self):
        page = self.url_open("/my/account").text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def test_member_chooses_the_channel(self):
        """Z4: the member's own choice, as far as possible, for the next message."""
        page = self.url_open("/my/account").text
        self.assertIn('name="communication_channel"', page)
        self.assertNotIn('value="post"', page)
        self._connect_pingen()
        self.assertIn('value="post"', self.url_open("/my/account").text)
        self._choose("post")
        member = self.member.with_company(self.company)
        self.assertEqual(member.communication_channel, "post")
        self._create_invoice(self.member, 20)
        message = self._create_case(self.member).sudo()._take_step()
        self.assertEqual(
            (message.channel, message.channel_reason), ("post", "customer")
        )
        answer = self._choose("manual")
        self.assertIn("communication_channel", answer["invalid_fields"])
        self.assertEqual(member.communication_channel, "post")


@tagged("post_install", "-at_install")
class TestCoreLetterOfInvoice(core.TestSnailmailOnInvoice):
    """Core's own test of a letter for an invoice, with this addon installed."""

    def test_letter_of_odoos_service_is_made_where_it_is_used(self):
        self.env.company.letter_transport = "odoo"
        model = self.env.registry["snailmail.letter"]
        with (
            patch.object(model, "_snailmail_print_valid_address"),
            patch.object(self.env.cr, "commit"),
        ):
            self.test_snailmail_on_invoice_for_partner_without_email()
