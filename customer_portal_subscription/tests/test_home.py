"""Subscriptions on the first page of the member's area."""

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestHome(SubscriptionCommon, HttpCase):
    def test_home_says_what_runs_and_what_comes_next(self):
        """B2, B8: the plan, the next amount and its day."""
        values = {"company_id": self.company.id, "company_ids": self.company.ids}
        member = {"partner_id": self.customer.id, "name": self.customer.name, **values}
        new_test_user(self.env, "mieke_portal", "base.group_portal", **member)
        self.authenticate("mieke_portal", "mieke_portal")
        page = self.url_open("/my").text
        self.assertIn('href="/my/subscriptions"', page)
        self.assertIn("None at the moment", page)
        today = fields.Date.to_string(fields.Date.today())
        subscription = self._create_subscription(today)
        page = self.url_open("/my").text
        self.assertRegex(page, rf"{subscription.plan_id.name}: [^<]+ on [^<]+")
        self._create_subscription(today)
        self.assertIn("2 running", self.url_open("/my").text)
