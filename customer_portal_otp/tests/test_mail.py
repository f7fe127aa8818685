"""The mail lane: what leaves, in which language, and what stays behind."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.mail.models.mail_mail import MailMail

from .common import CODE_LINK, PortalOtpCommon


@tagged("post_install", "-at_install")
class TestMail(PortalOtpCommon):
    def test_known_address_gets_the_code(self):
        """B3: one-time code by mail."""
        token = self._ask(device="Firefox Linux")
        code = self._read_code(token)
        [mail] = self._send_mails()
        self.assertEqual(mail["email_to"], ["mia@member.example"])
        self.assertEqual(CODE_LINK.search(mail["body"]).group(1), code)
        self.assertIn(f"{code[:4]} {code[4:]}", mail["body"])
        for text in (
            "10 minutes",
            "https://club.example",
            "Firefox Linux",
            "192.0.2.1",
        ):
            self.assertIn(text, mail["body"])

    def test_subject_does_not_hold_the_code(self):
        """Mail servers write subjects into their logs."""
        code = self._read_code(self._ask())
        [mail] = self._send_mails()
        self.assertNotIn(code[:4], mail["subject"])

    def test_code_is_kept_nowhere_after_the_mail(self):
        token = self._ask()
        code = self._read_code(token)
        with self.assertLogs("odoo.addons", "DEBUG") as logs:
            self._send_mails()
            self._prove(token, self._make_wrong(code))
        self.assertNotIn(code, str(logs.output))
        self.assertFalse(self.challenges._find(token).sealed_code)
        group = f"%{code[:4]} {code[4:]}%"
        self.assertFalse(self.env["mail.mail"].search([("body_html", "like", group)]))
        self.assertFalse(self.env["mail.message"].search([("body", "like", group)]))

    def test_mail_is_in_the_language_of_the_page(self):
        """B6: mails in the same language as the page."""
        self.env["res.lang"]._activate_lang("nl_NL")
        self._ask(lang="nl_NL")
        [mail] = self._send_mails()
        self.assertIn('lang="nl-NL"', mail["body"])

    def test_unknown_address_is_answered_in_the_mailbox_once_a_day(self):
        """B4, better than written: only the mailbox learns that it is unknown."""
        token = self._ask(email="nobody@nowhere.example")
        code = self._read_code(token)
        [mail] = self._send_mails()
        self.assertEqual(mail["email_to"], ["nobody@nowhere.example"])
        self.assertIn("do not know", mail["body"])
        self.assertNotIn(code, mail["body"])
        self._ask(email="nobody@nowhere.example")
        self.assertFalse(self._send_mails())

    def test_unknown_address_gets_nothing_when_switched_off(self):
        self.company.portal_sign_in_unknown = "silent"
        token = self._ask(email="nobody@nowhere.example")
        self.assertFalse(self._send_mails())
        self.assertEqual(self.challenges._find(token).mail_state, "unknown")

    def test_mail_server_down_is_tried_again(self):
        token = self._ask()
        with patch.object(MailMail, "send", side_effect=MailDeliveryException("down")):
            self._send_mails()
        challenge = self.challenges._find(token)
        self.assertEqual((challenge.mail_state, challenge.mail_tries), ("waiting", 1))
        self.assertEqual(len(self._send_mails()), 1)
        self.assertEqual(self.challenges._find(token).mail_state, "code")

    def test_mail_server_down_for_long_gives_up(self):
        token = self._ask()
        with patch.object(MailMail, "send", side_effect=ConnectionRefusedError):
            for _run in range(5):
                self._send_mails()
        challenge = self.challenges._find(token)
        self.assertEqual(challenge.mail_state, "failed")
        self.assertFalse(challenge.sealed_code)

    def test_expired_or_closed_code_is_not_mailed(self):
        old, expired = self._ask(), self._ask(email="b@member.example")
        self._age(self.challenges._find(expired), 601)
        self._ask(old_token=old)
        self.assertEqual(len(self._send_mails()), 1)

    def test_mail_comes_from_the_company_in_its_colour(self):
        """B11: accent colour and company data from the company."""
        self.company.primary_color = "#1d6b52"
        self._ask()
        [mail] = self._send_mails()
        self.assertIn("info@club.example", mail["email_from"])
        self.assertIn("background-color:#1d6b52;color:#ffffff", mail["body"])
