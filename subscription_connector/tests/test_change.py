from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestChange(SubscriptionCommon):
    """Billed 15.00 for April; changes are asked for on 11 April, 20 days are left."""

    @classmethod
    @freeze_time("2026-04-01")
    def setUpClass(cls):
        super().setUpClass()
        cls.gold = cls._create_plan(
            name="Gold", product=cls._create_product_for_plan("Gold card", 30.0)
        )
        cls.yearly = cls._create_plan(
            name="Per year",
            interval_unit="year",
            product=cls._create_product_for_plan("Year card", 150.0),
        )
        cls.subscription = cls._create_subscription("2026-04-01")

    def setUp(self):
        super().setUp()
        with freeze_time("2026-04-01"):
            self._run_billing()

    def _ask(self, plan=None, mode="period", quantity=None):
        """Fill in the dialog the way the office does."""
        wizard = self.env["subscription.change.wizard"].with_user(self.office)
        wizard = wizard.with_context(default_subscription_id=self.subscription.id)
        with Form(wizard) as form:
            if plan:
                form.plan_id = plan
            form.mode = mode
            if quantity:
                with form.line_ids.edit(0) as line:
                    line.quantity = quantity
        return form.record

    def _get_row(self, kind):
        return self.subscription.period_ids.filtered(lambda row: row.kind == kind)

    @freeze_time("2026-04-11")
    def test_an_upgrade_now_bills_the_difference_to_the_cent(self):
        """User wish 9: 20 of 30 days at 30.00 instead of 15.00 are 10.00 more."""
        wizard = self._ask(self.gold, "now")
        self.assertIn("10.00", wizard.effect)
        wizard.action_change()
        self._run_billing()
        row = self._get_row("proration")
        self.assertEqual(row.move_id.amount_total, 10.0)
        self.assertEqual(row.move_id.state, "posted")
        self.assertEqual((row.date_from, row.date_to), (wizard_day(), date(2026, 5, 1)))
        self.assertIn(row.move_id, self.subscription.charge_ids.move_id)
        self.assertEqual(self.subscription.plan_id, self.gold)
        self.assertEqual(self.subscription.date_next, date(2026, 5, 1))
        self.assertEqual(self.subscription.amount_total, 30.0)
        event = self.subscription.event_ids.filtered(lambda e: e.kind == "changed")
        self.assertAlmostEqual(event.mrr_change, 12.39, 1)

    @freeze_time("2026-04-11")
    def test_a_downgrade_now_credits_the_difference(self):
        self._ask(self.gold, "now").action_change()
        self._run_billing()
        with freeze_time("2026-04-21"):
            wizard = self._ask(self.plan, "now")
            self.assertIn("5.00", wizard.effect)
            wizard.action_change()
            self._run_billing()
        credit = self._get_row("proration").move_id.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(credit.amount_total, 5.0)
        self.assertNotIn(credit, self.subscription.charge_ids.move_id)
        total = sum(
            move.amount_total * (-1 if move.move_type == "out_refund" else 1)
            for move in self.subscription.period_ids.move_id
        )
        self.assertEqual(total, 20.0, "ten days of 15.00, ten of 30.00, ten of 15.00")

    @freeze_time("2026-04-11")
    def test_an_end_after_an_upgrade_gives_back_both_parts(self):
        """L14: what was billed and the difference, for the days that are left."""
        self._ask(self.gold, "now").action_change()
        self._run_billing()
        with freeze_time("2026-04-21"):
            self.assertEqual(
                self.subscription._get_credit_amount(date(2026, 4, 21)), 10
            )
            self.subscription._cancel(credit=True)
            self._run_billing()
        self.assertEqual(self._get_row("credit").move_id.amount_total, 10.0)

    @freeze_time("2026-04-11")
    def test_more_pieces_when_the_period_ends(self):
        """Quantity: nothing is settled now, the next invoice is at the new amount."""
        wizard = self._ask(quantity=3)
        self.assertIn("45.00", wizard.effect)
        wizard.action_change()
        self.assertEqual(self.subscription.date_change, date(2026, 5, 1))
        self._run_billing()
        self.assertEqual(self.subscription.amount_total, 15.0)
        line = self.subscription.line_ids
        with freeze_time("2026-05-01"):
            self._run_billing()
        self.assertEqual(self.subscription.line_ids, line)
        newest = self.subscription.period_ids.sorted("date_from")[-1]
        self.assertEqual(newest.move_id.amount_total, 45.0)
        self.assertFalse(self._get_row("proration"))

    @freeze_time("2026-04-11")
    def test_a_planned_change_can_be_dropped(self):
        self._ask(self.gold).action_change()
        with self.assertRaisesRegex(UserError, "planned already"):
            self._ask(self.yearly).action_change()
        self.subscription.with_user(self.office).action_undo_change()
        with freeze_time("2026-05-01"):
            self._run_billing()
        self.assertEqual(self.subscription.plan_id, self.plan)
        kinds = self.subscription.event_ids.mapped("kind")
        self.assertIn("change_set", kinds)
        self.assertIn("change_undone", kinds)

    @freeze_time("2026-04-11")
    def test_an_end_drops_what_was_planned(self):
        """L14: nothing follows after the end."""
        self._ask(self.gold).action_change()
        self.subscription.with_user(self.office)._cancel()
        self.assertEqual(self.subscription.change_ids.state, "dropped")
        self.assertFalse(self.subscription.date_change)

    @freeze_time("2026-04-11")
    def test_another_interval_now_begins_a_new_period(self):
        """The rest of April, 10.00, is credited; a year begins today."""
        wizard = self._ask(self.yearly, "now")
        self.assertIn("10.00", wizard.effect)
        wizard.action_change()
        self._run_billing()
        self.assertEqual(self._get_row("credit").move_id.amount_total, 10.0)
        newest = self.subscription.period_ids.filtered(
            lambda row: row.kind == "regular" and not row.is_credited
        )
        self.assertEqual(
            (newest.date_from, newest.date_to), (wizard_day(), date(2027, 4, 11))
        )
        self.assertEqual(newest.move_id.amount_total, 150.0)
        april = self.subscription.period_ids.filtered("is_credited").move_id
        self.assertEqual(april.amount_residual, 5.0, "the credit pays what is open")

    def test_another_interval_at_the_end_goes_on_from_there(self):
        with freeze_time("2026-04-11"):
            self._ask(self.yearly).action_change()
        with freeze_time("2026-05-03"):
            self._run_billing()
        newest = self.subscription.period_ids.sorted("date_from")[-1]
        self.assertEqual(
            (newest.date_from, newest.date_to), (date(2026, 5, 1), date(2027, 5, 1))
        )

    def test_missed_runs_bill_the_old_price_up_to_the_change(self):
        """User wish 7: nothing before the change is billed at the new price."""
        with freeze_time("2026-04-11"):
            self._ask(self.gold).action_change()
        self.subscription.change_ids.sudo().date = date(2026, 6, 1)
        with freeze_time("2026-06-20"):
            self._run_billing()
            self._run_billing()
        amounts = self.subscription.period_ids.sorted("date_from").move_id
        self.assertEqual(
            sorted(amounts.mapped("amount_total")), [15.0, 15.0, 30.0], "April to June"
        )

    @freeze_time("2026-04-11")
    def test_the_office_cannot_write_a_change_by_hand_no_rights(self):
        self._ask(self.gold).action_change()
        with self.assertRaises(AccessError):
            self.subscription.change_ids.with_user(self.office).date = date(2026, 4, 12)
        with self.assertRaises(UserError):
            self.subscription.change_ids.sudo().unlink()

    @freeze_time("2026-04-11")
    def test_a_dialog_that_changes_nothing_says_so(self):
        with self.assertRaisesRegex(UserError, "Nothing is changed"):
            self._ask(mode="now").action_change()

    def test_what_cannot_be_changed_says_why(self):
        rows = self.subscription._get_change_rows(self.gold)
        self.subscription._cancel(date(2030, 1, 1))
        for words, plan, values in (
            ("cancelled", self.gold, rows),
            ("at least one product", self.gold, []),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.subscription._check_change(plan, values)
            self.subscription.action_undo_cancel()


def wizard_day():
    """Return the day on which this test's changes are asked for."""
    return date(2026, 4, 11)
