from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestCustomerType(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Member"})
        cls.pricelist = cls.env["product.pricelist"].create({"name": "For members"})
        cls.member = cls.env["subscription.customer.type"].create(
            {
                "name": "Member",
                "company_id": cls.company.id,
                "category_id": cls.tag.id,
                "pricelist_id": cls.pricelist.id,
            }
        )
        cls.plan.customer_type_id = cls.member

    def _get_pricelist(self):
        partner = self.customer.with_company(self.company)
        return partner.specific_property_product_pricelist

    @freeze_time("2026-04-01")
    def test_a_type_is_given_at_the_start_and_taken_at_once(self):
        """L3, L14: tag and pricelist come at the start and go when it ends now."""
        subscription = self._create_subscription("2026-04-01")
        self.assertIn(self.tag, self.customer.category_id)
        self.assertEqual(self._get_pricelist(), self.pricelist)
        self.assertEqual(self.member.partner_count, 1)
        subscription.with_user(self.office)._cancel()
        self.member.invalidate_recordset(["partner_count"])
        self.assertNotIn(self.tag, self.customer.category_id)
        self.assertFalse(self._get_pricelist())
        self.assertEqual(self.member.partner_count, 0)
        kinds = subscription.event_ids.mapped("kind")
        self.assertIn("type_given", kinds)
        self.assertIn("type_taken", kinds)

    @freeze_time("2026-04-01")
    def test_cancelled_at_the_end_of_the_period_it_stays_until_then(self):
        """L14: taken when the period is over; a pause keeps it."""
        subscription = self._create_subscription("2026-04-01")
        self._run_billing()
        subscription._cancel(date(2026, 5, 1))
        self.assertIn(self.tag, self.customer.category_id)
        with freeze_time("2026-05-01"):
            self._run_billing()
        self.assertNotIn(self.tag, self.customer.category_id)

    @freeze_time("2026-04-01")
    def test_a_type_stays_while_another_subscription_gives_it(self):
        """L3: ending one of two keeps it; customers are counted, not subscriptions."""
        first = self._create_subscription("2026-04-01")
        second = self._create_subscription("2026-04-01")
        self.assertEqual(self.member.partner_count, 1)
        first._cancel()
        self.assertIn(self.tag, self.customer.category_id)
        second._pause("requested")
        self.assertIn(self.tag, self.customer.category_id)
        second._cancel()
        self.assertNotIn(self.tag, self.customer.category_id)

    @freeze_time("2026-04-01")
    def test_a_tag_stays_while_another_type_gives_it(self):
        """Two types with one tag: leaving one of them takes nothing away."""
        plan = self._create_plan(name="Youth")
        plan.customer_type_id = self.member.copy({"name": "Youth"})
        first = self._create_subscription("2026-04-01")
        second = self._create_subscription("2026-04-01", plan_id=plan.id)
        first._cancel()
        self.assertIn(self.tag, self.customer.category_id)
        self.assertEqual(self._get_pricelist(), self.pricelist)
        second._cancel()
        self.assertNotIn(self.tag, self.customer.category_id)
        self.assertFalse(self._get_pricelist())

    @freeze_time("2026-04-01")
    def test_what_is_planned_gives_nothing_yet(self):
        subscription = self._create_subscription("2026-04-20")
        self.assertNotIn(self.tag, self.customer.category_id)
        with freeze_time("2026-04-20"):
            self._run_billing()
        self.assertEqual(subscription.state, "active")
        self.assertIn(self.tag, self.customer.category_id)

    @freeze_time("2026-04-01")
    def test_another_plan_brings_another_type(self):
        gold = self._create_plan(name="Gold")
        gold_tag = self.env["res.partner.category"].create({"name": "Gold"})
        gold.customer_type_id = self.member.copy(
            {"name": "Gold", "category_id": gold_tag.id, "pricelist_id": False}
        )
        subscription = self._create_subscription("2026-04-01")
        subscription._plan_change(gold, subscription._get_change_rows(gold), "now")
        self.assertEqual(self.customer.category_id & (self.tag | gold_tag), gold_tag)

    @freeze_time("2026-04-01")
    def test_a_type_can_give_access_to_the_member_area(self):
        """L3: a user for who has none; a missing address stops no sale."""
        self.member.is_portal = True
        self._create_subscription("2026-04-01")
        self.assertTrue(self.customer.user_ids.has_group("base.group_portal"))
        nobody = self.env["res.partner"].create(
            {
                "name": "No Mail",
                "street": "Kade 1",
                "zip": "1011 AA",
                "city": "Amsterdam",
                "country_id": self.env.ref("base.nl").id,
            }
        )
        subscription = self._create_subscription("2026-04-01", partner_id=nobody.id)
        self.assertEqual(subscription.state, "active")
        self.assertFalse(nobody.user_ids)

    def test_the_office_cannot_change_types_no_rights(self):
        with self.assertRaises(AccessError):
            self.member.with_user(self.office).name = "Mine"
