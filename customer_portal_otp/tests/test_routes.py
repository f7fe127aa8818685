"""Signing in over HTTP: what a visitor meets."""

import os
import re
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from ..const import COOKIE
from .http_common import Browser, PortalOtpHttpCommon

# What differs from one answer to the next: form tokens and the running seconds.
TOKEN = re.compile(r'[0-9a-f]{40}o\d+|csrf_token: "[^"]*"|data-wait="\d+"')


@tagged("post_install", "-at_install")
class TestRoutes(PortalOtpHttpCommon):
    def test_right_code_signs_in_and_shows_the_page_that_was_asked_for(self):
        """B3: e-mail address, code by mail, in."""
        page = self.browser.get("/my/account?a=1")
        self.assertIn("/my/sign-in?redirect=", page.url)
        answer = self._ask_and_enter(redirect="/my/account?a=1")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.url.endswith("/my/account?a=1"), answer.url)
        self.assertTrue(self.browser.is_signed_in())

    def test_redirect_url_is_all_a_site_needs(self):
        """B12: integration by redirect to the portal URL."""
        answer = self.browser.get("/my", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/my/sign-in?redirect=%2Fmy", answer.headers["Location"])

    def test_pages_outside_the_members_area_keep_the_login_page(self):
        answer = self.browser.get("/odoo", allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_login_page_offers_the_code_and_keeps_the_target(self):
        page = self.browser.get("/web/login?redirect=/my/account").text
        self.assertIn("/my/sign-in?redirect=%2Fmy%2Faccount", page)

    def test_member_is_tied_to_the_existing_contact(self):
        """B1: no second contact; the user comes with the first proven code."""
        count = self.env["res.partner"].search_count([])
        self._ask_and_enter()
        self.env.invalidate_all()
        self.assertEqual(self.env["res.partner"].search_count([]), count)
        self.assertTrue(self.member.user_ids._is_portal())

    def test_session_changes_at_sign_in_and_the_old_one_is_dead(self):
        """Session fixation: whoever knew the id before has nothing."""
        self.browser.get("/my/sign-in")
        before = self.browser.cookies["session_id"]
        self._ask_and_enter()
        self.assertNotEqual(self.browser.cookies["session_id"], before)
        thief = Browser(self)
        thief.cookies["session_id"] = before
        self.assertFalse(thief.is_signed_in())

    def test_known_and_unknown_address_get_the_same_answer(self):
        """B4, better than written: the page tells nobody who is a member."""
        pages = []
        for email in ("mia@member.example", "max@member.example"):
            browser = Browser(self)
            asked = browser.ask(email)
            codes = browser.enter("0000 0000")
            texts = [asked.status_code, asked.url, asked.text, codes.text]
            pages.append(
                [TOKEN.sub("", str(t)).replace(email, "ADDRESS") for t in texts]
            )
        for known, unknown in zip(*pages, strict=True):
            self.assertEqual(known, unknown)

    def test_unknown_address_is_told_on_the_page_where_switched_so(self):
        """B4 as written, for closed networks."""
        self.company.portal_sign_in_unknown = "page"
        answer = self.browser.ask("nobody@nowhere.example")
        self.assertIn("We do not know this e-mail address", answer.text)
        self.assertIn("Enter the code", self.browser.ask("mia@member.example").text)

    def test_wrong_codes_say_so_and_end_after_five(self):
        self.browser.ask("mia@member.example")
        code = self._get_code()
        wrong = self._make_wrong(code)
        self.assertIn("Tries left: 4", self.browser.enter(wrong).text)
        for _try in range(3):
            self.browser.enter(wrong)
        self.assertIn("no longer valid", self.browser.enter(wrong).text)
        self.assertIn("no longer valid", self.browser.enter(code).text)
        self.assertFalse(self.browser.is_signed_in())

    def test_expired_code_is_refused(self):
        self.browser.ask("mia@member.example")
        code = self._get_code()
        self._age(self.challenges.search([], limit=1), 601)
        self.assertIn("no longer valid", self.browser.enter(code).text)

    def test_code_is_refused_in_another_browser(self):
        self.browser.ask("mia@member.example")
        other = Browser(self)
        self.assertIn("only in the browser", other.get("/my/sign-in/code").text)
        other.post("/my/sign-in/code", {"code": self._get_code()})
        self.assertFalse(other.is_signed_in())

    def test_code_is_refused_a_second_time(self):
        self.browser.ask("mia@member.example")
        code, token = self._get_code(), self.browser.cookies[COOKIE]
        self.browser.enter(code)
        replay = Browser(self)
        replay.cookies[COOKIE] = token
        replay.post("/my/sign-in/code", {"code": code})
        self.assertFalse(replay.is_signed_in())

    def test_old_code_is_refused_after_a_new_one(self):
        self.browser.ask("mia@member.example")
        old = self._get_code()
        self._age(self.challenges.search([], limit=1), 61)
        self.browser.ask("mia@member.example")
        new = self._get_code()
        if old != new:
            self.assertIn("not the code", self.browser.enter(old).text)
        self.browser.enter(new)
        self.assertTrue(self.browser.is_signed_in())

    def test_second_code_within_a_minute_is_not_sent(self):
        """B3: resend after 60 seconds, with the seconds on the page."""
        self.browser.ask("mia@member.example")
        code = self._get_code()
        answer = self.browser.ask("mia@member.example")
        self.assertRegex(answer.text, r'data-wait="(5[0-9]|60)"')
        self.assertEqual(self._get_code(), code)

    def test_link_of_the_mail_does_not_sign_in(self):
        """Mail scanners follow links: the code stays after the # and is only typed."""
        self.browser.ask("mia@member.example")
        [mail] = self._send_mails()
        link = re.search(r'href="([^"]+#code=\d{8})"', mail["body"]).group(1)
        path = link.partition(self.base_url())[2] or "/my/sign-in/code"
        self.browser.get(path)
        self.assertFalse(self.browser.is_signed_in())

    def test_form_helps_phones_to_fill_in(self):
        self.browser.ask("mia@member.example")
        page = self.browser.get("/my/sign-in/code").text
        for text in ('autocomplete="one-time-code"', 'inputmode="numeric"'):
            self.assertIn(text, page)

    def test_answers_are_not_kept_by_anybody(self):
        self.browser.ask("mia@member.example")
        headers = self.browser.get("/my/sign-in/code").headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")

    def test_cookie_is_closed_to_scripts_and_other_sites(self):
        answer = self.browser.ask("mia@member.example", allow_redirects=False)
        cookie = next(
            text
            for text in answer.raw.headers.getlist("Set-Cookie")
            if text.startswith(COOKIE)
        )
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Lax", cookie)

    def test_redirect_stays_on_this_site(self):
        """No open redirect, whatever is put into the form."""
        self.browser.ask("mia@member.example", redirect="//evil.example/my")
        answer = self.browser.enter(self._get_code())
        self.assertTrue(answer.url.startswith(self.base_url()), answer.url)
        self.assertIn("/my", answer.url)

    def test_bad_address_is_told_and_sends_nothing(self):
        answer = self.browser.ask("not an address")
        self.assertIn("not an e-mail address", answer.text)
        self.assertFalse(self.challenges.search_count([]))

    def test_request_without_csrf_token_is_refused(self):
        self.browser.get("/my/sign-in")
        answer = self.browser.opener.post(
            self.base_url() + "/my/sign-in", data={"email": "mia@member.example"}
        )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.challenges.search_count([]))

    def test_limit_is_told_without_naming_who_is_known(self):
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("customer_portal_otp.mailbox_hour", "1")
        texts = []
        for email in ("mia@member.example", "max@member.example"):
            Browser(self).ask(email, allow_redirects=False)
            answer = Browser(self).ask(email)
            self.assertIn("Many codes were asked for", answer.text)
            texts.append(TOKEN.sub("", answer.text).replace(email, "ADDRESS"))
        self.assertEqual(*texts)

    def test_known_device_gets_a_code_while_a_stranger_uses_them_up(self):
        """2.3: no lock-out that a stranger can cause for a known device."""
        self._ask_and_enter()
        self.browser.get("/web/session/logout")
        for _number in range(5):
            Browser(self).ask("mia@member.example", allow_redirects=False)
        self.assertIn("Many codes", Browser(self).ask("mia@member.example").text)
        self.assertIn("Enter the code", self.browser.ask("mia@member.example").text)

    def test_missing_key_is_told_without_details(self):
        with (
            patch.dict(os.environ, {"PORTAL_OTP_KEY": "short"}),
            self.assertLogs("odoo.addons.customer_portal_otp", "ERROR"),
        ):
            answer = self.browser.ask("mia@member.example")
        self.assertIn("not available right now", answer.text)
        self.assertNotIn("PORTAL_OTP_KEY", answer.text)

    def test_internal_user_is_refused(self):
        """Staff never get in by code unless an administrator allows it."""
        new_test_user(self.env, "otp_internal", email="staff@club.example")
        self.browser.ask("staff@club.example")
        answer = self.browser.enter(self._get_code("staff@club.example"))
        self.assertIn("nothing to open", answer.text)
        self.assertFalse(self.browser.is_signed_in())

    def test_internal_user_is_let_in_when_switched_on(self):
        new_test_user(self.env, "otp_internal", email="staff@club.example")
        self.env["ir.config_parameter"].sudo().set_param(
            "customer_portal_otp.internal_users", "True"
        )
        self._ask_and_enter("staff@club.example")
        self.assertTrue(self.browser.is_signed_in())

    def test_password_login_is_untouched(self):
        self._create_portal_user(self.member, password="a long password")
        page = self.browser.get("/web/login").text
        self.browser.post(
            "/web/login",
            {"login": "mia@member.example", "password": "a long password"},
            page=page,
        )
        self.assertTrue(self.browser.is_signed_in())
