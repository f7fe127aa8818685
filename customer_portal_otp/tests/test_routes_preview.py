"""The administrator looks at one member's area: a look, nothing else."""

from lxml import html

from odoo.tests import new_test_user, tagged

from .http_common import PortalOtpHttpCommon

SESSION = "session_id"


@tagged("post_install", "-at_install")
class TestRoutesPreview(PortalOtpHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_portal_user(cls.member)
        cls.path = f"/portal/preview/{cls.member.id}"
        for login, groups in (
            ("preview_admin", "base.group_system,base.group_partner_manager"),
            ("preview_staff", "base.group_user,base.group_partner_manager"),
        ):
            new_test_user(
                cls.env,
                login,
                groups,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )

    def _look(self, page="/my", login="preview_admin"):
        self.authenticate(login, login)
        return self.url_open(f"{self.path}?page={page}", allow_redirects=False)

    def test_administrator_sees_what_the_member_sees_clearly_marked(self):
        answer = self._look()
        self.assertEqual(answer.status_code, 200)
        page = html.fromstring(answer.text)
        [banner] = page.xpath("//div[contains(@class, 'o_member_preview')]")
        self.assertIn(self.member.name, banner.text_content())
        self.assertIn("Your details", answer.text)
        details = self._look("/my/account").text
        self.assertIn(f'value="{self.member.email}"', details)

    def test_nothing_can_be_done_there(self):
        """No script, no form, no way out, and the headers forbid it as well."""
        for path in ("/my", "/my/account"):
            answer = self._look(path)
            page = html.fromstring(answer.text)
            self.assertFalse(page.xpath("//script | //form[@action]"))
            self.assertFalse(page.xpath("//input[not(@disabled)]"))
            self.assertFalse(page.xpath("//button[not(@disabled)]"))
            links = page.xpath("//a/@href")
            self.assertTrue(links)
            self.assertTrue(all(link.startswith(self.path) for link in links), links)
            policy = answer.headers["Content-Security-Policy"]
            for part in ("script-src 'none'", "form-action 'none'", "sandbox"):
                self.assertIn(part, policy)
            self.assertNotIn("allow-scripts", policy)
            self.assertNotIn("allow-forms", policy)

    def test_each_look_is_on_the_timeline_of_the_member(self):
        self._look("/my/account")
        self.env.invalidate_all()
        event = self.member.member_event_ids[:1]
        self.assertEqual(event.kind, "preview")
        self.assertEqual(event.user_id.login, "preview_admin")
        self.assertIn("/my/account", event.details)

    def test_administrator_stays_who_he_is(self):
        self._look()
        cookie = self.opener.cookies.get(SESSION)
        home = self.url_open("/my").text
        self.assertNotIn("o_member_preview", home)
        self.assertNotIn(self.member.name, home)
        self.assertEqual(self.opener.cookies.get(SESSION), cookie)

    def test_pages_that_do_something_are_not_shown(self):
        for page in ("/my/data/download", "/my/email", "/my/security", "/web", "/my/x"):
            self.assertEqual(self._look(page).status_code, 404, page)

    def test_staff_without_the_right_gets_what_a_missing_contact_gives(self):
        for login in ("preview_staff", self.user.login):
            self.authenticate(login, login)
            foreign = self.url_open(self.path, allow_redirects=False)
            missing = self.url_open("/portal/preview/99999999", allow_redirects=False)
            self.assertEqual(foreign.status_code, 404)
            self.assertEqual(missing.status_code, 404)
        self.env.invalidate_all()
        self.assertFalse(self.member.member_event_ids)

    def test_member_of_another_company_and_contact_without_user_are_missing(self):
        other = self.env["res.company"].create({"name": "Other club"})
        self.user.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id},
        )
        self.assertEqual(self._look().status_code, 404)
        nobody = self._create_member(name="Nobody", email="nobody@member.example")
        answer = self.url_open(f"/portal/preview/{nobody.id}", allow_redirects=False)
        self.assertEqual(answer.status_code, 404)

    def test_what_the_page_writes_is_undone(self):
        """The page is made in a savepoint that is always rolled back."""
        calls = []
        home = type(self.env["res.partner"])._get_portal_places

        def write_and_show(partner):
            calls.append(partner.env.uid)
            partner.sudo().comment = "written while looking"
            return home(partner)

        self.patch(type(self.env["res.partner"]), "_get_portal_places", write_and_show)
        self.assertEqual(self._look().status_code, 200)
        self.assertEqual(calls, [self.user.id])
        self.env.invalidate_all()
        self.assertNotIn("written", str(self.member.comment))
