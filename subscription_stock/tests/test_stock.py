from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

STAGES = ("ir_cron_draft", "ir_cron_post", "ir_cron_charge", "ir_cron_deliver")


@tagged("post_install", "-at_install")
class TestStock(SubscriptionCommon):
    """A box of tea each month, out of the warehouse where it was sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        warehouses = cls.env["stock.warehouse"].sudo()
        cls.usual = warehouses.search([("company_id", "=", cls.company.id)], limit=1)
        cls.usual = cls.usual or warehouses.create(
            {"name": "Shop", "code": "SHP", "company_id": cls.company.id}
        )
        cls.depot = warehouses.create(
            {"name": "Depot", "code": "DEP", "company_id": cls.company.id}
        )
        cls.box = cls._create_product_for_plan(
            "Box of tea", 15.0, type="consu", is_storable=True
        )
        for warehouse in cls.usual | cls.depot:
            cls.env["stock.quant"].sudo()._update_available_quantity(
                cls.box, warehouse.lot_stock_id, 10.0
            )
        cls.plan = cls._create_plan(product=cls.box, is_shipped=True)
        cls.carrier = (
            cls.env["delivery.carrier"]
            .sudo()
            .create(
                {
                    "name": "Courier",
                    "product_id": cls._create_product_for_plan("Parcel", 4.0).id,
                    "delivery_type": "fixed",
                }
            )
        )

    def _run_all(self, answer="done"):
        with self._provider_answers(answer):
            self._run_billing(*STAGES)

    def _sell(self):
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "warehouse_id": self.depot.id,
                    "carrier_id": self.carrier.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.box.id,
                                "subscription_plan_id": self.plan.id,
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        return order.with_user(self.env.user).sudo(False).subscription_ids

    def test_each_period_makes_a_delivery_that_can_be_sent(self):
        """L2, L10: picked, sent, counted; the invoice is the period's, made once."""
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription(
                "2026-02-01",
                warehouse_id=self.depot.id,
                carrier_id=self.carrier.id,
            )
            self._run_all()
        order = subscription.period_ids.delivery_order_id
        picking = order.picking_ids
        self.assertEqual(picking.partner_id, self.customer)
        self.assertEqual(picking.location_id, self.depot.lot_stock_id)
        self.assertEqual(picking.move_ids.product_id, self.box)
        self.assertEqual(picking.move_ids.product_uom_qty, 1.0)
        if "carrier_id" in picking._fields:  # stock_delivery is optional
            self.assertEqual(picking.carrier_id, self.carrier)
        with freeze_time("2026-02-02"):
            picking.action_assign()
            picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(order.order_line.qty_delivered, 1.0)
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertEqual(
            self.box.with_context(warehouse_id=self.depot.id).qty_available, 9.0
        )
        with freeze_time("2026-03-01"):
            for _run in range(2):
                self._run_all()
        self.assertEqual(len(subscription._get_pickings()), 2)
        self.assertEqual(len(subscription.period_ids.move_id), 2)

    def test_later_goods_leave_from_the_warehouse_of_the_sale(self):
        """L10: same shop as at creation; the order itself delivers the first."""
        with freeze_time("2026-02-01"):
            subscription = self._sell()
            self._run_all()
        self.assertEqual(subscription.warehouse_id, self.depot)
        first = subscription._get_pickings()
        self.assertEqual(first.sale_id, subscription.sale_order_id)
        with freeze_time("2026-03-01"):
            self._run_all()
        later = subscription._get_pickings() - first
        self.assertEqual(later.location_id, self.depot.lot_stock_id)
        action = subscription.action_view_pickings()
        found = self.env["stock.picking"].search(action["domain"])
        self.assertEqual(found, first | later)
        self.assertEqual(subscription.picking_count, 2)

    def test_goods_delivered_first_are_invoiced_by_the_period_only(self):
        """L2: a product that is invoiced when delivered is not invoiced again."""
        self.box.invoice_policy = "delivery"
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
            order = subscription.period_ids.delivery_order_id
            order.picking_ids.action_assign()
            order.picking_ids.button_validate()
        self.assertNotEqual(order.invoice_status, "to invoice")
        self.assertEqual(order.invoice_ids, subscription.period_ids.move_id)

    def test_nothing_leaves_while_the_payment_failed(self):
        """L10: no shipment if the last payment failed; L20: then at once."""
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_all("fail")
            self.assertFalse(subscription._get_pickings())
        with freeze_time("2026-02-02"):
            subscription.charge_ids.action_retry()
            self._run_all()
        self.assertEqual(len(subscription._get_pickings()), 1)

    def test_without_a_warehouse_it_is_that_of_the_responsible(self):
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
        order = subscription.period_ids.delivery_order_id
        self.assertTrue(order.warehouse_id)
        self.assertEqual(order.warehouse_id.company_id, self.company)

    def test_the_office_sees_how_many_and_stock_opens_them_no_rights(self):
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01")
            self._run_all()
        seen = subscription.with_user(self.office)
        self.assertEqual(seen.picking_count, 1)
        with self.assertRaises(AccessError):
            self.env["stock.picking"].with_user(self.office).search(
                seen.action_view_pickings()["domain"]
            ).read(["name"])
        stock = new_test_user(
            self.env,
            "stock_clerk",
            "stock.group_stock_user,subscription_connector.group_subscription_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        action = subscription.with_user(stock).action_view_pickings()
        found = self.env["stock.picking"].with_user(stock).search(action["domain"])
        self.assertEqual(len(found), 1)
