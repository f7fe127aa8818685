from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestCampaign(SubscriptionCommon):
    """15.00 a month becomes 18.00 for new subscribers, then for the others."""

    @classmethod
    @freeze_time("2026-04-01")
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls._create_subscription("2026-04-01")
        cls._agree(cls.subscription, quantity=2)
        german = cls._create_customer("Otto Berger")
        german.country_id = cls.env.ref("base.de")
        cls.german = cls._create_subscription("2026-04-01", partner_id=german.id)
        cls.leaving = cls._create_subscription(
            "2026-04-01", partner_id=cls._create_customer("Leaving Soon").id
        )
        cls.plan.line_ids.price_unit = 18.0

    def _create_campaign(self):
        return self.env["subscription.campaign"].create(
            {
                "name": "Prices of May",
                "company_id": self.company.id,
                "plan_id": self.plan.id,
                "target_plan_id": self.plan.id,
                "date": "2026-05-20",
            }
        )

    @freeze_time("2026-04-10")
    def test_a_changed_plan_is_for_new_subscribers(self):
        """L1: what was agreed stays, whoever comes later pays the new price."""
        newer = self._create_subscription("2026-04-10")
        self.assertEqual(self.subscription.amount_total, 30.0)
        self.assertEqual(newer.amount_total, 18.0)

    def test_a_campaign_moves_the_others_at_a_date(self):
        """Preview, notice mail, change with the first period from that day on."""
        with freeze_time("2026-04-10"):
            self._run_billing()
            self.leaving._cancel(date(2026, 5, 1))
            campaign = self._create_campaign()
            campaign.action_preview()
            lines = campaign.line_ids.grouped("subscription_id")
            own = lines[self.subscription]
            self.assertEqual((own.amount_old, own.amount_new), (30.0, 36.0))
            self.assertEqual(own.date, date(2026, 6, 1))
            self.assertIn("German consumer", lines[self.german].reason)
            self.assertIn("cancelled", lines[self.leaving].reason)
            self.assertEqual((campaign.move_count, campaign.skip_count), (1, 2))
            campaign.action_announce()
        mail = self.env["mail.mail"].search([("model", "=", own._name)])
        self.assertEqual(mail.recipient_ids, self.customer)
        for part in ("36.00", "30.00", "06/01/2026"):
            self.assertIn(part, mail.body_html)
        for day in ("2026-05-01", "2026-06-01"):
            with freeze_time(day):
                self._run_billing()
        amounts = self.subscription.period_ids.sorted("date_from").move_id
        self.assertEqual(
            amounts.sorted("id").mapped("amount_total"), [30.0, 30.0, 36.0]
        )
        self.assertEqual(self.german.amount_total, 15.0)
        self.assertEqual(campaign.line_ids.change_id.state, "done")

    @freeze_time("2026-04-10")
    def test_a_campaign_can_be_dropped_before_it_happens(self):
        campaign = self._create_campaign()
        campaign.action_announce()
        self.assertTrue(self.subscription.change_planned_id)
        campaign.action_drop()
        self.assertFalse(self.subscription.change_planned_id)
        self.assertEqual(campaign.state, "dropped")
        with self.assertRaises(UserError):
            campaign.action_announce()

    @freeze_time("2026-05-20")
    def test_it_cannot_be_announced_for_the_past(self):
        with self.assertRaisesRegex(UserError, "in the future"):
            self._create_campaign().action_announce()

    def test_the_office_cannot_start_a_campaign_no_rights(self):
        with self.assertRaises(AccessError):
            self.env["subscription.campaign"].with_user(self.office).create(
                {"name": "Mine"}
            )
