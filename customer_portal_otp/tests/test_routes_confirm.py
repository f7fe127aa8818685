"""Fresh code, new e-mail address, own sessions, passkey, deep links, alarm."""

import re
import time
from unittest.mock import patch

from odoo.http import root
from odoo.tests import tagged

from ..const import IDENTITY_CHECK
from .http_common import Browser, PortalOtpHttpCommon

NEW = "new@member.example"
MODELS = "odoo.addons.customer_portal_otp.models"


@tagged("post_install", "-at_install")
class TestRoutesConfirm(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        self._ask_and_enter()
        self.env.invalidate_all()
        self.user = self.member.user_ids

    def _change_session(self, **values):
        session = root.session_store.get(self.browser.cookies["session_id"])
        session.update(values)
        root.session_store.save(session)

    def _become_stale(self):
        self._change_session(**{IDENTITY_CHECK: time.time() - 601})

    def _confirm(self, redirect="/my/security"):
        page = self.browser.get(f"/my/confirm?redirect={redirect}").text
        self.browser.post("/my/confirm", {"redirect": redirect}, page=page)
        return self.browser.post("/my/confirm/code", {"code": self._get_code()})

    # === FRESH CODE === #

    def test_ten_minutes_after_the_code_a_fresh_one_is_asked_for(self):
        self.assertTrue(self.browser.get("/my/security").url.endswith("/my/security"))
        self._become_stale()
        for path in ("/my/security", "/my/email"):
            answer = self.browser.get(path)
            self.assertIn("/my/confirm?redirect=", answer.url)
            self.assertIn("mia@member.example", answer.text)

    def test_fresh_code_opens_what_was_asked_for_in_a_new_session(self):
        self._become_stale()
        before = self.browser.cookies["session_id"]
        self.assertTrue(self._confirm().url.endswith("/my/security"))
        self.assertNotEqual(self.browser.cookies["session_id"], before)

    def test_wrong_code_confirms_nothing(self):
        self._become_stale()
        page = self.browser.get("/my/confirm").text
        self.browser.post("/my/confirm", {}, page=page)
        wrong = self._make_wrong(self._get_code())
        answer = self.browser.post("/my/confirm/code", {"code": wrong})
        self.assertIn("Tries left: 4", answer.text)
        self.assertIn("/my/confirm", self.browser.get("/my/security").url)

    def test_code_to_confirm_does_not_sign_in(self):
        """A code for one purpose never serves another."""
        self._become_stale()
        page = self.browser.get("/my/confirm").text
        self.browser.post("/my/confirm", {}, page=page)
        code = self._get_code()
        self.browser.get("/web/session/logout?redirect=/my/sign-in")
        self.browser.post("/my/sign-in/code", {"code": code})
        self.browser.get("/my/sign-in/continue")
        self.assertFalse(self.browser.is_signed_in())

    def test_code_of_another_user_confirms_nothing(self):
        self._become_stale()
        page = self.browser.get("/my/confirm").text
        self.browser.post("/my/confirm", {}, page=page)
        code = self._get_code()
        other = self._create_member(name="Other", email="other@member.example")
        challenge = self.challenges.search([("purpose", "=", "confirm")])
        challenge.user_id = self._create_portal_user(other)
        self.browser.post("/my/confirm/code", {"code": code})
        self.assertIn("/my/confirm", self.browser.get("/my/security").url)

    # === NEW E-MAIL ADDRESS === #

    def _ask_new(self, email=NEW):
        page = self.browser.get("/my/email").text
        return self.browser.post("/my/email", {"email": email}, page=page)

    def test_new_address_counts_after_the_code_sent_there(self):
        """B2, B7: confirmed at the new address, announced at the old one."""
        self._ask_new()
        [mail] = self._send_mails_of(NEW)
        self.assertIn("/my/email/code#code=", mail["body"])
        challenge = self.challenges.search([("email", "=", NEW)])
        self.assertEqual(challenge.mail_state, "code")
        self.assertEqual(self.member.email, "mia@member.example")

    def _send_mails_of(self, address):
        return [mail for mail in self._send_mails() if mail["email_to"] == [address]]

    def test_confirmed_address_is_written_and_the_old_one_told(self):
        self._ask_new()
        answer = self.browser.post("/my/email/code", {"code": self._get_code(NEW)})
        self.assertIn("Your e-mail address was changed.", answer.text)
        self.env.invalidate_all()
        self.assertEqual((self.member.email, self.user.login), (NEW, NEW))
        event = self.member.member_event_ids[:1]
        self.assertEqual(event.kind, "email")
        self.assertEqual(event.changes[0][1:], ["mia@member.example", NEW])
        told = self.env["mail.mail"].search([("email_to", "=", "mia@member.example")])
        self.assertIn("n…w@member.example", told.body_html)
        self.assertNotIn(NEW, told.body_html)
        self.assertTrue(self.browser.is_signed_in())

    def test_other_sessions_end_with_the_old_address(self):
        other = Browser(self)
        self._ask_and_enter(browser=other)
        self.assertTrue(other.is_signed_in())
        self._ask_new()
        self.browser.post("/my/email/code", {"code": self._get_code(NEW)})
        self.assertFalse(other.is_signed_in())

    def test_new_address_without_a_fresh_code_is_refused(self):
        self._become_stale()
        answer = self.browser.post("/my/email", {"email": NEW})
        self.assertIn("/my/confirm", answer.url)
        self.assertFalse(self.challenges.search([("email", "=", NEW)]))

    def _submit_details(self, email):
        page = self.browser.get("/my/account").text
        self.assertIn("/my/email", page)
        data = {
            "partner_id": self.member.id,
            "name": "Mia Member",
            "email": email,
            "phone": "1",
            "street": "S",
            "zip": "1234 AB",
            "city": "C",
            "country_id": self.env.ref("base.nl").id,
        }
        answer = self.browser.post("/my/address/submit", data, page=page).json()
        self.env.invalidate_all()
        return answer

    def test_details_form_does_not_change_the_address(self):
        self.assertIn("email", self._submit_details(NEW)["invalid_fields"])
        self.assertEqual(self.member.email, "mia@member.example")

    def test_address_without_part_in_the_sign_in_is_changed_as_in_odoo(self):
        self.member.user_ids.login = "M035"  # ends the session
        self._ask_and_enter()
        self.assertIn("email", self._submit_details(NEW)["invalid_fields"])
        # Nothing says any more that a code to this address ever opened the account.
        self.member.member_event_ids.filtered(lambda e: e.kind == "sign_in").unlink()
        self.assertIn("redirectUrl", self._submit_details(NEW))
        self.assertEqual(self.member.email, NEW)

    def test_own_address_and_nonsense_get_no_code(self):
        for email in ("mia@member.example", "nonsense"):
            self.assertIn('role="alert"', self._ask_new(email).text)
        self.assertFalse(self.challenges.search([("purpose", "=", "email")]))

    # === SESSIONS === #

    def test_member_sees_his_sessions_and_signs_out_elsewhere(self):
        other = Browser(self)
        self._ask_and_enter(browser=other)
        page = self.browser.get("/my/sessions").text
        self.assertIn("This device", page)
        self.assertEqual(page.count("/my/sessions/end"), 2)
        self.browser.post("/my/sessions/end", {}, page=page)
        self.assertFalse(other.is_signed_in())
        self.assertTrue(self.browser.is_signed_in())
        self.env.invalidate_all()
        self.assertEqual(self.member.member_event_ids[:1].kind, "sign_out")

    def test_session_of_somebody_else_cannot_be_ended(self):
        self._create_member(name="Other", email="other@member.example")
        other = Browser(self)
        self._ask_and_enter("other@member.example", other)
        device = self.env["res.device"].search([("user_id", "!=", self.user.id)])[:1]
        self.browser.post("/my/sessions/end", {"device_id": device.id})
        self.assertTrue(other.is_signed_in())

    # === PASSKEY === #

    def test_passkey_is_offered_after_the_code_until_declined(self):
        page = self.browser.get("/my").text
        self.assertIn("o_member_passkey", page)
        self.assertIn("o_member_passkey", self.browser.get("/my?more=1").text)
        self.assertNotIn("o_member_passkey", self.browser.get("/my/account").text)
        self.browser.post("/my/passkey/later", {"redirect": "/my"}, page=page)
        self.assertNotIn("o_member_passkey", self.browser.get("/my").text)
        self.env.invalidate_all()
        self.assertTrue(self.user.is_passkey_declined)

    def test_passkey_is_not_offered_to_who_has_one(self):
        self.env["auth.passkey.key"].sudo().with_user(self.user).sudo().create(
            {"name": "Key", "credential_identifier": "x", "public_key": "y"}
        )
        self.assertNotIn("o_member_passkey", self.browser.get("/my").text)

    def test_passkey_added_and_removed_is_an_event(self):
        """B7: whatever opens the area is on the timeline."""
        keys = self.env["auth.passkey.key"].with_user(self.user).sudo()
        with patch(f"{MODELS}.auth_passkey_key.request", "a request"):
            key = keys.create(
                {"name": "Phone", "credential_identifier": "x", "public_key": "y"}
            )
            key.unlink()
        events = self.member.member_event_ids.filtered(lambda e: e.kind == "passkey")
        self.assertEqual(
            events.sorted("id").mapped("changes"),
            [[["", "", "Phone"]], [["", "Phone", ""]]],
        )
        self.assertEqual(events.user_id, self.user)

    def test_changed_password_is_an_event_and_a_note(self):
        """B7: who, when and from where; never what."""
        self.user.password = "the old password"
        since = {IDENTITY_CHECK: time.time()}
        self.authenticate(self.user.login, "the old password", session_extra=since)
        page = self.url_open("/my/security").text
        data = {"old": "the old password", "new1": "a new one!", "new2": "a new one!"}
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page).group(1)
        self.url_open("/my/security", data={"csrf_token": token, **data})
        self.env.invalidate_all()
        event = self.member.member_event_ids[:1]
        self.assertEqual((event.kind, event.user_id), ("password", self.user))
        self.assertFalse(event.changes)
        self.assertEqual(event.ip, "127.0.0.1")
        notes = self.member.message_ids.mapped("body")
        self.assertTrue(any("Password changed" in note for note in notes))

    # === DEEP LINKS === #

    def test_deep_link_with_a_language_leads_there_in_that_language(self):
        """B6, B12: `/my/…?lang=` from a website or a mail."""
        for code in ("nl_NL", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
        if "website" in self.env:
            languages = self.env["res.lang"].search([])
            self.env["website"].search([]).language_ids = languages
        answer = self.browser.get("/my/account?lang=de&redirect=/my")
        self.assertIn("/my/account?redirect=", answer.url)
        self.assertIn('"bundle_params": {"lang": "de_DE"', answer.text)
        visitor = Browser(self).get("/my/account?lang=nl_NL")
        self.assertIn("/my/sign-in?redirect=", visitor.url)
        self.assertIn('"bundle_params": {"lang": "nl_NL"', visitor.text)
        nowhere = Browser(self).get("/my/account?lang=xx")
        self.assertEqual(nowhere.status_code, 200)
