from datetime import date, timedelta
from random import Random

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.subscription_connector.engine import schedule
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

TODAY = date(2026, 2, 10)
HORIZON = TODAY + timedelta(weeks=13)


@tagged("post_install", "-at_install")
class TestFiguresCash(SubscriptionCommon):
    """Expected cash, worked out by the database, against the engine of the billing."""

    def _draw(self, random):
        """Return the terms of a subscription, and the days it will be billed."""
        unit = random.choice(schedule.UNITS)
        interval = schedule.Interval(random.randint(1, 3), unit)
        anchor = date(2024, 1, 29) + timedelta(days=random.randrange(760))
        # Most are billed from a day of the grid, some from one between.
        first = schedule.boundary(
            anchor,
            interval,
            schedule.index_at(anchor, interval, TODAY) + random.randint(0, 1),
        ) + timedelta(days=random.choice((0, 0, 0, 3)))
        ends = random.choice((None, TODAY + timedelta(days=random.randrange(90))))
        days, n = [first], schedule.index_at(anchor, interval, first)
        while days[-1] < HORIZON:
            n += 1
            days.append(schedule.boundary(anchor, interval, n))
        stop = min(HORIZON, ends or HORIZON)
        values = {
            "interval_count": interval.count,
            "interval_unit": unit,
            "date_anchor": anchor,
            "date_next": first,
            "date_cancel": ends,
        }
        return values, [max(day, TODAY) for day in days if day < stop]

    def test_every_calendar_is_worked_out_as_it_is_billed(self):
        random = Random(3)  # noqa: S311 (a case that can be repeated)
        with freeze_time(TODAY):
            expected = {}
            for _number in range(60):
                values, days = self._draw(random)
                one = self._create_subscription("2026-02-10", collection="invoice")
                expected[one.id] = sorted(days)
                self.env.flush_all()
                self.env.cr.execute(
                    SQL(
                        "UPDATE subscription_subscription SET %s WHERE id = %s",
                        SQL(", ").join(
                            SQL("%s = %s", SQL.identifier(name), value)
                            for name, value in values.items()
                        ),
                        one.id,
                    )
                )
            self.env.invalidate_all()
            report = self.env["subscription.cash.report"].with_user(self.office)
            mine = [("subscription_id", "in", list(expected))]
            rows = report.search(mine, order="subscription_id, date")
            found = {one: [] for one in expected}
            for row in rows:
                found[row.subscription_id.id].append(row.date)
            self.assertEqual(found, expected)
            groups = (["date:day", "plan_id"], ["amount:sum", "__count"])
            company = [("company_id", "=", self.company.id)]
            summed = report._read_group(company, *groups)
            single = report._read_group(company + mine, *groups)
        self.assertEqual(summed, single)
        self.assertEqual(sum(row[-1] for row in summed), len(rows))
