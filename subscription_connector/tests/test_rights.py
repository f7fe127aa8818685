from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

READ_ONLY = (
    "subscription.period",
    "subscription.event",
    "subscription.charge",
    "subscription.billing.run",
    "subscription.billing.failure",
    "subscription.billing.tally",
    "subscription.external.invoice",
)


@tagged("post_install", "-at_install")
class TestRights(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "no_subscriptions", "base.group_user")
        cls.member_user = new_test_user(
            cls.env,
            "mieke",
            "base.group_portal",
            name=cls.customer.name,
            partner_id=cls.customer.id,
        )

    @freeze_time("2026-02-10")
    def test_the_office_runs_a_subscription_from_start_to_end(self):
        subscription = self.env["subscription.subscription"].with_user(self.office)
        subscription = subscription.create(
            {
                "partner_id": self.customer.id,
                "plan_id": self.plan.id,
                "payment_token_id": self.token.id,
            }
        )
        subscription.action_start()
        subscription._plan_pause(date(2026, 2, 10))
        subscription.action_resume()
        subscription._cancel()
        self.assertEqual(subscription.state, "cancelled")

    def test_the_office_cannot_touch_what_proves_the_billing(self):
        for model in READ_ONLY:
            with self.subTest(model=model):
                records = self.env[model].with_user(self.office)
                self.assertTrue(records.has_access("read"))
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(records.has_access(operation))

    def test_the_office_cannot_change_plans_no_rights(self):
        with self.assertRaises(AccessError):
            self.plan.with_user(self.office).interval_count = 2

    def test_a_clerk_sees_nothing_of_subscriptions_no_rights(self):
        subscription = self._create_subscription("2026-02-01")
        for model in ("subscription.subscription", "subscription.plan", *READ_ONLY):
            with self.subTest(model=model):
                records = self.env[model].with_user(self.clerk)
                self.assertFalse(records.has_access("read"))
        with self.assertRaises(AccessError):
            subscription.with_user(self.clerk).read(["name"])

    @freeze_time("2026-02-10")
    def test_a_member_sees_the_own_subscription_only(self):
        """R10: not even that another one exists."""
        own = self._create_subscription("2026-02-01")
        other = self._create_subscription(
            "2026-02-01", partner_id=self._create_customer("Other Member").id
        )
        self._run_billing()
        as_member = self.env["subscription.subscription"].with_user(self.member_user)
        self.assertEqual(as_member.search([]), own)
        self.assertEqual(
            self.env["subscription.period"].with_user(self.member_user).search([]),
            own.period_ids,
        )
        with self.assertRaises(AccessError):
            other.with_user(self.member_user).read(["name"])
        with self.assertRaises(AccessError):
            own.with_user(self.member_user).write({"date_cancel": "2026-02-11"})

    @freeze_time("2026-02-10")
    def test_a_member_cannot_settle_or_stop_a_charge_no_rights(self):
        subscription = self._create_subscription("2026-02-01")
        self._run_billing()
        charge = subscription.charge_ids
        for button in (
            "action_retry",
            "action_stop",
            "action_set_charged",
            "action_set_not_charged",
            "action_take_back",
        ):
            for user in (self.member_user, self.clerk):
                with self.subTest(button=button), self.assertRaises(AccessError):
                    getattr(charge.with_user(user), button)()
        self.assertEqual(charge.state, "waiting")

    def test_a_member_reads_no_internal_notes_no_rights(self):
        """L16: notes about the customer are for the office."""
        subscription = self._create_subscription("2026-02-01", note="Slow payer")
        with self.assertRaises(AccessError):
            subscription.with_user(self.member_user).read(["note"])
        self.assertIn("Slow", subscription.with_user(self.office).note)

    def test_the_state_cannot_be_set_with_a_forged_context(self):
        subscription = self._create_subscription("2026-02-01")
        subscription._cancel()
        forged = subscription.with_user(self.office).with_context(
            subscription_update_state=True
        )
        with self.assertRaises(UserError):
            forged.write({"state": "active"})
        with self.assertRaises(UserError):
            forged.create(
                {
                    "partner_id": self.customer.id,
                    "plan_id": self.plan.id,
                    "state": "active",
                }
            )

    def test_another_company_sees_nothing(self):
        subscription = self._create_subscription("2026-02-01")
        other = self.env["res.company"].create({"name": "Other Club"})
        stranger = new_test_user(
            self.env,
            "other_office",
            "subscription_connector.group_subscription_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        found = self.env["subscription.subscription"].with_user(stranger)
        self.assertFalse(found.search([("id", "=", subscription.id)]))
        self.assertFalse(
            self.env["subscription.plan"]
            .with_user(stranger)
            .search([("id", "=", self.plan.id)])
        )
        self.assertFalse(
            self.env["subscription.event"]
            .with_user(stranger)
            .search([("subscription_id", "=", subscription.id)])
        )

    def test_companies_have_numbers_of_their_own(self):
        other = self.env["res.company"].create({"name": "Other Club"})
        sequence = self.env["ir.sequence"].search(
            [
                ("code", "=", "subscription.subscription"),
                ("company_id", "=", other.id),
            ]
        )
        self.assertEqual(len(sequence), 1)
