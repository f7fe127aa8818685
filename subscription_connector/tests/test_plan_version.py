from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector.hooks import number_plans
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPlanVersion(SubscriptionCommon):
    """A plan that somebody has goes on in a next version; a campaign moves people."""

    @classmethod
    @freeze_time("2026-04-01")
    def setUpClass(cls):
        super().setUpClass()
        cls.older = cls._create_subscription("2026-04-01")

    def _set_price(self, price):
        line = self.plan.line_ids
        self.plan.line_ids = [Command.update(line.id, {"price_unit": price})]

    def test_a_plan_that_nobody_has_stays_the_same_version(self):
        plan = self._create_plan(name="New", notice_count=1)
        plan.notice_count = 2
        plan.line_ids.price_unit = 20.0
        self.assertEqual(plan.version_number, 1)
        self.assertFalse(plan.version_id.change)
        self.assertEqual(plan.version_id.amount, 20.0)
        self.assertEqual(plan.version_id.content["notice_count"], 2)

    def test_a_change_after_somebody_took_it_is_the_next_version(self):
        """L1: who has which, from when, and what changed, in words."""
        self._set_price(18.0)
        self.plan.notice_count = 1
        self.assertEqual(self.plan.version_number, 2)
        version = self.plan.version_id
        self.assertIn("Membership: 15.00 → 18.00", version.change)
        self.assertIn("Notice Period: 0 → 1", version.change)
        self.assertEqual(version.user_id, self.env.user)
        newer = self._create_subscription("2026-04-10")
        self.assertEqual(self.older.plan_version_id.number, 1)
        self.assertEqual(newer.plan_version_id, version)
        first = self.plan.version_ids - version
        self.assertEqual((first.subscription_count, version.subscription_count), (1, 1))
        found = self.env["subscription.subscription"].search(
            first.with_user(self.office).action_view_subscriptions()["domain"]
        )
        self.assertEqual(found, self.older)

    def test_what_promises_nothing_is_no_version(self):
        self.plan.write({"name": "Member", "is_sold_online": True, "code": "M"})
        self.plan.line_ids.name = "Membership of the club"
        self.assertEqual(self.plan.version_number, 1)

    def test_a_product_that_comes_or_goes_is_told(self):
        fee = self._create_product_for_plan("Locker", 2.5)
        self.plan.line_ids = [Command.create({"product_id": fee.id, "quantity": 2})]
        self.assertIn("Locker: – → 2 × 2.50", self.plan.version_id.change)
        self._create_subscription("2026-04-02")
        self.plan.line_ids.filtered(lambda line: line.product_id == fee).unlink()
        self.assertEqual(self.plan.version_number, 3)
        self.assertIn("Locker: 2 × 2.50 → –", self.plan.version_id.change)

    def _create_campaign(self, **values):
        return self.env["subscription.campaign"].create(
            {
                "name": "Prices of May",
                "company_id": self.company.id,
                "plan_id": self.plan.id,
                "target_plan_id": self.plan.id,
                "date": "2026-05-20",
                **values,
            }
        )

    def test_a_campaign_moves_from_one_version_to_another(self):
        """Only who has version 1 moves; the mail names the terms that change too."""
        with freeze_time("2026-04-02"):
            self._set_price(16.0)
            second = self._create_subscription("2026-04-02")
            self.plan.write({"notice_count": 1, "cancel_mode": "day"})
            self._set_price(18.0)
        with freeze_time("2026-04-10"):
            self._run_billing()
            action = self.older.plan_version_id.action_campaign()
            campaign = (
                self.env["subscription.campaign"]
                .with_context(**action["context"])
                .create({"date": "2026-05-20"})
            )
            campaign.action_announce()
        self.assertEqual(campaign.target_version_id.number, 3)
        self.assertEqual(campaign.line_ids.subscription_id, self.older)
        line = campaign.line_ids
        self.assertEqual((line.amount_old, line.amount_new), (15.0, 18.0))
        self.assertIn("Notice Period: 0 → 1", line.terms_note)
        mail = self.env["mail.mail"].search([("model", "=", line._name)])
        self.assertIn("Notice Period: 0 → 1", mail.body_html)
        with freeze_time("2026-04-20"):
            # Changed again meanwhile: what was announced counts.
            self._set_price(30.0)
            self.assertEqual(self.plan.version_number, 4)
        for day in ("2026-05-01", "2026-06-01"):
            with freeze_time(day):
                self._run_billing()
        self.assertEqual(self.older.amount_total, 18.0)
        self.assertEqual(self.older.plan_version_id.number, 3)
        self.assertEqual((self.older.notice_count, self.older.cancel_mode), (1, "day"))
        self.assertIn("terms", self.older.event_ids.mapped("kind"))
        self.assertEqual(second.plan_version_id.number, 2)
        self.assertEqual(campaign.target_version_id.number, 3)

    @freeze_time("2026-04-10")
    def test_who_has_it_already_is_left_alone(self):
        self._set_price(18.0)
        newer = self._create_subscription("2026-04-10")
        campaign = self._create_campaign()
        campaign.action_preview()
        line = campaign.line_ids.filtered(lambda line: line.subscription_id == newer)
        self.assertIn("already", line.reason)
        self.assertEqual(campaign.move_count, 1)

    @freeze_time("2026-04-10")
    def test_another_quantity_is_no_other_version(self):
        rows = self.older._get_change_rows(self.plan)
        rows[0] |= {"quantity": 2, "line_id": self.older.line_ids.id}
        self._set_price(18.0)
        self.older._plan_change(self.plan, rows, "now")
        self.assertEqual(self.older.plan_version_id.number, 1)
        self.env.flush_all()
        yearly = self._create_plan(name="Per year", interval_unit="year")
        self.older._plan_change(yearly, self.older._get_change_rows(yearly), "now")
        self.assertEqual(self.older.plan_version_id, yearly.version_id)

    def test_plans_from_before_are_numbered(self):
        """An upgrade gives each plan its first version, and everybody that one."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE subscription_subscription SET plan_version_id = NULL"
        )
        self.env.cr.execute("DELETE FROM subscription_plan_version")
        self.env.invalidate_all()
        number_plans(self.env(su=True))
        self.assertEqual(self.plan.version_number, 1)
        self.assertEqual(self.older.plan_version_id, self.plan.version_id)

    def test_versions_are_written_by_changing_the_plan_only_no_rights(self):
        version = self.plan.version_id
        for user in (self.office, self.env.user):
            with self.assertRaises(AccessError):
                version.with_user(user).write({"number": 7})
        with self.assertRaises(UserError):
            self.older.plan_version_id = False
        self.assertEqual(version.date.date(), date(2026, 4, 1))
