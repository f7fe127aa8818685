"""After the code: who one continues as, session, language, timeline."""

import json
import re
import time
from unittest.mock import patch

from odoo.http import root
from odoo.tests import tagged

from odoo.addons.auth_totp.models.totp import TOTP

from ..const import SESSION_SEEN, SESSION_START
from .http_common import CSRF, Browser, PortalOtpHttpCommon

# The language of a page, as its scripts are told it (with and without a website).
SPOKEN = '"bundle_params": {"lang": "%s"'
RADIO = re.compile(r'name="partner_id"[^>]*>')


@tagged("post_install", "-at_install")
class TestRoutesMember(PortalOtpHttpCommon):
    def _session(self):
        return root.session_store.get(self.browser.cookies["session_id"])

    def _change_session(self, **values):
        session = self._session()
        session.update(values)
        root.session_store.save(session)

    # === SHARED MAILBOX === #

    def test_shared_mailbox_asks_who_with_the_newest_first(self):
        """B5: the newest is preselected; each sees only what is his."""
        newer = self._create_member(name="Max Member")
        page = self._ask_and_enter().text
        radios = RADIO.findall(page)
        self.assertEqual(len(radios), 2)
        self.assertIn(f'value="{newer.id}"', radios[0])
        self.assertIn("checked", radios[0])
        self.assertNotIn("checked", radios[1])
        self.assertFalse(self.browser.is_signed_in())
        self.browser.post(
            "/my/sign-in/continue", {"partner_id": self.member.id}, page=page
        )
        self.env.invalidate_all()
        self.assertTrue(self.member.user_ids)
        self.assertFalse(newer.user_ids)
        self.assertIn("Mia Member", self.browser.get("/my/account").text)

    def test_choice_outside_the_mailbox_is_refused(self):
        self._create_member(name="Max Member")
        other = self._create_member(name="Other", email="other@member.example")
        page = self._ask_and_enter().text
        for wrong in (other.id, "", "0", "x"):
            self.browser.post("/my/sign-in/continue", {"partner_id": wrong}, page=page)
            self.assertFalse(self.browser.is_signed_in())
        self.assertFalse(other.user_ids)

    def test_choice_is_refused_without_the_proof(self):
        self._create_member(name="Max Member")
        self.browser.ask("mia@member.example")
        self.browser.post("/my/sign-in/continue", {"partner_id": self.member.id})
        self.assertFalse(self.browser.is_signed_in())

    # === SECOND FACTOR === #

    def test_second_factor_stays_in_force(self):
        """`mfa: default`: a code never replaces what the user set up."""
        user = self._create_portal_user(self.member)
        user.totp_secret = "JBSWY3DPEHPK3PXP"
        answer = self._ask_and_enter(redirect="/my/account")
        self.assertIn("/web/login/totp", answer.url)
        self.assertFalse(self.browser.is_signed_in())
        page = self.browser.get("/web/login/totp?redirect=/my/account").text
        with patch.object(TOTP, "match", return_value=1):
            answer = self.browser.post(
                "/web/login/totp?redirect=/my/account",
                {"totp_token": "123456"},
                page=page,
            )
        self.assertTrue(answer.url.endswith("/my/account"))
        self.assertTrue(self.browser.is_signed_in())

    # === SESSION === #

    def test_idle_session_ends(self):
        self._ask_and_enter()
        self._change_session(**{SESSION_SEEN: time.time() - 29 * 60})
        self.assertTrue(self.browser.is_signed_in())
        self._change_session(**{SESSION_SEEN: time.time() - 31 * 60})
        self.assertFalse(self.browser.is_signed_in())

    def test_old_session_ends_even_when_busy(self):
        self._ask_and_enter()
        self._change_session(**{SESSION_START: time.time() - 13 * 3600})
        self.assertFalse(self.browser.is_signed_in())

    def test_ended_session_leads_back_to_the_page(self):
        self._ask_and_enter()
        self._change_session(**{SESSION_SEEN: 0})
        answer = self.browser.get("/my/account")
        self.assertIn("/my/sign-in?redirect=", answer.url)

    def test_session_by_password_is_not_shortened(self):
        self._create_portal_user(self.member, password="a long password")
        page = self.browser.get("/web/login").text
        data = {"login": "mia@member.example", "password": "a long password"}
        self.browser.post("/web/login", data, page=page)
        self.assertNotIn(SESSION_START, self._session())

    # === LANGUAGE === #

    def _activate_languages(self):
        for code in ("nl_NL", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
        if "website" in self.env:
            languages = self.env["res.lang"].search([])
            self.env["website"].search([]).language_ids = languages

    def test_browser_language_comes_first(self):
        """B6: the default is the browser's language."""
        self._activate_languages()
        answer = self.browser.get("/my/sign-in", headers={"Accept-Language": "de-DE"})
        self.assertIn(SPOKEN % "de_DE", answer.text)

    def test_choice_at_sign_in_is_kept_for_pages_and_mails(self):
        """B6: the language can be changed at any time and is kept."""
        self._activate_languages()
        self.browser.get("/my/language?code=nl_NL&redirect=/my/sign-in")
        answer = self._ask_and_enter()
        self.assertIn(SPOKEN % "nl_NL", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.member.lang, "nl_NL")
        fresh = Browser(self)
        answer = self._ask_and_enter(browser=fresh)
        self.assertIn(SPOKEN % "nl_NL", answer.text)

    def test_member_changes_the_language_later(self):
        self._activate_languages()
        self._ask_and_enter()
        answer = self.browser.get("/my/language?code=de_DE&redirect=/my")
        self.assertIn(SPOKEN % "de_DE", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.member.lang, "de_DE")
        event = self.member.member_event_ids[:1]
        self.assertEqual(
            (event.kind, event.changes), ("language", [["", "en_US", "de_DE"]])
        )

    def test_language_link_leads_nowhere_else(self):
        self._activate_languages()
        answer = self.browser.get(
            "/my/language?code=nl_NL&redirect=//evil.example", allow_redirects=False
        )
        self.assertNotIn("evil", answer.headers["Location"])
        answer = self.browser.get("/my/language?code=xx_XX&redirect=/my/sign-in")
        self.assertEqual(answer.status_code, 200)

    # === TIMELINE === #

    def test_sign_in_is_an_event_with_place_and_device(self):
        """B7: who, what, when, from where."""
        self._ask_and_enter()
        self.env.invalidate_all()
        event = self.member.member_event_ids.filtered(lambda e: e.kind == "sign_in")
        self.assertEqual(len(event), 1)
        self.assertEqual(event.user_id.partner_id, self.member)
        self.assertEqual(event.ip, "127.0.0.1")

    def test_changed_details_are_an_event_and_a_note(self):
        """B2, B7: members change contact data; staff sees from and to."""
        country = self.env.ref("base.nl")
        self.member.write(
            {
                "street": "Old Street 1",
                "zip": "1234 AB",
                "city": "Utrecht",
                "country_id": country.id,
                "phone": "+31 30 123 4567",
            }
        )
        self._ask_and_enter()
        page = self.browser.get("/my/account").text
        answer = self.browser.post(
            "/my/address/submit",
            {
                "partner_id": self.member.id,
                "name": "Mia Member",
                "email": "mia@member.example",
                "phone": "+31 30 123 4567",
                "street": "New Street 2",
                "zip": "1234 AB",
                "city": "Utrecht",
                "country_id": country.id,
                "address_type": "billing",
                "required_fields": "",
            },
            page=page,
        )
        self.assertIn("redirectUrl", json.loads(answer.text))
        self.env.invalidate_all()
        self.assertEqual(self.member.street, "New Street 2")
        event = self.member.member_event_ids.filtered(lambda e: e.kind == "details")
        self.assertEqual(event.changes, [["Street", "Old Street 1", "New Street 2"]])
        notes = self.member.message_ids.filtered(lambda m: "New Street 2" in m.body)
        self.assertEqual(notes.author_id, self.member)

    def test_address_added_and_removed_is_an_event_of_the_member(self):
        """B7: not of the new contact, which nobody looks at."""
        self._ask_and_enter()
        page = self.browser.get("/my/address?address_type=delivery").text
        answer = self.browser.post(
            "/my/address/submit",
            {
                "name": "Mia at Work",
                "email": "mia@member.example",
                "phone": "+31 30 123 4567",
                "street": "Desk Street 9",
                "zip": "1234 AB",
                "city": "Utrecht",
                "country_id": self.env.ref("base.nl").id,
                "address_type": "delivery",
                "required_fields": "",
            },
            page=page,
        )
        self.assertIn("redirectUrl", json.loads(answer.text))
        self.env.invalidate_all()
        [address] = self.member.child_ids
        self.assertIn("Desk Street 9", self.member.member_event_ids[:1].details)
        self.make_jsonrpc_request("/my/address/archive", {"partner_id": address.id})
        self.env.invalidate_all()
        self.assertFalse(address.active)
        event = self.member.member_event_ids[:1]
        self.assertEqual(event.kind, "details")
        self.assertIn("Mia at Work", event.details)

    # === AREA === #

    def test_area_opens_with_own_details_in_the_accent_of_the_company(self):
        """B11: accent colour from the company."""
        self.company.primary_color = "#ffdd00"
        page = self._ask_and_enter(redirect="/my").text
        self.assertIn("/my/account", page)
        self.assertIn("--member-accent: #ffdd00; --member-accent-text: #000000", page)

    def test_details_lead_back_and_nothing_there_sounds_like_removing(self):
        """Odoo's German word for it was the one for deleting."""
        self._ask_and_enter()
        page = self.browser.get("/my/account").text
        back = page.partition("order-md-1")[2].partition("</a>")[0]
        self.assertIn("<span>Back</span>", back)
        self.assertNotIn("Discard", back)

    def test_another_members_address_cannot_be_changed(self):
        """R10: a foreign record answers like a missing one, and stays as it is."""
        other = self._create_member(name="Other", email="other@member.example")
        self._ask_and_enter()
        page = self.browser.get("/my/account").text
        data = {"partner_id": other.id, "name": "Taken", "email": "x@member.example"}
        answer = self.browser.post("/my/address/submit", data, page=page)
        self.assertIn(answer.status_code, (403, 404))
        self.env.invalidate_all()
        self.assertEqual(other.name, "Other")

    def test_csrf_token_is_on_every_form(self):
        self._create_member(name="Max Member")
        for page in (
            self.browser.get("/my/sign-in"),
            self.browser.ask("mia@member.example"),
            self.browser.enter(self._get_code()),
        ):
            forms = page.text.count('method="post"')
            self.assertGreaterEqual(len(CSRF.findall(page.text)), 1)
            self.assertGreaterEqual(forms, 1)
