from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import const
from ..engine import schedule
from .subscription_terms import TERMS


def _from_plan(kind, **kwargs):
    """A field that takes its value from the plan and keeps it."""
    return kind(
        default=None,  # the mixin's default would win over the plan
        compute="_compute_terms",
        store=True,
        readonly=False,
        precompute=True,
        **kwargs,
    )


class SubscriptionSubscription(models.Model):
    """What was agreed: trial, discount, calendar, minimum term, and what follows."""

    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.terms"]  # noqa: RUF012

    billing_time = _from_plan(fields.Selection)
    alignment = _from_plan(fields.Selection)
    trial_count = _from_plan(fields.Integer)
    trial_unit = _from_plan(fields.Selection)
    trial_price = _from_plan(fields.Monetary)
    intro_discount = _from_plan(fields.Float)
    intro_count = _from_plan(fields.Integer)
    minimum_count = _from_plan(fields.Integer)
    notice_count = _from_plan(fields.Integer)
    notice_unit = _from_plan(fields.Selection)
    cancel_mode = _from_plan(fields.Selection)
    pause_settlement = _from_plan(fields.Selection)
    debit_notice_days = _from_plan(fields.Integer)
    charge_time = _from_plan(fields.Selection)
    is_shipped = _from_plan(fields.Boolean)
    date_trial_end = fields.Date(
        string="Trial Until",
        readonly=True,
        copy=False,
        help="First day after the trial.",
    )
    date_bill_from = fields.Date(
        string="Billed from",
        readonly=True,
        copy=False,
        help="No day before this one is billed, apart from what was billed already.",
    )
    date_minimum = fields.Date(
        string="Bound Until",
        readonly=True,
        copy=False,
        help="First day after the minimum term.",
    )
    amount_next = fields.Monetary(string="Next Amount", compute="_compute_amount_next")

    @api.depends("plan_id")
    def _compute_terms(self):
        """Copy what the plan says today: a later change is for new customers."""
        for subscription in self:
            for name in TERMS:
                source = subscription.plan_id or subscription
                subscription[name] = source[name]
            if subscription.plan_id.trial_price:
                subscription.trial_price = subscription.plan_id.currency_id._convert(
                    subscription.plan_id.trial_price,
                    subscription.currency_id,
                    subscription.company_id,
                    subscription._get_today(),
                )

    @api.depends("date_next", "line_ids.amount_total", "intro_discount", "trial_price")
    def _compute_amount_next(self):
        for subscription in self:
            amount = subscription.amount_total
            if subscription.date_next and subscription.collection != "outside":
                span = subscription._get_calendar().span(
                    subscription._get_first_unbilled_day(subscription.date_paid_to)
                )
                amount = subscription._get_span_amount(span) if span else 0.0
            subscription.amount_next = amount

    # === CHANGING THEM === #

    def _change_terms(self, values):
        """Agree on other terms with a customer; the history keeps both.

        :param dict values: what it shall be; what is so already is left alone
        :raises UserError: for a subscription that has ended
        """
        for subscription in self:
            changed = {
                name: value
                for name, value in values.items()
                if subscription[name] != value
            }
            if not changed:
                continue
            if subscription.state in ("cancelled", "expired"):
                raise UserError(self.env._("This subscription has ended already."))
            before = {name: subscription._format_term(name) for name in changed}
            subscription._write_by_method(changed)
            subscription._log_event(
                "terms",
                note="; ".join(
                    f"{label}: {old} → {subscription._format_term(name)[1]}"
                    for name, (label, old) in before.items()
                ),
            )

    def _format_term(self, name):
        """Return label and value of a term in words.

        :rtype: tuple[str, str]
        """
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value, "")
        elif field.type == "boolean":
            value = self.env._("yes") if value else self.env._("no")
        return field._description_string(self.env), str(value)

    # === CALENDAR === #

    def _get_calendar(self):
        """Return the calendar that billing follows.

        :rtype: schedule.Calendar
        """
        self.ensure_one()
        return schedule.Calendar(
            anchor=self.date_anchor or self.date_start,
            interval=self._get_interval(),
            end=self._get_end() or None,
            trial_end=self.date_trial_end or None,
            in_arrears=self.billing_time == "arrears",
        )

    def _prepare_calendar_vals(self):
        """Return the dates that starting on ``date_start`` fixes."""
        self.ensure_one()
        first = self.date_start
        trial_end = False
        if self.trial_count:
            trial_end = first = (
                schedule.boundary(first, self._get_interval(), self.trial_count)
                if self.trial_unit == "period"
                else schedule.later(first, self.trial_count, self.trial_unit)
            )
        is_trial_billed = self.currency_id.compare_amounts(self.trial_price, 0.0) > 0
        values = self._prepare_anchor_vals(first, self.period_count) | {
            "date_trial_end": trial_end,
            "date_bill_from": self.date_start if is_trial_billed else first,
        }
        values["date_minimum"] = (
            schedule.boundary(
                values["date_anchor"],
                self._get_interval(),
                schedule.index_at(values["date_anchor"], self._get_interval(), first)
                + self.minimum_count,
            )
            if self.minimum_count
            else False
        )
        return values

    def _prepare_anchor_vals(self, first, count):
        """Return anchor and end of a calendar whose first regular day is ``first``.

        :param date first: the first day
        :param int count: number of periods it lasts, 0 for ever; a first period that
            is shorter counts as one
        """
        interval = self._get_interval()
        anchor = first
        if self.alignment == "calendar":
            anchor = schedule.calendar_anchor(first, interval)
        end = False
        if count:
            begun = schedule.index_at(anchor, interval, first)
            end = schedule.boundary(anchor, interval, begun + count)
        return {"date_anchor": anchor, "date_end": end, "date_bill_from": first}

    def _get_earliest_end(self, today):
        """Return the first day on which the customer may leave by the contract."""
        self.ensure_one()
        notice = schedule.later(today, self.notice_count, self.notice_unit)
        return max(filter(None, (notice, self.date_minimum)))

    def _get_charge_day(self, invoice_date):
        """Return the day on which the saved method is charged for an invoice.

        A direct debit is announced by its invoice (EPC rulebook 2025: 14 calendar days
        unless the mandate says fewer); cards are charged at once.
        """
        self.ensure_one()
        today = self.company_id._get_billing_day()
        if not self._is_direct_debit():
            return today
        return max(today, schedule.later(invoice_date, self.debit_notice_days, "day"))

    def _is_direct_debit(self):
        self.ensure_one()
        # Sudo: the kind of the method decides on a day, nothing of it leaves here.
        code = self.sudo().payment_token_id.payment_method_id.code
        return code in const.DIRECT_DEBIT_METHODS

    def _is_charged_first(self):
        """Whether an invoice of it is posted only once it is paid."""
        self.ensure_one()
        return (
            self.collection == "token"
            and self.charge_time == "before"
            and not self._is_direct_debit()
        )

    # === AMOUNTS === #

    def _count_regular(self):
        """Number of regular periods that were billed, the trial not counted."""
        self.ensure_one()
        return len(
            self.period_ids.filtered(
                lambda period: (
                    period.kind == "regular"
                    and not period.is_credited
                    and not period.is_trial
                )
            )
        )

    def _get_billed_lines(self, span, is_first):
        """Return what a span is billed for, line by line.

        :param span: a span of the calendar
        :param bool is_first: whether one-time fees are part of it
        :return: list of (line, share of its price, price or None)
        """
        self.ensure_one()
        share = self._get_calendar().share(span) if not span.is_trial else 1
        fees = self.line_ids.filtered("is_one_time")
        regular = self.line_ids - fees
        rows = [(line, share, None) for line in regular]
        if span.is_trial:
            first = regular[:1]
            rows = [(first, 1, self.trial_price / (first.quantity or 1.0))]
        if is_first:
            rows += [(line, 1, None) for line in fees._filter_unbilled()]
        return [row for row in rows if row[0]]

    def _get_intro_discount(self, index):
        """Return the discount on the ``index``-th regular period, from 0 on."""
        self.ensure_one()
        return self.intro_discount if index < self.intro_count else 0.0

    def _get_span_intro(self, span, earlier=()):
        """Return the discount at the start that a span has, in percent.

        :param tuple earlier: spans that are billed before it in the same run
        """
        self.ensure_one()
        if span.is_trial:
            return 0.0
        begun = sum(not other.is_trial for other in earlier)
        return self._get_intro_discount(self._count_regular() + begun)

    def _get_span_amount(self, span, earlier=()):
        """Return what the invoice of a span amounts to, tax included.

        :param tuple earlier: spans that are billed before it in the same run
        """
        self.ensure_one()
        intro = self._get_span_intro(span, earlier)
        total = 0.0
        for line, share, price in self._get_billed_lines(span, is_first=not earlier):
            discount = line._get_discount(0.0 if line.is_one_time else intro)
            total += line._compute_totals(
                line._get_part_price(share) if price is None else price,
                0.0 if price is not None else discount,
            )["total_included"]
        return total
