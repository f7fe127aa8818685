import json
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

PER_MONTH = 12.40  # 15.00 with 21 % tax included, without tax, to the cent


@tagged("post_install", "-at_install")
class TestFigures(SubscriptionCommon):
    """Figures are read from the history alone, as the office."""

    def _report(self, name):
        return self.env[f"subscription.{name}.report"].with_user(self.office)

    def _months(self, *fields):
        rows = self._report("month")._read_group(
            [("plan_id", "=", self.plan.id)], ["month:month"], fields
        )
        return {row[0].strftime("%Y-%m"): row[1:] for row in rows}

    def _live_through(self):
        """One begins in January, doubles, pauses, resumes, ends; one goes on."""
        with freeze_time("2026-01-10"):
            first = self._create_subscription("2026-01-10")
            second = self._create_subscription(
                "2026-01-10", partner_id=self._create_customer("Kees de Boer").id
            )
        with freeze_time("2026-02-10"):
            before = first.amount_month
            self._agree(first, quantity=2)
            first._log_event("changed", before, first.amount_month)
        with freeze_time("2026-03-10"):
            first._pause("requested")
        with freeze_time("2026-04-10"):
            first._resume()
        with freeze_time("2026-05-10"):
            first._cancel()
        return first, second

    @freeze_time("2026-07-15")
    def test_a_month_ends_with_what_it_began_with_plus_its_movements(self):
        """MRR, ARR and each kind of movement, month by month, without a gap."""
        self._live_through()
        months = self._months(
            "new:sum", "more:sum", "paused:sum", "back:sum", "lost:sum", "mrr:sum"
        )
        one, two = PER_MONTH, 2 * PER_MONTH
        expected = {
            "2026-01": (two, 0, 0, 0, 0, two),
            "2026-02": (0, one - 0.01, 0, 0, 0, 3 * one - 0.01),
            "2026-03": (0, 0, -two + 0.01, 0, 0, one),
            "2026-04": (0, 0, 0, two - 0.01, 0, 3 * one - 0.01),
            "2026-05": (0, 0, 0, 0, -two + 0.01, one),
            "2026-06": (0, 0, 0, 0, 0, one),
            "2026-07": (0, 0, 0, 0, 0, one),
        }
        self.assertEqual(list(months), list(expected))
        for month, values in expected.items():
            for got, wanted in zip(months[month], values, strict=True):
                self.assertAlmostEqual(got, wanted, 2, month)
        [[arr]] = self._report("month")._read_group(
            [("plan_id", "=", self.plan.id), ("month", "=", "2026-07-01")],
            [],
            ["arr:sum"],
        )
        self.assertAlmostEqual(arr, 12 * one, 2)

    @freeze_time("2026-07-15")
    def test_churn_is_what_ended_of_what_was_there(self):
        """A pause is no churn; over months both sides are summed first."""
        self._live_through()
        months = self._months("churn:avg", "subscribers:sum")
        self.assertEqual(months["2026-03"], (0.0, 2))
        self.assertEqual(months["2026-05"], (50.0, 1))
        [[churn, subscribers]] = self._report("month")._read_group(
            [("plan_id", "=", self.plan.id), ("month", ">=", "2026-04-01")],
            [],
            ["churn:avg", "subscribers:sum"],
        )
        self.assertAlmostEqual(churn, 100 * 1 / (2 + 2 + 1 + 1))
        self.assertAlmostEqual(subscribers, (2 + 1 + 1 + 1) / 4)

    @freeze_time("2026-07-15")
    def test_a_figure_opens_the_records_behind_it(self):
        first, second = self._live_through()
        month = self._report("month").search(
            [("plan_id", "=", self.plan.id), ("month", "=", "2026-04-01")]
        )
        action = month.action_open_subscriptions()
        found = self.env["subscription.subscription"].search(action["domain"])
        self.assertEqual(found & (first + second), first + second)
        later = self._report("month").search(
            [("plan_id", "=", self.plan.id), ("month", "=", "2026-06-01")]
        )
        found = self.env["subscription.subscription"].search(
            later.action_open_subscriptions()["domain"]
        )
        self.assertEqual(found & (first + second), second)
        movements = self._report("movement").search(
            month.action_open_movements()["domain"]
        )
        self.assertEqual(movements.mapped("movement"), ["back"])
        self.assertEqual(movements.action_open_record()["res_id"], first.id)

    @freeze_time("2026-07-15")
    def test_a_customer_who_returns_is_back_and_not_new(self):
        self._live_through()
        with freeze_time("2026-06-10"):
            again = self._create_subscription("2026-06-10")
        row = self._report("movement").search([("subscription_id", "=", again.id)])
        self.assertEqual(row.movement, "back")

    @freeze_time("2026-07-15")
    def test_a_cohort_keeps_those_who_did_not_end(self):
        """Retention: both in January, one left from the fourth month on."""
        first, second = self._live_through()
        rows = self._report("cohort").search(
            [("plan_id", "=", self.plan.id), ("cohort", "=", "2026-01-01")],
            order="age",
        )
        self.assertEqual(rows.mapped("kept"), [2, 2, 2, 2, 1, 1, 1])
        self.assertEqual(rows[-1].retention, 50.0)
        kept = self.env["subscription.subscription"].search(
            rows[4].action_open_subscriptions()["domain"]
        )
        self.assertEqual(kept & (first + second), second)
        [[share]] = self._report("cohort")._read_group(
            [("plan_id", "=", self.plan.id), ("age", "=", 5)], [], ["retention:avg"]
        )
        self.assertEqual(share, 50.0)

    def test_the_funnel_says_what_became_of_failed_charges(self):
        with freeze_time("2026-03-01"):
            good = self._create_subscription("2026-03-01")
            bad = self._create_subscription("2026-03-01")
            self._run_billing()
            with self._provider_answers("done", "fail"):
                self._run_cron("ir_cron_charge")
        charges = (good + bad).charge_ids
        failed = charges.filtered("attempts")
        self.assertEqual(len(failed), 1)
        self.assertEqual(self._stages(failed), ["1_asked", "2_failed", "5_trying"])
        self.assertEqual(self._stages(charges - failed), ["1_asked"])
        with freeze_time("2026-03-04"), self._provider_answers("done"):
            self._run_cron("ir_cron_charge")
        self.assertEqual(
            self._stages(failed), ["1_asked", "2_failed", "3_again", "4_recovered"]
        )
        row = self._report("funnel").search([("charge_id", "=", failed.id)], limit=1)
        self.assertEqual(row.amount, 15.00)
        self.assertEqual(row.action_open_record()["res_id"], failed.id)

    def _stages(self, charge):
        rows = self._report("funnel").search([("charge_id", "=", charge.id)])
        return sorted(rows.mapped("stage"))

    def test_cash_is_counted_from_the_anchor_day(self):
        """31 January, 28 February, 31 March: the same days as the billing."""
        with freeze_time("2026-01-15"):
            planned = self._create_subscription("2026-01-31")
            rows = self._report("cash").search(
                [("subscription_id", "=", planned.id)], order="date"
            )
            self.assertEqual(
                [(row.date, row.source, row.amount) for row in rows],
                [
                    (date(2026, 1, 31), "planned", 15.0),
                    (date(2026, 2, 28), "planned", 15.0),
                    (date(2026, 3, 31), "planned", 15.0),
                ],
            )
        with freeze_time("2026-02-01"):
            self._run_billing()
            planned._cancel(date(2026, 3, 31))
            rows = self._report("cash").search(
                [("subscription_id", "=", planned.id), ("source", "=", "planned")]
            )
            self.assertEqual(rows.mapped("date"), [date(2026, 2, 28)])

    def test_an_open_invoice_is_expected_once_and_stands_late_in_this_week(self):
        with freeze_time("2026-03-01"):
            subscription = self._create_subscription("2026-03-01", collection="invoice")
            self._run_billing()
        with freeze_time("2026-03-20"):
            rows = self._report("cash").search(
                [("subscription_id", "=", subscription.id), ("move_id", "!=", False)]
            )
            self.assertEqual(rows.source, "late")
            self.assertEqual(rows.date, date(2026, 3, 20))
            self.assertEqual(rows.move_id, subscription.period_ids.move_id)
            first = self._report("cash").search(
                [("subscription_id", "=", subscription.id), ("source", "=", "planned")],
                order="date",
                limit=1,
            )
            self.assertEqual(first.date, date(2026, 4, 1))

    @freeze_time("2026-07-15")
    def test_every_card_has_a_number_and_opens_its_report(self):
        self._live_through()
        cards = (
            self.env["subscription.figure"]
            .with_user(self.office)
            .search([("company_id", "=", self.company.id)])
        )
        values = {card.key: card.value for card in cards}
        self.assertEqual(len(values), 8)
        self.assertIn("12.40", values["mrr"])
        self.assertIn("148.80", values["arr"])
        self.assertEqual(values["subscribers"], "1")
        for card in cards:
            self.assertTrue(card.explanation)
            self.assertTrue(json.loads(card.graph)[0]["values"])
            action = card.action_open()
            self.assertEqual(action["type"], "ir.actions.act_window")

    def test_figures_are_for_the_office_and_its_companies(self):
        """Rights: no figure for other users, none of another company."""
        other = self.env["res.company"].create({"name": "Another Club"})
        stranger = new_test_user(
            self.env,
            "subscription_stranger",
            "subscription_connector.group_subscription_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        clerk = new_test_user(self.env, "subscription_clerk", "base.group_user")
        self._create_subscription("2026-01-31")
        for name in ("movement", "month", "cohort", "funnel", "cash"):
            report = self.env[f"subscription.{name}.report"]
            found = report.with_user(stranger).search(
                [("company_id", "=", self.company.id)]
            )
            self.assertFalse(found, name)
            with self.assertRaises(AccessError):
                report.with_user(clerk).search([])
        figures = self.env["subscription.figure"].with_user(stranger).search([])
        self.assertEqual(figures.company_id, other)
