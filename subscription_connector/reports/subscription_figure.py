import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date, formatLang

#: Months that a card's small graph shows.
MONTHS = 12

#: The age at which retention is told in one number, in months.
RETENTION_AGE = 12

#: Days back for which failed payments are counted.
FAILED_DAYS = 90

CARDS = [
    ("mrr", "Recurring revenue per month (MRR)"),
    ("arr", "Recurring revenue per year (ARR)"),
    ("subscribers", "Subscriptions"),
    ("movement", "Change this month"),
    ("churn", "Churn"),
    ("retention", "Kept after a year"),
    ("failed", "Failed payments"),
    ("cash", "Expected in four weeks"),
]

_ACTIONS = {
    "mrr": "subscription_month_report_action",
    "arr": "subscription_month_report_action",
    "subscribers": "subscription_month_report_action_subscribers",
    "movement": "subscription_movement_report_action",
    "churn": "subscription_month_report_action_churn",
    "retention": "subscription_cohort_report_action",
    "failed": "subscription_funnel_report_action",
    "cash": "subscription_cash_report_action",
}


class SubscriptionFigure(models.Model):
    """The cards of the page *Figures*: one number each, with how it got there.

    A card holds nothing itself: it reads the reports, and a click opens the report
    with the records behind the number.
    """

    _name = "subscription.figure"
    _description = "Key Figure"
    _auto = False
    _order = "company_id, id"
    _rec_name = "key"

    key = fields.Selection(CARDS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    value = fields.Char(compute="_compute_card")
    explanation = fields.Char(compute="_compute_card")
    graph = fields.Text(compute="_compute_card")

    @property
    def _table_query(self):
        cards = SQL(", ").join(
            SQL("(%s, %s)", number, key) for number, (key, _label) in enumerate(CARDS)
        )
        return SQL(
            "SELECT company.id * 100 + card.number AS id, company.id AS company_id, "
            "card.key FROM res_company company CROSS JOIN (VALUES %s) card "
            "(number, key) WHERE company.active",
            cards,
        )

    @api.depends("key", "company_id")
    @api.depends_context("lang")
    def _compute_card(self):
        months = {
            company: self._read_months(company) for company in self.mapped("company_id")
        }
        for figure in self:
            reader = getattr(figure, f"_read_{figure.key}", figure._read_standing)
            value, explanation, points = reader(months[figure.company_id])
            figure.value = value
            figure.explanation = explanation
            figure.graph = json.dumps([{"key": figure.key, "values": points}])

    def action_open(self):
        """Open the report behind the card."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"subscription_connector.{_ACTIONS[self.key]}"
        )
        return action | {"domain": [("company_id", "=", self.company_id.id)]}

    # === READERS: value, explanation, points of the graph === #

    @api.model
    def _read_months(self, company):
        """Return the last twelve months, oldest first: their figures by name."""
        today = company._get_billing_day()
        names = ("mrr", "arr", "mrr_before", *self._get_movement_codes())
        counts = ("subscribers", "subscribers_before", "started", "ended", "churn")
        rows = (
            self.env["subscription.month.report"]
            .with_company(company)
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("month", ">", today - relativedelta(months=MONTHS, day=1)),
                ],
                ["month:month"],
                [f"{name}:sum_currency" for name in names]
                + [f"{name}:{'avg' if name == 'churn' else 'sum'}" for name in counts],
            )
        )
        found = {
            row[0]: dict(zip((*names, *counts), row[1:], strict=True)) for row in rows
        }
        empty = dict.fromkeys((*names, *counts), 0) | {"churn": None}
        months = [
            today + relativedelta(months=back, day=1) for back in range(1 - MONTHS, 1)
        ]
        return [found.get(month, empty) | {"month": month} for month in months]

    def _get_movement_codes(self):
        return self.env["subscription.month.report"]._get_movement_codes()

    def _read_standing(self, months):
        """Read MRR and ARR."""
        now = months[-1]
        change = now["mrr"] - now["mrr_before"]
        if self.key == "arr":
            explanation = self.env._("Twelve times the recurring revenue per month.")
        else:
            explanation = self.env._(
                "%(change)s since the month began.", change=self._signed(change)
            )
        return self._money(now[self.key]), explanation, self._points(months, self.key)

    def _read_subscribers(self, months):
        now = months[-1]
        return (
            formatLang(self.env, now["subscribers"] or 0, digits=0),
            self.env._(
                "%(started)s began and %(ended)s ended this month.",
                started=now["started"],
                ended=now["ended"],
            ),
            self._points(months, "subscribers"),
        )

    def _read_movement(self, months):
        now = months[-1]
        labels = dict(
            self.env["subscription.movement.report"]
            ._fields["movement"]
            ._description_selection(self.env)
        )
        parts = [
            f"{labels[code]} {self._signed(now[code])}"
            for code in self._get_movement_codes()
            if now[code]
        ]
        net = [
            month
            | {"net": sum(month[code] or 0 for code in self._get_movement_codes())}
            for month in months
        ]
        return (
            self._signed(net[-1]["net"]),
            " · ".join(parts) or self.env._("Nothing changed yet."),
            self._points(net, "net"),
        )

    def _read_churn(self, months):
        """Tell the churn of the last whole month: this one is not over."""
        last = months[-2]
        return (
            self._percent(last["churn"]),
            self.env._(
                "%(ended)s of %(before)s ended in %(month)s; this month: %(now)s.",
                ended=last["ended"],
                before=last["subscribers_before"],
                month=format_date(self.env, last["month"], date_format="MMMM"),
                now=self._percent(months[-1]["churn"]),
            ),
            self._points(months, "churn"),
        )

    def _read_retention(self, _months):
        rows = self.env["subscription.cohort.report"]._read_group(
            [("company_id", "=", self.company_id.id), ("age", "<=", RETENTION_AGE)],
            ["age"],
            ["kept:sum", "begun:sum", "retention:avg"],
        )
        points = [
            {"x": str(age), "y": round(share, 1)} for age, _kept, _begun, share in rows
        ]
        counted = {age: (kept, begun) for age, kept, begun, _share in rows}
        kept, begun = counted.get(RETENTION_AGE, (0, 0))
        if not begun:
            return (
                "–",
                self.env._("Nobody began a year ago."),
                points or [{"x": "", "y": 0}],
            )
        return (
            self._percent(100.0 * kept / begun),
            self.env._("%(kept)s of %(begun)s who began.", kept=kept, begun=begun),
            points,
        )

    def _read_failed(self, _months):
        since = self.company_id._get_billing_day() - relativedelta(days=FAILED_DAYS)
        rows = {
            stage: (amount or 0.0, count)
            for stage, amount, count in self.env["subscription.funnel.report"]
            .with_company(self.company_id)
            ._read_group(
                [("company_id", "=", self.company_id.id), ("date", ">=", since)],
                ["stage"],
                ["amount:sum_currency", "__count"],
            )
        }
        failed, recovered, trying, lost = (
            rows.get(stage, (0.0, 0))
            for stage in ("2_failed", "4_recovered", "5_trying", "6_lost")
        )
        labels = dict(
            self.env["subscription.funnel.report"]
            ._fields["stage"]
            ._description_selection(self.env)
        )
        explanation = self.env._(
            "No payment failed in %(days)s days.", days=FAILED_DAYS
        )
        if failed[1]:
            explanation = self.env._(
                "Of %(failed)s that failed in %(days)s days, %(recovered)s are paid, "
                "%(trying)s are tried again, %(lost)s given up.",
                failed=failed[1],
                days=FAILED_DAYS,
                recovered=recovered[1],
                trying=trying[1],
                lost=lost[1],
            )
        return (
            self._money(trying[0] + lost[0]),
            explanation,
            [
                {"label": label, "value": rows.get(stage, (0, 0))[1], "type": "past"}
                for stage, label in labels.items()
            ],
        )

    def _read_cash(self, _months):
        today = self.company_id._get_billing_day()
        rows = (
            self.env["subscription.cash.report"]
            .with_company(self.company_id)
            ._read_group(
                [("company_id", "=", self.company_id.id)],
                ["date:week", "source"],
                ["amount:sum_currency"],
            )
        )
        weeks, late = {}, 0.0
        for week, source, amount in rows:
            weeks[week] = weeks.get(week, 0.0) + amount
            late += amount if source == "late" else 0.0
        horizon = today + relativedelta(weeks=4)
        soon = sum(amount for week, amount in weeks.items() if week < horizon)
        return (
            self._money(soon),
            self.env._("%(late)s of it is late.", late=self._money(late)),
            [
                {
                    "label": format_date(self.env, week, date_format="d MMM"),
                    "value": round(amount, 2),
                    "type": "future",
                }
                for week, amount in sorted(weeks.items())
            ],
        )

    # === HELPERS === #

    def _points(self, months, name):
        return [
            {
                "x": format_date(self.env, month["month"], date_format="MMM yyyy"),
                "y": round(month[name] or 0.0, 2),
            }
            for month in months
        ]

    def _money(self, amount):
        return format_amount(self.env, amount or 0.0, self.company_id.currency_id)

    def _signed(self, amount):
        return f"{'+' if (amount or 0.0) >= 0 else ''}{self._money(amount)}"

    def _percent(self, share):
        if share is None or share is False:
            return "–"
        return f"{formatLang(self.env, share, digits=1)} %"
