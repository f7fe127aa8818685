import copy
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.connection_base.exceptions import RejectedError, TemporaryError
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon
from odoo.addons.subscription_connector.tests.test_engine_outside import sample
from odoo.addons.subscription_connector.tests.test_plugandpay_sync import (
    GET_CLIENT,
    FakeClient,
)


class Service(FakeClient):
    """Plug&Pay with a book that changes."""

    def get_subscription(self, reference):
        rows = self.rows["subscriptions"]
        return next(row for row in rows if str(row["id"]) == reference)

    def change_subscription(self, reference, amount, next_at):
        if self.error:
            raise self.error
        self.asked.append((reference, amount, next_at))
        row = self.get_subscription(reference)
        row["pricing"]["amount"] = amount
        row["pricing"]["amount_with_tax"] = f"{float(amount) * 1.21:.2f}"
        row["billing"]["schedule"]["next_at"] = next_at.isoformat()


@freeze_time("2026-11-23")
@tagged("post_install", "-at_install")
class TestPlugAndPayTwoWay(SubscriptionCommon, HttpCase):
    """What is changed on one side arrives on the other, or says why not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._create_plugandpay(
            plugandpay_date_activated=datetime(2026, 11, 1)
        ).sudo()

    def setUp(self):
        super().setUp()
        self.service = Service(copy.deepcopy(sample("subscriptions")["data"]))
        self._sync("import")
        self.subscription = self.env["subscription.subscription"].search(
            [("connection_id", "=", self.connection.id)], order="id", limit=1
        )

    def _sync(self, kind="sync"):
        run = self.connection._start_run(kind)
        with patch(GET_CLIENT, lambda connection: self.service):
            self.connection._sync(run)
        run._finish()

    def _change(self, amount=20.0, day=date(2026, 12, 20)):
        self.env["subscription.outside.change"].with_user(self.office).create(
            {
                "subscription_id": self.subscription.id,
                "amount_untaxed": amount,
                "date_next": day,
            }
        ).action_change()

    def _push(self):
        with patch(GET_CLIENT, lambda connection: self.service):
            self._run_cron("ir_cron_outside")

    def test_the_organiser_changes_price_and_day_over_there(self):
        """H5: asked there first, then followed here, once."""
        before = self.subscription.amount_untaxed
        self._change()
        self.assertEqual(self.subscription.amount_untaxed, before)
        self.assertEqual(self.subscription.outside_push_state, "waiting")
        self._push()
        self._push()
        reference = self.subscription.outside_ref
        self.assertEqual(
            [row for row in self.service.asked if row[0] == reference],
            [(reference, "20.00", date(2026, 12, 20))],
        )
        self.assertEqual(self.subscription.amount_untaxed, 20.0)
        self.assertEqual(self.subscription.date_next, date(2026, 12, 20))
        self.assertEqual(self.subscription.outside_push_state, "done")
        self.assertEqual(self.subscription.event_ids.sorted("id")[-1].kind, "changed")

    def test_a_refused_change_says_what_holds_on_each_side(self):
        before = self.subscription.amount_untaxed
        self.service.error = RejectedError("The field is prohibited.", status=422)
        self._change()
        self._push()
        self.assertEqual(self.subscription.outside_push_state, "failed")
        self.assertIn("nothing changed", self.subscription.outside_push_error)
        self.assertEqual(self.subscription.amount_untaxed, before)
        self.assertTrue(self.subscription.activity_ids)
        self.service.error = TemporaryError("later")
        self.subscription.action_push_outside()
        self._push()
        self.assertEqual(self.subscription.outside_push_state, "waiting")

    def test_a_refused_cancellation_says_that_it_still_bills(self):
        """H9: both sides are named."""
        self.subscription._cancel(date(2026, 12, 7))
        with patch.object(
            self.service, "end_subscription", side_effect=RejectedError("no")
        ):
            self._push()
        self.assertIn("still bills", self.subscription.outside_push_error)
        self._sync()
        self.assertEqual(self.subscription.date_cancel, date(2026, 12, 7))

    def test_a_cancellation_is_not_overtaken_by_a_change(self):
        self.subscription._cancel(date(2026, 12, 7))
        with self.assertRaises(UserError):
            self._change()

    def test_a_day_or_price_that_cannot_be_is_refused(self):
        with self.assertRaises(UserError):
            self._change(amount=0.0)
        with self.assertRaises(UserError):
            self._change(day=date(2026, 11, 23))

    def test_a_cancellation_taken_back_over_there_is_followed(self):
        schedule = self.service.rows["subscriptions"][0]["billing"]["schedule"]
        schedule["termination_at"] = "2026-12-31"
        self._sync()
        self.assertEqual(self.subscription.date_cancel, date(2026, 12, 31))
        schedule["termination_at"] = None
        self._sync()
        self.assertFalse(self.subscription.date_cancel)
        kinds = self.subscription.event_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds[-2:], ["cancel_set", "cancel_undone"])

    def test_the_screen_names_what_members_miss(self):
        """H12: the portal, the connection, or nothing."""
        self.connection.state = "connected"
        self.assertIn("portal", self.connection.plugandpay_missing)
        self.connection.plugandpay_portal_url = "https://portal.example/club"
        self.assertFalse(self.connection.plugandpay_missing)
        self.connection.state = "disconnected"
        self.assertIn("connection", self.connection.plugandpay_missing)
        self.subscription.invalidate_recordset()
        self.assertIn(
            "connection", self.subscription.with_user(self.office).outside_missing
        )

    def test_a_member_goes_straight_on_to_the_portal(self):
        """H13: purchases in the account lead there, or say why not."""
        member = new_test_user(self.env, "outside_member", "base.group_portal")
        self.authenticate(member.login, member.login)
        answer = self.url_open("/my/purchases", allow_redirects=False)
        self.assertTrue(answer.headers["Location"].endswith("/my/subscriptions"))
        self.subscription.partner_id = member.partner_id
        self.connection.write(
            {"state": "connected", "plugandpay_portal_url": "https://portal.example/x"}
        )
        self.assertIn("/my/purchases", self.url_open("/my").text)
        answer = self.url_open("/my/purchases", allow_redirects=False)
        self.assertEqual(answer.headers["Location"], "https://portal.example/x")
        self.connection.plugandpay_portal_url = False
        page = self.url_open("/my/purchases").text
        self.assertIn("is not open yet", page)
        self.assertNotIn("is off at the moment", page)

    def test_connecting_imports_once_and_disconnecting_stops(self):
        """H4, H8: by sign-in or token; the import starts by itself, once."""
        spec = self.connection._get_spec()
        self.assertEqual(spec.auth, ("oauth_code", "api_key"))
        self.assertTrue(spec.oauth.pkce)
        self.connection.plugandpay_date_activated = False
        self.service.create_rule = lambda *args: {"id": 9}
        self.service.delete_rule = self.service.asked.append
        with patch(GET_CLIENT, lambda connection: self.service):
            self.connection._on_connected()
            self.connection._on_connected()
            runs = self.connection.run_ids.filtered(lambda run: run.state == "running")
            self.assertEqual(runs.mapped("kind"), ["import"])
            self.assertTrue(runs.notify)
            self.connection._on_disconnected()
        self.assertFalse(self.connection.plugandpay_date_activated)
        self.assertEqual(self.service.asked[-1], "9")
