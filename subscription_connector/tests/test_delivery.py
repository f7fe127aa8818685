from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

STAGES = ("ir_cron_draft", "ir_cron_post", "ir_cron_charge", "ir_cron_deliver")


@tagged("post_install", "-at_install")
class TestDelivery(SubscriptionCommon):
    """Goods each period: one order, to the right place, not while it is unpaid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = cls._create_plan(is_shipped=True)

    def _start(self, **values):
        return self._create_subscription(
            "2026-02-01", plan_id=self.shipped.id, **values
        )

    def test_each_billed_period_makes_one_confirmed_order(self):
        """L2, L10: one order per period, linked to its invoice, never two."""
        with self._provider_answers("done"):
            for day in ("2026-02-01", "2026-03-01"):
                with freeze_time(day):
                    if day == "2026-02-01":
                        subscription = self._start()
                    for _run in range(2):
                        self._run_billing(*STAGES)
        periods = subscription.period_ids
        orders = periods.delivery_order_id
        self.assertEqual((len(periods), len(orders)), (2, 2))
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(set(orders.mapped("invoice_status")), {"invoiced"})
        self.assertEqual(orders.mapped("amount_total"), [15.0, 15.0])
        self.assertEqual(orders.invoice_ids, periods.move_id)

    def test_a_paused_subscription_ships_nothing(self):
        """L13: no planned charges, no planned shipments."""
        with freeze_time("2026-02-01"), self._provider_answers("done"):
            subscription = self._start()
            self._run_billing(*STAGES)
            subscription._pause("requested")
        with freeze_time("2026-03-01"), self._provider_answers("done"):
            self._run_billing(*STAGES)
        self.assertEqual(len(subscription.period_ids.delivery_order_id), 1)

    def test_goods_wait_while_the_payment_failed(self):
        """L10: no shipment if the payment failed; L20: the retry makes it at once."""
        with freeze_time("2026-02-01"), self._provider_answers("fail"):
            subscription = self._start()
            self._run_billing("ir_cron_draft", "ir_cron_post")
            period = subscription.period_ids
            self._run_billing("ir_cron_deliver")  # before the charge was tried
            self.assertEqual(period.delivery_status, "held")
            self._run_billing("ir_cron_charge", "ir_cron_deliver")
            self.assertFalse(period.delivery_order_id)
            self.assertEqual(period.delivery_status, "held")
        trigger = self.env["ir.cron.trigger"].sudo()
        deliver = self.env.ref("subscription_connector.ir_cron_deliver")
        trigger.search([("cron_id", "=", deliver.id)]).unlink()
        with freeze_time("2026-02-03"), self._provider_answers("done"):
            subscription.charge_ids.with_user(self.office).action_retry()
            self._run_billing("ir_cron_charge")
            self.assertTrue(trigger.search([("cron_id", "=", deliver.id)]))
            self._run_billing("ir_cron_deliver")
        self.assertEqual(period.delivery_order_id.state, "sale")
        self.assertEqual(period.delivery_status, "ordered")

    def test_an_older_failure_keeps_the_next_goods_back(self):
        """L10: the last payment failed, so the next period ships nothing either."""
        plan = self._create_plan(is_shipped=True, interval_unit="day")
        with freeze_time("2026-02-01"), self._provider_answers("fail"):
            subscription = self._create_subscription("2026-02-01", plan_id=plan.id)
            self._run_billing(*STAGES)
        with freeze_time("2026-02-02"), self._provider_answers("done"):
            self._run_billing(*STAGES)
        newest = subscription.period_ids.sorted("date_from")[-1]
        self.assertEqual(newest.move_id.payment_state, "paid")
        self.assertFalse(subscription.period_ids.delivery_order_id)
        with freeze_time("2026-02-03"), self._provider_answers("done"):
            subscription.charge_ids.filtered(
                lambda charge: charge.state == "retry"
            ).action_retry()
            self._run_billing("ir_cron_charge", "ir_cron_deliver")
        self.assertEqual(len(subscription.period_ids.delivery_order_id), 2)

    @freeze_time("2026-02-01")
    def test_goods_do_not_wait_for_an_announced_direct_debit(self):
        debit = self.env.ref("payment.payment_method_sepa_direct_debit")
        token = self._create_saved_method(
            self.customer, "NL12", payment_method_id=debit.id
        )
        subscription = self._start(payment_token_id=token.id)
        self._run_billing(*STAGES)
        self.assertEqual(subscription.charge_ids.date_next_try, date(2026, 2, 15))
        self.assertEqual(subscription.period_ids.delivery_status, "ordered")

    def test_a_delivery_that_fails_stays_behind_with_its_error(self):
        """L2: what failed is named on the period and tried again."""
        with freeze_time("2026-02-01"):
            subscription = self._start(collection="invoice")
            self._run_billing()
        with (
            freeze_time("2026-02-01"),
            patch.object(
                type(self.env["sale.order"]),
                "action_confirm",
                side_effect=UserError("No stock location"),
            ),
            mute_logger(
                "odoo.addons.subscription_connector.models.subscription_period_delivery"
            ),
        ):
            self._run_billing("ir_cron_deliver")
        period = subscription.period_ids
        self.assertEqual(period.error, "No stock location")
        self.assertFalse(period.delivery_order_id)
        with freeze_time("2026-02-03"):
            self._run_billing("ir_cron_deliver")
        self.assertEqual(period.delivery_order_id.state, "sale")
        self.assertFalse(period.error)

    # === WHERE TO === #

    def _create_address(self, name="Garage"):
        return self.env["res.partner"].create(
            {"name": name, "type": "delivery", "parent_id": self.customer.id}
        )

    @freeze_time("2026-02-01")
    def test_goods_go_to_the_customers_delivery_address_of_the_day(self):
        """L2: invoice and order name one address, the one the tax follows."""
        subscription = self._start(collection="invoice")
        address = self._create_address()
        self._run_billing(*STAGES)
        period = subscription.period_ids
        self.assertEqual(period.delivery_order_id.partner_shipping_id, address)
        self.assertEqual(period.move_id.partner_shipping_id, address)

    @freeze_time("2026-02-01")
    def test_a_service_is_invoiced_at_the_customers_own_address(self):
        self._create_address()
        subscription = self._create_subscription("2026-02-01", collection="invoice")
        self._run_billing()
        move = subscription.period_ids.move_id
        self.assertEqual(move.partner_shipping_id, self.customer)

    def test_later_goods_go_where_and_how_the_first_order_went(self):
        """L10: address and delivery method are those of the sale."""
        self._create_address()
        chosen = self._create_address("Neighbour")
        product = self._create_product_for_plan("Parcel", 4.0)
        carrier = (
            self.env["delivery.carrier"]
            .sudo()
            .create(
                {"name": "Courier", "product_id": product.id, "delivery_type": "fixed"}
            )
        )
        with freeze_time("2026-02-01"):
            order = (
                self.env["sale.order"]
                .sudo()
                .create(
                    {
                        "partner_id": self.customer.id,
                        "partner_shipping_id": chosen.id,
                        "carrier_id": carrier.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": self.product.id,
                                    "subscription_plan_id": self.shipped.id,
                                }
                            )
                        ],
                    }
                )
            )
            order.action_confirm()
            subscription = order.subscription_ids
            self._run_billing("ir_cron_draft", "ir_cron_post", "ir_cron_deliver")
        self.assertFalse(subscription.period_ids.delivery_order_id)
        with freeze_time("2026-03-01"), self._provider_answers("done"):
            self._run_billing(*STAGES)
        later = subscription.period_ids.delivery_order_id
        self.assertEqual(later.partner_shipping_id, chosen)
        self.assertEqual(later.carrier_id, carrier)
        self.assertEqual(later.amount_total, 15.0)
