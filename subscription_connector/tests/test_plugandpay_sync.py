import copy
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.connection_base.exceptions import AuthError, TemporaryError
from odoo.addons.subscription_connector.clients.plugandpay import Page
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon
from odoo.addons.subscription_connector.tests.test_engine_outside import sample

GET_CLIENT = (
    "odoo.addons.subscription_connector.models.service_connection_plugandpay."
    "ServiceConnection._get_client"
)


class FakeClient:
    """Plug&Pay as the tests want it: pages of rows, and what was asked of it."""

    def __init__(self, subscriptions=(), orders=(), size=1):
        self.rows = {"subscriptions": list(subscriptions), "orders": list(orders)}
        self.size = size
        self.asked = []
        self.ended = []
        self.error = None

    def _page(self, kind, number):
        self.asked.append((kind, number))
        rows = self.rows[kind]
        start = (number - 1) * self.size
        last = max(1, -(-len(rows) // self.size))
        return Page(rows[start : start + self.size], number, last, len(rows))

    def list_subscriptions(self, page, status=None):
        return self._page("subscriptions", page)

    def list_orders(self, page, since):
        return self._page("orders", page)

    def get_order(self, reference):
        self.asked.append(("order", reference))
        return self.rows["orders"][0]

    def end_subscription(self, reference, day):
        if self.error:
            raise self.error
        self.ended.append((reference, day))
        return {}


@tagged("post_install", "-at_install")
class TestPlugAndPaySync(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.email = "organiser@example.com"
        cls.connection = cls._create_plugandpay(
            plugandpay_date_activated=datetime(2026, 11, 1)
        ).sudo()
        cls.rows = sample("subscriptions")["data"]

    def _sync(self, client, kind="import", **values):
        run = self.connection._start_run(kind, **values)
        with patch(GET_CLIENT, lambda connection: client):
            finished = self.connection._sync(run)
        if finished is not False and run.state == "running":
            run._finish()
        return run

    def _find(self):
        return self.env["subscription.subscription"].search(
            [("connection_id", "=", self.connection.id)], order="id"
        )

    def _import(self):
        self._sync(FakeClient(self.rows))
        return self._find()

    def test_active_subscriptions_come_over_with_a_mail_at_the_end(self):
        """H5, H7: page by page, counted, mailed."""
        run = self._sync(FakeClient(self.rows), notify=True)
        found = self._find()
        self.assertEqual(len(found), len(self.rows))
        self.assertEqual(set(found.mapped("state")), {"active"})
        self.assertEqual(found[0].amount_total, 12.10)
        self.assertEqual(found[0].event_ids.kind, "imported")
        self.assertEqual(run.counts, {"imported": len(self.rows)})
        mail = self.env["mail.mail"].search([("model", "=", "service.sync.run")])
        self.assertTrue(mail)

    def test_a_killed_import_goes_on_where_it_stopped(self):
        client = FakeClient(self.rows)
        run = self.connection._start_run("import")
        with (
            patch(GET_CLIENT, lambda connection: client),
            patch.object(type(run), "_progress", autospec=True) as progress,
        ):
            progress.side_effect = lambda run, **values: (
                run.sudo().write({"cursor": values["cursor"]}) and 0.0
            )
            self.assertIs(self.connection._sync(run), False)
        self.assertEqual(client.asked, [("subscriptions", 1)])
        self.assertEqual(len(self._find()), 1)
        self._sync(client)
        self.assertEqual(client.asked[1], ("subscriptions", 2))
        self.assertEqual(len(self._find()), len(self.rows))

    def test_importing_twice_makes_nothing_twice(self):
        found = self._import()
        partners = found.partner_id
        self._sync(FakeClient(self.rows))
        self.assertEqual(self._find(), found)
        self.assertEqual(self._find().partner_id, partners)

    def test_a_member_is_found_by_address_and_name(self):
        name, email = "Stefan Kramer", "Stefan.Kramer@leden.example"
        parent = self.env["res.partner"].create({"name": "Vera Kramer", "email": email})
        same = self.env["res.partner"].create({"name": name, "email": email})
        found = self._import()
        self.assertIn(same, found.partner_id)
        self.assertNotIn(parent, found.partner_id)

    def test_one_unreadable_row_stays_behind_alone(self):
        broken = copy.deepcopy(self.rows[0]) | {"id": 999}
        del broken["pricing"]
        run = self._sync(FakeClient([broken, *self.rows]))
        self.assertEqual(run.failure_ids.name, "999")
        self.assertEqual(len(self._find()), len(self.rows))

    @freeze_time("2026-12-30")
    def test_what_plugandpay_bills_is_never_billed_here(self):
        """The screen says so, the billing run passes by."""
        found = self._import()
        self.assertIn("Odoo does not bill this", found[0].next_step)
        self._run_billing()
        self.assertFalse(found.period_ids)
        with (
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            found[0].collection = "invoice"
            found.flush_recordset()

    def test_changes_and_ends_over_there_are_followed(self):
        found = self._import()
        rows = copy.deepcopy(self.rows)
        rows[0]["pricing"].update(amount="20.00", amount_with_tax="24.20")
        rows[1].update(status="ended")
        self._sync(FakeClient(rows), "sync")
        self.assertEqual(found[0].amount_total, 24.20)
        self.assertEqual(found[0].event_ids.sorted("id")[-1].kind, "changed")
        self.assertEqual(found[1].state, "cancelled")

    def test_new_invoices_belong_to_their_subscription(self):
        """H1, H6: brought over by the sweep with every webhook lost."""
        found = self._import()
        order = sample("orders")["data"][0]
        client = FakeClient(self.rows, [order])
        self._sync(client, "sync")
        self._sync(client, "sync")
        owner = found.filtered(lambda subscription: subscription.outside_ref == "301")
        self.assertEqual(owner.external_invoice_ids.number, order["invoice_number"])

    def test_a_message_is_only_a_hint(self):
        """The order is read again; a forged body can only make us look."""
        order = sample("orders")["data"][0]
        client = FakeClient(orders=[order])
        event = (
            self.env["service.webhook.event"]
            .sudo()
            .create(
                {
                    "connection_id": self.connection.id,
                    "external_id": "order_paid-1002-x",
                    "body": '{"event": {"trigger_type": "order_paid", '
                    '"triggerable_id": 1002, "triggerable_type": "order"}}',
                }
            )
        )
        with patch(GET_CLIENT, lambda connection: client):
            self.connection._handle_webhook_event(event)
        self.assertEqual(client.asked, [("order", "1002")])
        invoice = self.env["subscription.external.invoice"].search([])
        self.assertEqual(invoice.outside_ref, str(order["id"]))

    @freeze_time("2026-11-23")
    def test_a_cancellation_reaches_the_other_side(self):
        """H9, H11: passed on by the cron; the organiser is mailed."""
        subscription = self._import()[0]
        subscription._cancel(date(2026, 12, 7))
        self.assertEqual(subscription.outside_push_state, "waiting")
        client = FakeClient()
        with patch(GET_CLIENT, lambda connection: client):
            self._run_cron("ir_cron_outside")
            self._run_cron("ir_cron_outside")
        self.assertEqual(client.ended, [(subscription.outside_ref, date(2026, 12, 7))])
        self.assertEqual(subscription.outside_push_state, "done")
        mails = self.env["mail.mail"].search(
            [("email_to", "ilike", "organiser@example.com")]
        )
        self.assertTrue(mails.filtered(lambda mail: "cancelled" in mail.subject))

    @freeze_time("2026-11-23")
    def test_a_refused_cancellation_becomes_a_task_for_staff(self):
        subscription = self._import()[0]
        subscription._cancel(date(2026, 12, 7))
        client = FakeClient()
        client.error = AuthError("Plug&Pay does not allow this.", status=403)
        with patch(GET_CLIENT, lambda connection: client):
            self._run_cron("ir_cron_outside")
        self.assertEqual(subscription.outside_push_state, "failed")
        self.assertTrue(subscription.activity_ids)
        client.error = None
        subscription.action_push_outside()
        with patch(GET_CLIENT, lambda connection: client):
            self._run_cron("ir_cron_outside")
        self.assertEqual(subscription.outside_push_state, "done")

    @freeze_time("2026-11-23")
    def test_a_passing_trouble_is_tried_again(self):
        subscription = self._import()[0]
        subscription._cancel(date(2026, 12, 7))
        client = FakeClient()
        client.error = TemporaryError("later")
        with patch(GET_CLIENT, lambda connection: client):
            self._run_cron("ir_cron_outside")
        self.assertEqual(subscription.outside_push_state, "waiting")

    def test_disconnecting_says_what_it_does(self):
        """H8: written next to the button."""
        effects = " ".join(self.connection._get_disconnect_effects())
        self.assertIn("goes on billing", effects)

    def test_an_outside_subscription_without_service_is_impossible(self):
        subscription = self._create_subscription("2026-02-01")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            subscription.collection = "outside"
            subscription.flush_recordset()
