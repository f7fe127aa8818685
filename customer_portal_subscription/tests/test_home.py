"""Subscriptions on the first page of the member's area."""

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import format_date

from .common import MemberSubscriptionCommon


@tagged("post_install", "-at_install")
class TestHome(MemberSubscriptionCommon):
    def test_home_says_what_runs_and_what_comes_next(self):
        """B2, B8: the plan, the next amount and its day."""
        member = self._create_user_of(self.customer)
        self._sign_in(member)
        page = self.url_open("/my").text
        self.assertIn('href="/my/subscriptions"', page)
        self.assertIn("None at the moment", page)
        today = fields.Date.to_string(fields.Date.today())
        subscription = self._create_subscription(today)
        page = self.url_open("/my").text
        self.assertIn("Pause, change or cancel", page)
        self.assertRegex(page, rf"{subscription.plan_id.name}: [^<]+ on [^<]+")
        self._create_subscription(today)
        self.assertIn("2 running", self.url_open("/my").text)

    def test_page_of_a_subscription_tells_its_phase(self):
        """B8: trial and minimum term, by their last days, as long as they last."""
        terms = {"trial_count": 14, "trial_unit": "day", "minimum_count": 6}
        self.plan.write(terms)
        member = self._create_user_of(self.customer)
        today = fields.Date.today()
        subscription = self._create_subscription(fields.Date.to_string(today))
        self._sign_in(member)
        page = self.url_open(f"/my/subscriptions/{subscription.id}").text
        phase = page.partition("Trial until")[2].partition("</dd>")[0]
        self.assertIn(format_date(self.env, fields.Date.add(today, days=13)), phase)
        self.assertIn("Minimum term until", page)
        with freeze_time(fields.Date.add(today, months=8)):
            page = self.url_open(f"/my/subscriptions/{subscription.id}").text
        self.assertNotIn("Trial until", page)

    def test_former_member_reads_what_he_had_and_when_it_ended(self):
        """B8: in the words of the member, also how it is paid."""
        member = self._create_user_of(self.customer)
        today = fields.Date.today()
        start = fields.Date.to_string(fields.Date.subtract(today, days=3))
        subscription = self._create_subscription(start, collection="invoice")
        self._sign_in(member)
        path = f"/my/subscriptions/{subscription.id}"
        page = self.url_open(path).text
        self.assertIn("By invoice", page)
        self.assertNotIn("paid by the customer", page)
        self.assertNotIn("Ended on", page)
        subscription._cancel()
        page = self.url_open(path).text
        ended = page.partition("Ended on")[2].partition("</dd>")[0]
        self.assertIn(format_date(self.env, subscription.date_cancel), ended)
        self.assertIn("What you had", page)
        self.assertNotIn("What you have", page)
