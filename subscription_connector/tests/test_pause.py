from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPauses(SubscriptionCommon):
    """Billed from 1 to 30 April, 15.00 with tax; pauses begin on 11 April."""

    @classmethod
    @freeze_time("2026-04-01")
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls._create_subscription("2026-04-01")

    def setUp(self):
        super().setUp()
        with freeze_time("2026-04-01"):
            self._run_billing()

    def _ask(self, day="2026-04-11", resume=None, settlement=None):
        """Fill in the dialog the way the office does."""
        wizard = self.env["subscription.pause.wizard"].with_user(self.office)
        wizard = wizard.with_context(default_subscription_id=self.subscription.id)
        with Form(wizard) as form:
            form.date_from = day
            if resume:
                form.date_resume = resume
            if settlement:
                form.settlement = settlement
        return form.record

    @freeze_time("2026-04-11")
    def test_a_pause_now_until_a_day_goes_on_by_itself(self):
        """L13: no charges in the pause; the twenty paid days are used afterwards."""
        wizard = self._ask(resume="2026-06-01")
        self.assertEqual(wizard.settlement, "shift")
        self.assertIn("06/21/2026", wizard.effect)
        wizard.action_pause()
        self.assertEqual(self.subscription.state, "paused")
        self.assertIn("06/01/2026", self.subscription.next_step)
        with freeze_time("2026-05-20"):
            self._run_billing()
        self.assertEqual(len(self.subscription.period_ids), 1)
        with freeze_time("2026-06-02"):
            self._run_billing()
        self.assertEqual(self.subscription.state, "active")
        self.assertEqual(self.subscription.date_next, date(2026, 6, 21))
        self.assertEqual(self.subscription.pause_ids.date_to, date(2026, 6, 1))

    @freeze_time("2026-04-03")
    def test_a_planned_pause_begins_on_its_day_and_can_be_dropped(self):
        """L13: from–until, with undo before it begins."""
        self._ask(resume="2026-04-21").action_pause()
        self.assertEqual(self.subscription.state, "active")
        self.assertEqual(self.subscription.date_pause, date(2026, 4, 11))
        with self.assertRaisesRegex(UserError, "planned already"):
            self._ask().action_pause()
        self.subscription.with_user(self.office).action_undo_pause()
        self.assertFalse(self.subscription.pause_ids)
        self._ask(resume="2026-04-21").action_pause()
        with freeze_time("2026-04-11"):
            self._run_billing()
            self.assertEqual(self.subscription.state, "paused")
        self.assertEqual(
            self.subscription.event_ids.sorted("id").mapped("kind")[-4:],
            ["pause_set", "pause_undone", "pause_set", "paused"],
        )

    @freeze_time("2026-04-11")
    def test_credited_days_are_exact_and_pay_the_next_invoice(self):
        """L13, user wish 10: ten of thirty days of 15.00 pay the next invoice."""
        self.subscription.charge_ids.sudo()._stop("paid elsewhere")
        invoice = self.subscription.period_ids.move_id
        self._register_payment(invoice)
        wizard = self._ask(resume="2026-04-21", settlement="credit")
        self.assertIn("5.00", wizard.effect)
        wizard.action_pause()
        with freeze_time("2026-04-21"):
            self._run_billing()
        credit = self.subscription.period_ids.filtered(lambda p: p.kind == "credit")
        self.assertEqual(credit.move_id.amount_total, 5.0)
        self.assertEqual(credit.move_id.state, "posted")
        self.assertEqual(credit.move_id.reversed_entry_id, invoice)
        self.assertEqual(
            (credit.date_from, credit.date_to), (date(2026, 4, 11), date(2026, 4, 21))
        )
        self.assertNotIn(credit.move_id, self.subscription.charge_ids.move_id)
        self.assertEqual(self.subscription.date_next, date(2026, 5, 1))
        with freeze_time("2026-05-01"):
            self._run_billing()
        newest = self.subscription.period_ids.sorted("date_from")[-1].move_id
        self.assertEqual(newest.amount_residual, 10.0)
        self.assertEqual(credit.move_id.payment_state, "paid")

    def _register_payment(self, invoice):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()

    @freeze_time("2026-04-11")
    def test_without_settlement_the_paid_days_stay_billed(self):
        wizard = self._ask(resume="2026-04-21", settlement="none")
        self.assertIn("stays billed", wizard.effect)
        wizard.action_pause()
        with freeze_time("2026-04-21"):
            self._run_billing()
        self.assertEqual(self.subscription.date_next, date(2026, 5, 1))
        self.assertEqual(len(self.subscription.period_ids), 1)

    def test_missed_runs_bill_what_came_before_the_pause(self):
        """User wish 7: the run of May failed, the pause began on 10 May."""
        with freeze_time("2026-04-20"):
            self._ask("2026-05-10", "2026-07-01").action_pause()
        with freeze_time("2026-05-20"):
            self._run_billing()
        self.assertEqual(len(self.subscription.period_ids), 2)
        self.assertEqual(self.subscription.state, "paused")
        self.assertEqual(self.subscription.pause_ids.date_from, date(2026, 5, 10))
        with freeze_time("2026-07-02"):
            self._run_billing()
        self.assertEqual(self.subscription.date_next, date(2026, 7, 23))

    def test_a_missed_pause_is_never_billed_afterwards(self):
        with freeze_time("2026-04-20"):
            self._ask("2026-05-01", "2026-06-01").action_pause()
        with freeze_time("2026-06-03"):
            self._run_billing()
            self._run_billing()
        starts = self.subscription.period_ids.mapped("date_from")
        self.assertEqual(sorted(starts), [date(2026, 4, 1), date(2026, 6, 1)])

    @freeze_time("2026-04-11")
    def test_a_failed_payment_inside_a_planned_pause_gives_no_free_days(self):
        """L12: the two kinds of pause do not add up."""
        self._ask("2026-04-15", "2026-04-25").action_pause()
        self.subscription._pause("payment")
        with freeze_time("2026-05-05"):
            self.subscription._resume()
            self._run_billing()
        self.assertFalse(self.subscription.pause_planned_id)
        starts = self.subscription.period_ids.mapped("date_from")
        self.assertEqual(max(starts), date(2026, 5, 5))

    @freeze_time("2026-04-11")
    def test_a_pause_that_cannot_be_kept_is_refused(self):
        for day, resume, words in (
            ("2026-04-10", None, "in the past"),
            ("2026-04-20", "2026-04-20", "at least one day"),
        ):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, words):
                self._ask(day, resume).action_pause()
        self.subscription._cancel(date(2026, 5, 1))
        with self.assertRaisesRegex(UserError, "has ended before"):
            self._ask("2026-05-01").action_pause()
        self.subscription._cancel()
        with self.assertRaisesRegex(UserError, "Only what runs"):
            self._ask().action_pause()
