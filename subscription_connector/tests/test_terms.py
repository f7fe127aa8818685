from datetime import date

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestTerms(SubscriptionCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "sales_team.group_sale_manager"
        )

    def _create_plan_with(self, *lines, **values):
        """Return a plan with the membership and more lines (product, values)."""
        products = [(self.product, {})] + list(lines)
        return self._create_plan(
            line_ids=[
                Command.create({"product_id": product.id} | more)
                for product, more in products
            ],
            **values,
        )

    def _bill(self, plan, start="2026-02-01", **values):
        subscription = self._create_subscription(start, plan_id=plan.id, **values)
        self._run_billing()
        return subscription

    def _spans(self, subscription):
        return [
            (str(period.date_from), str(period.date_to), period.amount_total)
            for period in subscription.period_ids.sorted("date_from")
        ]

    # === INTERVALS, DURATION, FEES === #

    def test_every_unit_of_time_has_its_period(self):
        """L1: days, weeks, months, quarters and years, one or more of them."""
        ends = {
            ("day", 10): "2026-02-11",
            ("week", 2): "2026-02-15",
            ("month", 1): "2026-03-01",
            ("quarter", 1): "2026-05-01",
            ("year", 1): "2027-02-01",
        }
        with freeze_time("2026-02-01"):
            for (unit, count), end in ends.items():
                plan = self._create_plan(interval_unit=unit, interval_count=count)
                subscription = self._bill(plan)
                self.assertEqual(self._spans(subscription), [("2026-02-01", end, 15.0)])

    def test_amount_and_quantity_of_each_product_are_billed(self):
        """L1: each product of the plan has its own recurring amount and quantity."""
        magazine = self._create_product_for_plan("Magazine", 99.0)
        plan = self._create_plan_with((magazine, {"quantity": 3, "price_unit": 4.0}))
        self.assertEqual(plan.amount, 27.0)
        with freeze_time("2026-02-01"):
            subscription = self._bill(plan)
        self.assertEqual(subscription.period_ids.move_id.amount_total, 27.0)

    def test_a_fixed_number_of_periods_ends_by_itself(self):
        """L4: three periods, then it is over; an ongoing one is not."""
        ongoing = self._create_plan()
        with freeze_time("2026-06-15"):
            subscription = self._bill(self._create_plan(period_count=3))
            other = self._bill(ongoing)
        self.assertEqual(len(subscription.period_ids), 3)
        self.assertEqual(subscription.state, "expired")
        self.assertEqual(other.state, "active")
        self.assertFalse(other.date_end)

    def test_a_fee_is_billed_once_with_the_first_period(self):
        """L5: a set-up fee stands on the first invoice and on no other."""
        fee = self._create_product_for_plan("Set-up", 25.0)
        plan = self._create_plan_with((fee, {"is_one_time": True}))
        self.assertEqual(plan.amount, 15.0)
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01", plan_id=plan.id)
            self.assertEqual(subscription.amount_next, 40.0)
            self._run_billing()
        self.assertEqual(subscription.amount_total, 15.0)
        self.assertEqual(subscription.amount_next, 15.0)
        with freeze_time("2026-04-01"):
            self._run_billing()
        self.assertEqual(
            [amount for _from, _to, amount in self._spans(subscription)],
            [40.0, 15.0, 15.0],
        )

    def test_a_fee_is_billed_again_when_its_draft_was_deleted(self):
        """L5: not twice, and not never."""
        fee = self._create_product_for_plan("Set-up", 25.0)
        plan = self._create_plan_with((fee, {"is_one_time": True}))
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription("2026-02-01", plan_id=plan.id)
            self._run_billing("ir_cron_draft")
            subscription.period_ids.move_id.unlink()
            self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.amount_total, 40.0)

    # === TRIAL, DISCOUNT === #

    def test_a_free_trial_is_not_billed(self):
        with freeze_time("2026-02-01"):
            subscription = self._bill(self._create_plan(trial_count=14))
            self.assertFalse(subscription.period_ids)
            self.assertEqual(subscription.state, "active")
            self.assertEqual(subscription.date_next, date(2026, 2, 15))
        with freeze_time("2026-02-15"):
            self._run_billing()
        self.assertEqual(
            self._spans(subscription), [("2026-02-15", "2026-03-15", 15.0)]
        )

    def test_a_reduced_trial_has_its_own_price_and_counts_as_no_period(self):
        plan = self._create_plan(
            trial_count=1, trial_unit="period", trial_price=1.0, period_count=2
        )
        with freeze_time("2026-06-01"):
            subscription = self._bill(plan)
        self.assertEqual(
            self._spans(subscription),
            [
                ("2026-02-01", "2026-03-01", 1.0),
                ("2026-03-01", "2026-04-01", 15.0),
                ("2026-04-01", "2026-05-01", 15.0),
            ],
        )

    def test_a_discount_ends_after_its_periods(self):
        """Also when several periods are caught up in one run."""
        plan = self._create_plan(
            intro_discount=50.0, intro_count=2, trial_count=1, trial_price=3.0
        )
        with freeze_time("2026-05-01"):
            subscription = self._bill(plan)
        amounts = [amount for _from, _to, amount in self._spans(subscription)]
        self.assertEqual(amounts, [3.0, 7.5, 7.5, 15.0])

    def test_a_pause_inside_a_free_trial_does_not_end_it(self):
        with freeze_time("2026-02-01"):
            subscription = self._bill(self._create_plan(trial_count=14))
        with freeze_time("2026-02-05"):
            subscription._pause("requested")
        with freeze_time("2026-02-06"):
            subscription.action_resume()
            self._run_billing()
        self.assertFalse(subscription.period_ids)
        self.assertEqual(subscription.date_next, date(2026, 2, 15))

    # === CALENDAR, ARREARS === #

    def test_a_calendar_period_costs_its_share_of_days(self):
        with freeze_time("2026-03-22"):
            subscription = self._bill(
                self._create_plan(alignment="calendar"), "2026-03-22"
            )
        self.assertEqual(
            self._spans(subscription), [("2026-03-22", "2026-04-01", 4.84)]
        )
        line = subscription.period_ids.move_id.invoice_line_ids
        self.assertIn("(10 of 31 days)", line.name)
        self.assertEqual(subscription.date_next, date(2026, 4, 1))
        self.assertEqual(subscription.amount_next, 15.0)

    def test_a_club_year_ends_with_the_year(self):
        plan = self._create_plan(
            interval_unit="year", alignment="calendar", period_count=1
        )
        with freeze_time("2026-10-01"):
            subscription = self._bill(plan, "2026-10-01")
        # 92 of 365 days of 15.00
        self.assertEqual(
            self._spans(subscription), [("2026-10-01", "2027-01-01", 3.78)]
        )
        self.assertEqual(subscription.date_end, date(2027, 1, 1))

    def test_in_arrears_a_period_is_billed_when_it_is_over(self):
        with freeze_time("2026-02-28"):
            subscription = self._bill(self._create_plan(billing_time="arrears"))
            self.assertFalse(subscription.period_ids)
            self.assertEqual(subscription.date_next, date(2026, 3, 1))
        with freeze_time("2026-03-01"):
            self._run_billing()
        self.assertEqual(
            self._spans(subscription), [("2026-02-01", "2026-03-01", 15.0)]
        )

    def test_in_arrears_used_days_are_billed_when_it_is_cancelled_or_paused(self):
        """No day that was used is forgotten, none of a pause is billed."""
        plan = self._create_plan(billing_time="arrears")
        with freeze_time("2026-02-01"):
            cancelled = self._bill(plan, collection="invoice")
            paused = self._bill(plan, collection="invoice")
        with freeze_time("2026-02-15"):
            cancelled.with_user(self.office)._cancel()
            paused.with_user(self.office)._pause("requested")
        with freeze_time("2026-02-20"):
            paused.with_user(self.office).action_resume()
        with freeze_time("2026-03-20"):
            self._run_billing()
        half = ("2026-02-01", "2026-02-15", 7.5)
        self.assertEqual(self._spans(cancelled), [half])
        self.assertEqual(
            self._spans(paused), [half, ("2026-02-20", "2026-03-20", 15.0)]
        )
        self.assertEqual(cancelled.period_ids.move_id.state, "posted")

    # === LEAVING === #

    @freeze_time("2026-02-10")
    def test_minimum_term_and_notice_bound_the_offered_ends(self):
        """L14: the first offered end keeps to the contract."""
        free = self._bill(self._create_plan())
        bound = self._bill(self._create_plan(minimum_count=3))
        noticed = self._bill(self._create_plan(notice_count=1, notice_unit="month"))
        first = {"2026-03-01": free, "2026-05-01": bound, "2026-04-01": noticed}
        for day, subscription in first.items():
            self.assertEqual(str(subscription._get_cancel_dates()[0]), day)

    # === PRICES, SALE === #

    def test_the_customers_pricelist_reduces_the_plans_own_price(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Juniors",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 20})
                ],
            }
        )
        self.product.list_price = 99.0  # buying once costs more than a month
        subscription = self.env["subscription.subscription"].create(
            {
                "partner_id": self.customer.id,
                "plan_id": self.plan.id,
                "pricelist_id": pricelist.id,
            }
        )
        self.assertEqual(subscription.line_ids.price_unit, 12.0)

    def test_a_fixed_price_for_buying_once_does_not_price_a_plan(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Fixed",
                "item_ids": [
                    Command.create({"compute_price": "fixed", "fixed_price": 50})
                ],
            }
        )
        line = self.plan.line_ids
        line.product_id.is_subscription_only = False
        day = date(2026, 2, 1)
        self.assertEqual(line._get_price(self.currency, day, pricelist), 15.0)
        line.product_id.is_subscription_only = True
        self.assertEqual(line._get_price(self.currency, day, pricelist), 50.0)

    @freeze_time("2026-02-01")
    def test_journal_and_team_of_the_sale_are_those_of_the_invoice(self):
        """L10: later sales belong where the first one was made."""
        journal = self.env["account.journal"].create(
            {"name": "Shop", "code": "SHOP", "type": "sale"}
        )
        team = self.env["crm.team"].create({"name": "Front desk"})
        subscription = self._bill(self.plan, journal_id=journal.id, team_id=team.id)
        move = subscription.period_ids.move_id
        self.assertEqual((move.journal_id, move.team_id), (journal, team))

    # === CHARGE === #

    @freeze_time("2026-02-01")
    def test_a_direct_debit_waits_for_its_notice_days(self):
        """The invoice announces it; a card is charged at once."""
        debit = self.env.ref("payment.payment_method_sepa_direct_debit")
        token = self._create_saved_method(
            self.customer, "NL12", payment_method_id=debit.id
        )
        plan = self._create_plan(debit_notice_days=5)
        by_debit = self._bill(plan, payment_token_id=token.id)
        by_card = self._bill(plan)
        self.assertEqual(by_debit.charge_ids.date_next_try, date(2026, 2, 6))
        self.assertEqual(by_card.charge_ids.date_next_try, date(2026, 2, 1))
