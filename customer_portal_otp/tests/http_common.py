"""A browser for the tests of the routes."""

import re

from odoo.tests import HttpCase, Opener

from .common import PortalOtpCommon

CSRF = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


class Browser:
    """One browser with cookies of its own."""

    def __init__(self, case):
        self.case, self.opener = case, Opener(case)
        self.tokens = {}

    @property
    def cookies(self):
        return self.opener.cookies

    def get(self, path, **kwargs):
        self._sync()
        return self._keep(
            self.opener.get(self.case.base_url() + path, timeout=60, **kwargs)
        )

    def post(self, path, data, page=None, **kwargs):
        """Post a form with the CSRF token that a page of this session carried."""
        if page:
            self.tokens[self._session] = CSRF.search(page).group(1)
        elif self._session not in self.tokens:
            self.get("/my/sign-in")
        self._sync()
        values = {"csrf_token": self.tokens[self._session], **data}
        url = self.case.base_url() + path
        return self._keep(self.opener.post(url, data=values, timeout=60, **kwargs))

    @property
    def _session(self):
        return self.cookies.get("session_id")

    def _keep(self, answer):
        if token := CSRF.search(answer.text):
            self.tokens[self._session] = token.group(1)
        return answer

    def _sync(self):
        self.case.env.flush_all()
        # Odoo's test server answers the opener that is in use.
        self.case.opener = self.opener

    def ask(self, email, redirect=None, **kwargs):
        data = {"email": email}
        if redirect:
            data["redirect"] = redirect
        return self.post("/my/sign-in", data, **kwargs)

    def enter(self, code, **kwargs):
        return self.post("/my/sign-in/code", {"code": code}, **kwargs)

    def is_signed_in(self):
        answer = self.get("/my/account", allow_redirects=False)
        return answer.status_code == 200


class PortalOtpHttpCommon(PortalOtpCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self)

    def _send_mails(self):
        # The route's transactions end in the test's own one here.
        self.env.invalidate_all()
        return super()._send_mails()

    def _get_code(self, email="mia@member.example"):
        """Return the newest code of a mailbox, as its owner reads it."""
        self.env.invalidate_all()
        challenge = self.challenges.search([("email", "=", email)], limit=1)
        return challenge._get_keyed().unseal(challenge.sealed_code)

    def _ask_and_enter(self, email="mia@member.example", browser=None, **kwargs):
        browser = browser or self.browser
        browser.ask(email, allow_redirects=False, **kwargs)
        return browser.enter(self._get_code(email))
