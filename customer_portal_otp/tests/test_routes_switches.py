"""Read-only mode, a switch per function, preview for administrators."""

from odoo.tests import tagged

from .http_common import PortalOtpHttpCommon


@tagged("post_install", "-at_install")
class TestRoutesSwitches(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        self._ask_and_enter()

    def _is_closed(self, path):
        return "closed=1" in self.browser.get(path).url

    def test_everything_is_open_by_default(self):
        for path in ("/my/email", "/my/data"):
            self.assertFalse(self._is_closed(path))

    def test_one_function_is_closed_by_its_switch(self):
        self.company.portal_function_details = False
        self.assertTrue(self._is_closed("/my/email"))
        self.assertFalse(self._is_closed("/my/data"))
        answer = self.browser.post("/my/address/submit", {"name": "Taken"})
        self.assertIn("closed=1", answer.url)
        self.env.invalidate_all()
        self.assertEqual(self.member.name, "Mia Member")
        self.assertEqual(self.browser.get("/my/account").status_code, 200)

    def test_read_only_closes_all_functions_and_says_so(self):
        self.company.portal_is_read_only = True
        for path in ("/my/email", "/my/data", "/my/data/download"):
            self.assertTrue(self._is_closed(path))
        page = self.browser.get("/my?closed=1").text
        self.assertIn("not possible here", page)
        self.assertIn("o_member_no_details", page)
        self.assertEqual(self.browser.get("/my/sessions").status_code, 200)

    def test_language_in_the_path_opens_nothing(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        if "website" in self.env:
            languages = self.env["res.lang"].search([])
            self.env["website"].search([]).language_ids = languages
        self.company.portal_is_read_only = True
        self.assertTrue(self._is_closed("/nl/my/email"))

    def test_administrator_sees_the_sign_in_page_members_do_not(self):
        self.assertFalse("sign-in" in self.browser.get("/my/sign-in?preview=1").url)
        self.authenticate("admin", "admin")
        answer = self.url_open("/my/sign-in?preview=1")
        self.assertIn('id="sign_in_email"', answer.text)

    def test_settings_say_how_readable_the_colour_is(self):
        """B11: the accent colour is checked for contrast."""
        self.company.primary_color = "#ffdd00"
        settings = self.env["res.config.settings"].create({})
        self.assertIn("black", settings.portal_accent_note)
        self.company.primary_color = False
