"""The first page of the member's area."""

from lxml import html

from odoo.tests import tagged

from .http_common import PortalOtpHttpCommon

PLACE = "//a[contains(@class, 'o_member_place')]/@href"
CARD = "o_portal_index_card"


@tagged("post_install", "-at_install")
class TestRoutesHome(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        self._ask_and_enter()

    def test_home_is_the_places_and_nothing_between(self):
        """B2, B11: no card of a module stands between the member and the places."""
        page = self.browser.get("/my").text
        places = [path.split("?")[0] for path in html.fromstring(page).xpath(PLACE)]
        known = [
            "/my/account",
            "/my/subscriptions",
            "/my/payment_method",
            "/my/invoices",
        ]
        self.assertEqual(places, [path for path in known if path in places])
        self.assertIn("/my/account", places)
        self.assertNotIn(CARD, page)
        self.assertIn("Mia Member", page)

    def test_cards_of_odoo_are_one_link_away(self):
        page = self.browser.get("/my/home?more=1").text
        self.assertIn(CARD, page)
        self.assertIn('href="/my/addresses"', page)

    def test_organisation_may_have_the_cards_of_odoo_instead(self):
        self.company.is_portal_all_cards = True
        page = self.browser.get("/my").text
        self.assertIn(CARD, page)
        self.assertNotIn("o_member_place", page)

    def test_details_lead_to_what_belongs_to_them(self):
        page = self.browser.get("/my/account").text
        for path in ("/my/addresses", "/my/security", "/my/sessions", "/my/data"):
            self.assertIn(f'href="{path}"', page)
        self.assertIn("breadcrumb-item", page)

    def test_closed_function_is_not_promised_on_the_home_page(self):
        self.assertRegex(self.browser.get("/my").text, r">\s*Edit\s*<")
        self.company.portal_function_details = False
        page = self.browser.get("/my").text
        self.assertIn("/my/account", page)
        self.assertNotRegex(page, r">\s*Edit\s*<")

    def test_home_does_not_ask_the_database_more_than_odoo_does(self):
        """What there is at each place is told without a question for each of them."""
        counts = {}
        for path in ("/my/home", "/my/home?more=1"):
            self.browser.get(path)
            before = self.env.cr.sql_log_count
            self.browser.get(path)
            counts[path] = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts["/my/home"], counts["/my/home?more=1"])
