from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestSaleOrder(SubscriptionCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "sales_team.group_sale_manager"
        )

    def _create_order(self, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "subscription_plan_id": self.plan.id,
                        }
                    )
                ],
                **values,
            }
        )

    @freeze_time("2026-02-10")
    def test_a_confirmed_order_starts_a_subscription(self):
        self.plan.line_ids.price_unit = 12.0
        order = self._create_order()
        self.assertEqual(order.order_line.price_unit, 12.0)
        self.assertIn("every month", order.order_line.name)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.payment_token_id, self.token)
        self.assertEqual(subscription.amount_total, 12.0)
        order._create_subscriptions()
        self.assertEqual(len(order.subscription_ids), 1)

    @freeze_time("2026-02-10")
    def test_the_first_period_is_billed_by_the_order_itself(self):
        """The order's own invoice claims it, later ones never count as ordered."""
        order = self._create_order()
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.period_ids.state, "claimed")
        self._run_billing()
        first = subscription.period_ids
        self.assertEqual(first.state, "posted")
        self.assertEqual(first.move_id, order.invoice_ids)
        self.assertIn("02/10/2026", first.move_id.invoice_line_ids.name)
        self.assertEqual(order.invoice_status, "invoiced")
        with freeze_time("2026-03-10"):
            self._run_billing()
        self.assertEqual(len(subscription.period_ids), 2)
        self.assertEqual(len(order.invoice_ids), 2)
        self.assertEqual(order.order_line.qty_invoiced, 1.0)
        self.assertEqual(order.order_line.qty_to_invoice, 0.0)
        self.assertEqual(order.invoice_status, "invoiced")

    @freeze_time("2026-02-10")
    def test_an_order_invoiced_by_hand_is_not_billed_again(self):
        order = self._create_order()
        order.action_confirm()
        move = order._create_invoices()
        self.assertEqual(order.subscription_ids.period_ids.move_id, move)
        self._run_billing()
        self.assertEqual(order.invoice_ids, move)
        self.assertEqual(move.state, "posted")

    @freeze_time("2026-02-10")
    def test_a_cancelled_order_ends_its_subscription(self):
        order = self._create_order()
        order.action_confirm()
        order._action_cancel()
        self.assertEqual(order.subscription_ids.state, "cancelled")
        self._run_billing()
        self.assertFalse(order.invoice_ids)

    @freeze_time("2026-02-10")
    def test_an_order_without_plan_stays_an_order(self):
        order = self._create_order(
            order_line=[Command.create({"product_id": self.product.id})]
        )
        order.action_confirm()
        self.assertFalse(order.subscription_ids)

    def test_a_plan_requires_a_method_that_can_be_charged_again(self):
        """User wish 15: only for orders with a plan."""
        order = self._create_order()
        provider = self.provider
        self.assertTrue(provider._is_tokenization_required(sale_order_id=order.id))
        order.order_line.subscription_plan_id = False
        self.assertFalse(provider._is_tokenization_required(sale_order_id=order.id))
        self.assertFalse(provider._is_tokenization_required())

    @freeze_time("2026-03-22")
    def test_the_order_asks_what_is_due_at_the_start(self):
        """A shorter first period on the order, the whole price from then on."""
        self.plan.write({"alignment": "calendar", "intro_discount": 50.0})
        self.plan.intro_count = 1
        order = self._create_order()
        self.assertEqual(order.amount_total, 2.42)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.amount_total, 15.0)
        self.assertEqual(str(subscription.period_ids.date_to), "2026-04-01")
        self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.amount_total, 2.42)

    @freeze_time("2026-03-22")
    def test_an_order_for_a_trial_asks_the_price_of_the_trial(self):
        self.plan.write({"trial_count": 14, "trial_price": 1.0})
        order = self._create_order()
        self.assertEqual(order.amount_total, 1.0)
        order.action_confirm()
        period = order.subscription_ids.period_ids
        self.assertTrue(period.is_trial)
        self.assertEqual(str(period.date_to), "2026-04-05")
        self.assertEqual(str(order.subscription_ids.date_next), "2026-04-05")

    @freeze_time("2026-03-22")
    def test_an_order_in_arrears_is_invoiced_when_the_period_is_over(self):
        self.plan.billing_time = "arrears"
        order = self._create_order()
        order.action_confirm()
        self._run_billing()
        self.assertEqual(order.subscription_ids.period_ids.state, "claimed")
        with freeze_time("2026-04-22"):
            self._run_billing()
        self.assertEqual(order.subscription_ids.period_ids.state, "posted")
        self.assertEqual(order.invoice_count, 1)
