import time

from odoo import fields, http
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPortalChange(SubscriptionCommon, HttpCase):
    """What a member changes himself; somebody else's number answers 404."""

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
        cls.today = fields.Date.today()
        cls.plan.is_self_pause = True
        cls.own = cls._create_subscription(fields.Date.to_string(cls.today))
        cls.stranger = cls._create_customer("Other Member")
        cls.other = cls._create_subscription(
            fields.Date.to_string(cls.today), partner_id=cls.stranger.id
        )

    def setUp(self):
        super().setUp()
        # As right after signing in, by core's own key: where the member's portal asks
        # for a fresh code before some of these pages, she has just given it.
        just_now = {"identity-check-last": time.time()}
        self.authenticate("mieke_portal", "mieke_portal", session_extra=just_now)

    def _post(self, path, subscription=None, **values):
        subscription = subscription or self.own
        data = {"csrf_token": http.Request.csrf_token(self)} | values
        page = self.url_open(f"/my/subscriptions/{subscription.id}/{path}", data=data)
        subscription.invalidate_recordset()
        return page

    def _in(self, days):
        return fields.Date.to_string(fields.Date.add(self.today, days=days))

    def test_a_member_pauses_and_goes_on(self):
        """H3, L13: sees first what it means, then confirms; goes on when he likes."""
        days = {"date_from": self._in(0), "date_resume": self._in(40)}
        preview = self._post("pause", **days)
        self.assertIn("Nothing is billed during the pause", preview.text)
        self.assertEqual(self.own.state, "active")
        self._post("pause", confirm="1", **days)
        self.assertEqual(self.own.state, "paused")
        self.assertEqual(self.own.pause_kind, "requested")
        page = self._post("resume")
        self.assertIn("done=resumed", page.url)
        self.assertEqual(self.own.state, "active")

    def test_a_planned_pause_can_be_dropped(self):
        self._post("pause", confirm="1", date_from=self._in(5), date_resume=self._in(9))
        self.assertTrue(self.own.pause_planned_id)
        self._post("resume")
        self.assertFalse(self.own.pause_ids)

    def test_wrong_days_are_answered_with_words(self):
        for values in (
            {"date_from": "soon", "date_resume": self._in(3)},
            {"date_from": self._in(-3), "date_resume": self._in(3)},
            {"date_from": self._in(3), "date_resume": ""},
        ):
            with self.subTest(**values):
                page = self._post("pause", confirm="1", **values)
                self.assertIn('role="alert"', page.text)
        self.assertFalse(self.own.pause_ids)

    def test_a_pause_that_staff_keeps_for_itself_no_rights(self):
        """Where members may not pause, neither page nor button does it."""
        self.plan.is_self_pause = False
        detail = self.url_open(f"/my/subscriptions/{self.own.id}")
        self.assertNotIn(f"{self.own.id}/pause", detail.text)
        days = {"date_from": self._in(0), "date_resume": self._in(4)}
        self._post("pause", confirm="1", **days)
        self.assertEqual(self.own.state, "active")
        self.own._pause("payment")
        self.plan.is_self_pause = True
        self._post("resume")
        self.assertEqual(self.own.state, "paused")

    def test_a_cancellation_can_be_taken_back(self):
        """L14: undo until it has ended."""
        self.own._cancel(self.own._get_cancel_dates()[1])
        detail = self.url_open(f"/my/subscriptions/{self.own.id}")
        self.assertIn(f"{self.own.id}/keep", detail.text)
        self._post("keep")
        self.assertFalse(self.own.date_cancel)

    def test_a_member_chooses_the_method_of_each_subscription(self):
        """H3: only his own methods are offered and taken."""
        second = self._create_saved_method(self.customer, "9876")
        page = self.url_open(f"/my/subscriptions/{self.own.id}/method")
        self.assertIn("9876", page.text)
        foreign = self.other.payment_token_id
        self._post("method", token_id=str(foreign.id))
        self.assertEqual(self.own.payment_token_id, self.token)
        self._post("method", token_id=str(second.id))
        self.assertEqual(self.own.payment_token_id, second)
        self.assertEqual(self.own.event_ids[0].kind, "method")

    def test_a_member_tries_a_failed_payment_again(self):
        """L20 for the member: charged at once, once."""
        self._run_billing()
        with self._provider_answers("fail"):
            self._run_cron("ir_cron_charge")
        self.assertEqual(self.own.charge_ids.state, "retry")
        detail = self.url_open(f"/my/subscriptions/{self.own.id}")
        self.assertIn("could not be collected", detail.text)
        self._post("retry")
        self.assertEqual(self.own.charge_ids.date_next_try, self.today)
        with self._provider_answers("done") as sent:
            self._run_cron("ir_cron_charge")
        self.assertEqual(len(sent), 1)
        self._post("retry")
        self.assertEqual(self.own.charge_ids.state, "done")

    def test_a_member_changes_the_plan_after_a_preview(self):
        """H3: sees what it means in money, confirms, and can leave it as it was."""
        gold = self._create_plan(
            name="Gold",
            product=self._create_product_for_plan("Gold card", 30.0),
            is_sold_online=True,
        )
        hidden = self._create_plan(name="Only for staff")
        self._post("plan", plan=str(gold.id), confirm="1")
        self.assertEqual(self.own.plan_id, self.plan, "the plan does not allow it")
        self.plan.is_self_change = True
        self._run_billing()
        page = self.url_open(f"/my/subscriptions/{self.own.id}/plan")
        self.assertIn("Gold", page.text)
        self.assertNotIn("Only for staff", page.text)
        self._post("plan", plan=str(hidden.id), confirm="1")
        self.assertFalse(self.own.change_ids)
        preview = self._post("plan", plan=str(gold.id), mode="period")
        self.assertIn("30.00", preview.text)
        self.assertFalse(self.own.change_ids)
        self._post("plan", plan=str(gold.id), mode="period", confirm="1")
        self.assertEqual(self.own.change_planned_id.plan_id, gold)
        self._post("plan/keep")
        self.assertFalse(self.own.change_planned_id)
        self._post("plan", plan=str(gold.id), mode="now", confirm="1")
        self.assertEqual(self.own.plan_id, gold)

    def test_what_is_somebody_elses_cannot_be_changed_no_rights(self):
        """R10: every page and every button."""
        changes = ("pause", "resume", "keep", "method", "retry", "plan", "plan/keep")
        for path in changes:
            with self.subTest(path=path):
                self.assertEqual(self._post(path, self.other).status_code, 404)
        for path in ("pause", "method"):
            page = self.url_open(f"/my/subscriptions/{self.other.id}/{path}")
            self.assertEqual(page.status_code, 404)
