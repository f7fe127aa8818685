"""What a member does with a subscription is on his timeline; a fresh code first."""

from odoo import fields, http
from odoo.tests import tagged

from .common import MemberSubscriptionCommon


@tagged("post_install", "-at_install")
class TestTimeline(MemberSubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls._create_user_of(cls.customer)
        today = fields.Date.to_string(fields.Date.today())
        cls.subscription = cls._create_subscription(today)

    def test_cancelling_is_an_event_and_a_note(self):
        """B7, H13: who, what, when, from where, in the list and in the chatter."""
        self._sign_in(self.member)
        path = f"/my/subscriptions/{self.subscription.id}"
        day = self.subscription._get_cancel_dates()[0]
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "date": fields.Date.to_string(day),
            "reason_id": self.env.ref("subscription_connector.close_reason_price").id,
        }
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        woken = [("cron_id", "=", queue.id)]
        before = self.env["ir.cron.trigger"].sudo().search_count(woken)
        self.url_open(f"{path}/cancel", data=data)
        # The receipt leaves at once, not with the hourly queue.
        after = self.env["ir.cron.trigger"].sudo().search_count(woken)
        self.assertGreater(after, before)
        self.env.invalidate_all()
        event = self.customer.member_event_ids[:1]
        self.assertEqual(event.kind, "subscription")
        self.assertIn(self.subscription.name, event.details)
        self.assertEqual(event.user_id, self.member)
        self.assertEqual(event.ip, "127.0.0.1")
        notes = self.customer.message_ids.mapped("body")
        self.assertTrue(any(self.subscription.name in note for note in notes))

    def test_changing_a_subscription_is_closed_by_its_switch(self):
        self.company.portal_function_subscriptions = False
        self._sign_in(self.member)
        path = f"/my/subscriptions/{self.subscription.id}"
        for page in ("cancel", "method", "pause"):
            self.assertIn("closed=1", self.url_open(f"{path}/{page}").url)
        self.assertTrue(self.url_open(path).url.endswith(path))

    def test_own_data_holds_subscriptions(self):
        partner = self.customer.with_user(self.member).sudo()
        data = partner._get_portal_data()
        self.assertEqual(data["subscriptions"][0]["name"], self.subscription.name)
        self.assertTrue(data["subscription_history"])
        self.assertIn("Your subscription", partner._get_portal_kept()[-1])

    def test_what_staff_does_is_not_on_the_members_timeline(self):
        self.subscription.action_pause()
        self.assertFalse(self.customer.member_event_ids)

    def test_choosing_a_method_asks_for_a_fresh_code(self):
        """B8, B9: the method that pays is changed after a fresh code only."""
        path = f"/my/subscriptions/{self.subscription.id}/method"
        self._sign_in(self.member, age=601)
        answer = self.url_open(path, allow_redirects=False)
        self.assertIn("/my/confirm?redirect=", answer.headers["Location"])
        self._sign_in(self.member)
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 200)

    def _post_old(self, path, **values):
        """Post as a member whose last code is older than ten minutes."""
        self._sign_in(self.member, age=601)
        data = {"csrf_token": http.Request.csrf_token(self)} | values
        answer = self.url_open(path, data=data, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def test_a_page_left_open_changes_no_method(self):
        """B8, B9: neither another saved method nor a new one; both ask first."""
        path = f"/my/subscriptions/{self.subscription.id}/method"
        second = self._create_saved_method(self.customer, "9876")
        for page, values in (("", {"token_id": str(second.id)}), ("/new", {})):
            with self.subTest(page=page):
                answer = self._post_old(path + page, **values)
                location = answer.headers.get("Location", "")
                self.assertIn("/my/confirm?redirect=", location)
                self.assertTrue(location.endswith("method"), location)
        self.assertEqual(self.subscription.payment_token_id, self.token)
        self.assertFalse(self.subscription.invitation_ids)

    def test_no_code_is_asked_for_what_is_somebody_elses_no_rights(self):
        """R10: foreign and missing answer 404, with and without a fresh code."""
        foreign = self._create_subscription(
            fields.Date.to_string(fields.Date.today()),
            partner_id=self._create_customer("Other Member").id,
        )
        for number in (foreign.id, 99_999_999):
            path = f"/my/subscriptions/{number}/method"
            for age in (0, 601):
                with self.subTest(number=number, age=age):
                    self._sign_in(self.member, age=age)
                    answer = self.url_open(path, allow_redirects=False)
                    self.assertEqual(answer.status_code, 404)
            for page in ("", "/new"):
                with self.subTest(number=number, page=page):
                    answer = self._post_old(path + page)
                    self.assertEqual(answer.status_code, 404)
