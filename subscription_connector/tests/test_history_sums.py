from datetime import date, timedelta
from random import Random

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.subscription_connector.models.subscription_history_mark import (
    BLOCK_BITS,
)
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

#: Kinds of events, with what the recurring revenue may change by.
KINDS = {
    "started": (12.40, 30.00),
    "imported": (12.40, 30.00),
    "changed": (-3.00, 3.00, 0.00),
    "paused": (-12.40,),
    "resumed": (12.40,),
    "charge_failed": (0.00,),
    "cancelled": (-12.40, 0.00),
    "expired": (-12.40,),
}
STEPS = 60


@tagged("post_install", "-at_install")
class TestHistorySums(SubscriptionCommon):
    """The figures are those of the history, whatever was added up before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sums = cls.env["subscription.history.sum"]
        cls.marks = cls.env["subscription.history.mark"]
        cls.other_plan = cls._create_plan(name="Other plan")
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(12)]
        )
        one = cls._create_subscription("2026-01-01", collection="invoice")
        cls.env.flush_all()
        # Some in each of three blocks; their numbers are far above the sequence's.
        first = (100 + one.id // 2**BLOCK_BITS) * 2**BLOCK_BITS
        cls.ids = [
            first + block * 2**BLOCK_BITS + n for block in range(3) for n in range(8)
        ]
        for number, new_id in enumerate(cls.ids):
            cls._copy_row(
                "subscription_subscription",
                one.id,
                id=new_id,
                name=f"copy-{number}",
                partner_id=cls.people[number % 12].id,
            )
        cls.subscriptions = cls.env["subscription.subscription"].browse(cls.ids)

    @classmethod
    def _copy_row(cls, table, record_id, **changes):
        cls.env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            [table],
        )
        names = [name for (name,) in cls.env.cr.fetchall()]
        cls.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL(", ").join(
                    SQL("%s", changes[name])
                    if name in changes
                    else SQL.identifier(name)
                    for name in names
                ),
                SQL.identifier(table),
                record_id,
            )
        )

    # === COMPARING === #

    def _rows(self, query, columns):
        """Return what a query adds up to, by its key."""
        return self.env.execute_query(
            SQL(
                "SELECT company_id, plan_id, currency_id, month, %s FROM (%s) part "
                "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
                columns,
                query,
            )
        )

    def _check(self, what):
        """Compare what is kept, and what the reports say, with the history itself."""
        for kept, live, columns in (
            (
                self.sums._get_movements_query(),
                self.sums._get_movements_of(),
                SQL("movement, SUM(amount), SUM(number)"),
            ),
            (
                self.sums._get_lives_query(),
                self.sums._get_lives_of(),
                SQL("month_end, SUM(number)"),
            ),
        ):
            self.assertEqual(self._rows(kept, columns), self._rows(live, columns), what)
        groups = ["date:month", "movement", "plan_id"]
        report = self.env["subscription.movement.report"].with_user(self.office)
        summed = report._read_group([], groups, ["amount:sum", "__count"])
        # A condition on single records, which is always true.
        single = [("subscription_id", "!=", False)]
        plain = report._read_group(single, groups, ["amount:sum", "__count"])
        self.assertEqual(len(summed), len(plain), what)
        for one, other in zip(summed, plain, strict=True):
            self.assertEqual(one[:3] + one[4:], other[:3] + other[4:], what)
            self.assertAlmostEqual(one[3], other[3], 2, what)

    # === WHAT HAPPENS === #

    def _add_events(self, random, count):
        vals_list = []
        for _number in range(count):
            subscription = random.choice(self.subscriptions)
            kind = random.choice(list(KINDS))
            vals_list.append(
                {
                    "subscription_id": subscription.id,
                    "company_id": self.company.id,
                    "partner_id": subscription.partner_id.id,
                    "plan_id": subscription.plan_id.id,
                    "currency_id": subscription.currency_id.id,
                    "kind": kind,
                    "date": date(2025, 1, 1) + timedelta(days=random.randrange(600)),
                    "mrr_after": random.choice(KINDS[kind]),
                }
            )
        self.env["subscription.event"].sudo().create(vals_list)

    def _change_plan(self, random):
        subscription = random.choice(self.subscriptions)
        plans = self.plan + self.other_plan
        subscription._write_by_method({"plan_id": (plans - subscription.plan_id).id})

    def _merge_customers(self, random):
        """As Odoo merges customers: their records are moved by SQL."""
        people = self.people.exists()
        if len(people) < 4:
            return
        source, target = random.sample(list(people), 2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source + target).ids, target, extra_checks=False
        )
        self.env.invalidate_all()

    def _lose_an_event(self, random):
        """As somebody may who repairs the database by hand."""
        event = random.choice(self.subscriptions.event_ids or [None])
        if event:
            self.env.cr.execute(
                SQL("DELETE FROM subscription_event WHERE id = %s", event.id)
            )
            self.env.invalidate_all()

    def _forget_a_customer(self, random):
        """As the database does when a customer of the past is deleted."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE subscription_event SET partner_id = NULL WHERE partner_id = %s",
                random.choice(self.people.exists()).id,
            )
        )
        self.env.invalidate_all()

    def _add_up(self, _random=None):
        self._run_cron("ir_cron_add_up")
        self.assertFalse(self.marks._get_blocks())

    def test_random_histories_add_up_to_what_they_are(self):
        """Late events, merged customers, lost rows: never a figure that differs."""
        for seed in range(3):
            random = Random(seed)  # noqa: S311 (a history that can be repeated)
            self._add_events(random, 100)
            for _step in range(STEPS):
                what = random.choice(
                    (
                        self._add_events_few,
                        self._add_events_few,
                        self._change_plan,
                        self._merge_customers,
                        self._lose_an_event,
                        self._forget_a_customer,
                        self._add_up,
                        self._add_up,
                    )
                )
                what(random)
                self._check(f"seed {seed}, after {what.__name__}")

    def _add_events_few(self, random):
        self._add_events(random, random.randint(1, 3))

    def test_an_event_that_arrives_late_counts_at_once(self):
        """An end of last year makes one who began in January a customer of before."""
        self._add_up()
        first, second = self.subscriptions[0], self.subscriptions[-1]
        person = self.people[0]
        (first + second)._write_by_method({"partner_id": person.id})
        self._log(second, "started", "2026-01-10", 12.40)
        self._add_up()
        self.assertEqual(self._movements(), {"new": 12.40})
        self._log(first, "cancelled", "2025-12-10", 0.00)
        self.assertEqual(len(self.marks._get_blocks()), 2, "the one who is back, too")
        self.assertEqual(self._movements(), {"back": 12.40})
        self._add_up()
        self.assertEqual(self._movements(), {"back": 12.40})

    def _log(self, subscription, kind, day, amount):
        self.env["subscription.event"].sudo().create(
            subscription._prepare_event_vals(kind, 0.0, amount) | {"date": day}
        )

    def _movements(self):
        return {
            kind: amount
            for kind, amount in self.env["subscription.movement.report"]
            .with_user(self.office)
            ._read_group(
                [("date", ">=", "2026-01-01"), ("date", "<=", "2026-01-31")],
                ["movement"],
                ["amount:sum"],
            )
            if kind != "paused"
        }

    def test_a_charge_leaves_the_sums_alone(self):
        """What changes no figure makes no work."""
        self._add_up()
        self._log(self.subscriptions[0], "charge_failed", "2026-01-10", 0.00)
        self.subscriptions[0]._write_by_method({"date_cancel": "2026-09-01"})
        self.assertFalse(self.marks._get_blocks())

    def test_days_within_a_month_are_read_from_the_events(self):
        self._log(self.subscriptions[0], "started", "2026-01-10", 12.40)
        self._log(self.subscriptions[1], "started", "2026-01-20", 30.00)
        report = self.env["subscription.movement.report"].with_user(self.office)
        for domain, amount in (
            ([("date", ">=", "2026-01-11"), ("date", "<", "2026-02-01")], 30.00),
            ([("date", ">", "2025-12-31"), ("date", "<=", "2026-01-31")], 42.40),
            ([("date", "=", "2026-01-10")], 12.40),
        ):
            rows = report._read_group(domain, [], ["amount:sum", "__count"])
            self.assertAlmostEqual(rows[0][0], amount, 2, domain)

    def test_what_another_changes_meanwhile_is_not_forgotten(self):
        """A mark that the adding up did not see stays; two real transactions."""
        block = 2**30 >> BLOCK_BITS  # of no subscription
        database = db_connect(self.env.cr.dbname)
        with database.cursor() as mine, database.cursor() as other:
            sums = api.Environment(mine, SUPERUSER_ID, {})["subscription.history.sum"]
            mine.execute("SELECT 1")  # from here on it sees nothing new
            other.execute(
                "INSERT INTO subscription_history_mark (block) VALUES (%s)", [block]
            )
            other.commit()
            sums._add_up(block)
            mine.commit()
            self.assertIn(block, sums.env["subscription.history.mark"]._get_blocks())
            sums._add_up(block)
            mine.commit()
            self.assertNotIn(block, sums.env["subscription.history.mark"]._get_blocks())

    def test_the_sums_are_for_nobody_but_the_reports(self):
        """Rights: the office reads figures, not the sums of other companies."""
        for model in (self.sums, self.marks):
            self.assertFalse(model.with_user(self.office).has_access("read"))
