from freezegun import freeze_time

from odoo import fields, http
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPortal(SubscriptionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "mieke_portal",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        today = fields.Date.to_string(cls.company._get_billing_day())
        cls.own = cls._create_subscription(today)
        cls.other = cls._create_subscription(
            today, partner_id=cls._create_customer("Other Member").id
        )
        cls.reason = cls.env.ref("subscription_connector.close_reason_price")

    def setUp(self):
        super().setUp()
        self.authenticate("mieke_portal", "mieke_portal")

    def _cancel(self, subscription, **values):
        url = f"/my/subscriptions/{subscription.id}/cancel"
        day = subscription._get_cancel_dates()[0]
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "date": fields.Date.to_string(day),
            "reason_id": str(self.reason.id),
        }
        return self.url_open(url, data=data | values)

    def test_a_member_sees_next_date_amount_and_method(self):
        """L15, B8 for the member: what, when, how much, by what."""
        page = self.url_open("/my/subscriptions")
        self.assertIn(self.own.name, page.text)
        self.assertNotIn(self.other.name, page.text)
        detail = self.url_open(f"/my/subscriptions/{self.own.id}")
        self.assertEqual(detail.status_code, 200)
        for part in (self.own.plan_id.name, "1234", "15.00"):
            self.assertIn(part, detail.text)

    def test_the_next_amount_is_that_of_the_next_invoice(self):
        """L15: with the discount of the first periods, not the usual price."""
        self.plan.write({"intro_discount": 50.0, "intro_count": 3})
        today = self.company._get_billing_day()
        fresh = self._create_subscription(fields.Date.to_string(today))
        page = self.url_open(f"/my/subscriptions/{fresh.id}").text
        self.assertIn("7.50", page)
        self.assertIn("50", fresh.next_reason)
        self.assertNotIn("50", self.own.next_reason)

    def test_a_foreign_number_answers_like_one_that_does_not_exist(self):
        """R10: same status, same page."""
        for path in ("", "/cancel"):
            foreign = self.url_open(f"/my/subscriptions/{self.other.id}{path}")
            missing = self.url_open(f"/my/subscriptions/99999999{path}")
            self.assertEqual(foreign.status_code, 404)
            self.assertEqual(missing.status_code, 404)
        answer = self._cancel(self.other)
        self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.other.date_cancel)

    def test_a_visitor_is_asked_to_sign_in(self):
        self.authenticate(None, None)
        page = self.url_open(f"/my/subscriptions/{self.own.id}")
        self.assertNotIn(self.own.name, page.text)

    def test_a_member_cancels_with_reason_and_date(self):
        """H2, H14: done at once, with a receipt by mail."""
        form = self.url_open(f"/my/subscriptions/{self.own.id}/cancel")
        self.assertIn(self.reason.name, form.text)
        page = self._cancel(self.own, note="Thank you")
        self.assertIn("cancelled=1", page.url)
        self.own.invalidate_recordset()
        self.assertTrue(self.own.date_cancel)
        self.assertEqual(self.own.close_reason_id, self.reason)
        self.assertEqual(self.own.close_note, "Thank you")
        mails = self.env["mail.mail"].search(
            [("model", "=", "subscription.subscription"), ("res_id", "=", self.own.id)]
        )
        receipt = mails.filtered(lambda mail: "cancellation" in mail.subject)
        self.assertEqual(receipt.recipient_ids, self.customer)
        self.assertIn("Nothing more is billed.", receipt.body_html, "what it means")

    def test_a_date_or_reason_that_was_not_offered_is_refused(self):
        for values in (
            {"date": "2020-01-01"},
            {"date": "tomorrow"},
            {"reason_id": "0"},
            {
                "reason_id": str(
                    self.env.ref("subscription_connector.close_reason_payment").id
                )
            },
        ):
            with self.subTest(**values):
                page = self._cancel(self.own, **values)
                self.assertIn('role="alert"', page.text)
        self.own.invalidate_recordset()
        self.assertFalse(self.own.date_cancel)

    def test_where_members_may_not_cancel_the_wish_goes_to_staff(self):
        """H10: nothing is cancelled, the responsible gets a task."""
        self.plan.is_self_cancel = False
        page = self._cancel(self.own)
        self.assertIn("cancelled=1", page.url)
        self.own.invalidate_recordset()
        self.assertFalse(self.own.date_cancel)
        self.assertTrue(self.own.activity_ids)
        self.assertEqual(self.own.event_ids[0].kind, "cancel_asked")

    def test_the_home_page_has_a_card_with_a_count(self):
        self.assertIn("/my/subscriptions", self.url_open("/my").text)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["subscription_count"]}
        )
        self.assertEqual(counters, {"subscription_count": 1})

    @freeze_time("2026-11-23")
    def test_what_is_missing_for_the_outside_portal_is_named(self):
        """H12, H13: straight on to the portal, or which of the two is missing."""
        connection = self._create_plugandpay().sudo()
        plan = self.env["subscription.plan"].create({"name": "Magazine"})
        outside = (
            self.env["subscription.subscription"]
            .sudo()
            ._create_by_method(
                {
                    "partner_id": self.customer.id,
                    "plan_id": plan.id,
                    "collection": "outside",
                    "connection_id": connection.id,
                    "outside_ref": "301",
                    "outside_date_next": "2026-12-07",
                }
            )
        )
        outside._update_state(("draft",), "active")
        url = f"/my/subscriptions/{outside.id}"
        connection.plugandpay_portal_url = "https://portal.example/club"
        self.assertIn("https://portal.example/club", self.url_open(url).text)
        connection.sudo().state = "disconnected"
        self.assertIn("is off at the moment", self.url_open(url).text)
