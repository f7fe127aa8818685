from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..engine import proration, schedule
from ..engine.schedule import Span


class SubscriptionSubscription(models.Model):
    """Another plan, other products or quantities: at once or when the period ends.

    A change at once is settled to the cent for the days that were billed already: what
    they cost before is given back and what they cost now is billed, on one document.
    """

    _inherit = "subscription.subscription"

    change_ids = fields.One2many("subscription.change", "subscription_id")
    change_planned_id = fields.Many2one(
        "subscription.change", string="Planned Change", compute="_compute_change"
    )
    date_change = fields.Date(string="Changes on", compute="_compute_change")

    @api.depends("change_ids.state", "change_ids.date")
    def _compute_change(self):
        for subscription in self:
            change = subscription._get_planned_change()
            subscription.change_planned_id = change
            subscription.date_change = change.date

    def _get_planned_change(self):
        return self.change_ids.filtered(lambda change: change.state == "planned")[:1]

    # === ACTIONS === #

    def action_change(self):
        """Open the dialog that asks for the new plan or quantities, with a preview."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change %(name)s", name=self.name),
            "res_model": "subscription.change.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_subscription_id": self.id},
        }

    def action_undo_change(self):
        """Button: drop a change that is planned."""
        self.check_access("write")
        for subscription in self.filtered("change_planned_id"):
            change = subscription.change_planned_id
            # Sudo: changes are written by this method and the one that makes them.
            change.sudo().state = "dropped"
            subscription._log_event("change_undone", note=change.plan_id.name)
        return True

    # === WHAT IT WILL BE === #

    def _get_change_rows(self, plan):
        """Return the lines that a plan brings, priced for this customer.

        :rtype: list[dict]
        """
        self.ensure_one()
        date = self._get_today()
        lang = self.partner_id.lang
        return [
            {
                "sequence": line.sequence,
                "product_id": line.product_id.id,
                "name": line.with_context(lang=lang).name,
                "quantity": line.quantity,
                "price_unit": line._get_price(
                    self.currency_id, date, self.pricelist_id
                ),
                "discount": 0.0,
                "line_id": False,
            }
            for line in plan.line_ids
            if not line.is_one_time
        ]

    def _get_change_day(self, mode):
        """Return the first day with the new terms.

        :param mode: ``now`` or ``period``
        """
        self.ensure_one()
        today = self._get_today()
        if mode == "now" or self.state == "planned":
            return max(today, self.date_start) if self.state == "planned" else today
        if self.billing_time == "arrears":
            return max(self.date_next or today, today)
        return max(self._get_paid_to() or today, today)

    def _check_change(self, plan, rows):
        """Refuse a change that cannot be made.

        :raises UserError: saying why
        """
        self.ensure_one()
        if self.collection == "outside":
            raise UserError(
                self.env._("An outside service bills this: change it there.")
            )
        if self.state not in ("planned", "active"):
            raise UserError(self.env._("Only what runs can be changed."))
        if self.date_cancel:
            raise UserError(self.env._("It is cancelled: undo that first."))
        if self.change_planned_id:
            raise UserError(
                self.env._("A change is planned already: drop that one first.")
            )
        if plan.connection_id or plan.company_id != self.company_id:
            raise UserError(self.env._("This plan cannot be chosen here."))
        if not rows:
            raise UserError(self.env._("Add at least one product."))

    # === MONEY === #

    def _make_lines(self, rows):
        """Return lines for ``rows`` that exist in memory only, to price them."""
        prepare = self.env["subscription.change.line"]._prepare_subscription_line_vals
        line_model = self.env["subscription.line"]
        return [
            line_model.new(prepare(row) | {"subscription_id": self.id}) for row in rows
        ]

    def _get_new_total(self, rows):
        """Return what ``rows`` cost per period, tax included."""
        return sum(
            line._compute_totals(line.price_unit, line.discount)["total_included"]
            for line in self._make_lines(rows)
        )

    def _is_same_interval(self, plan):
        return (plan.interval_count, plan.interval_unit) == (
            self.interval_count,
            self.interval_unit,
        )

    def _get_change_preview(self, plan, rows, mode):
        """Say what a change means: from when, how much, and what is settled now.

        :rtype: list[str]
        """
        self.ensure_one()
        day = self._get_change_day(mode)
        total = self._get_new_total(rows)
        label = self.env["subscription.plan"]._get_interval_label
        texts = [
            self.env._(
                "From %(day)s: %(new)s %(new_interval)s, instead of %(old)s "
                "%(old_interval)s.",
                day=format_date(self.env, day),
                new=self._format_money(total),
                new_interval=label(plan.interval_count, plan.interval_unit),
                old=self._format_money(self.amount_total),
                old_interval=self.interval_label,
            )
        ]
        if mode == "now" and self.state == "active" and self.date_paid_to:
            texts += self._get_settlement_texts(plan, rows, day)
        return texts

    def _get_settlement_texts(self, plan, rows, day):
        if not self._is_same_interval(plan):
            credit = self._get_credit_amount(self._get_first_unused_day(day))
            return [
                self.env._(
                    "A new period begins today. The rest of the present one, "
                    "%(amount)s, is credited.",
                    amount=self._format_money(credit),
                )
            ]
        old, new = self._get_difference(rows, day)
        amount = self.currency_id.round(new - old)
        if self.currency_id.is_zero(amount):
            return []
        if amount > 0:
            return [
                self.env._(
                    "An invoice of %(amount)s follows for the days that were billed "
                    "already.",
                    amount=self._format_money(amount),
                )
            ]
        return [
            self.env._(
                "A credit note of %(amount)s follows for the days that were billed "
                "already.",
                amount=self._format_money(-amount),
            )
        ]

    def _get_difference(self, rows, day):
        """Return what the billed days from ``day`` on cost before and will cost."""
        new = 0.0
        for whole, span in self._get_changed_spans(day):
            for line in self._make_lines(rows):
                vals = self._prepare_new_part_vals(line, whole, span)
                taxes = self.env["account.tax"].sudo().browse(vals["tax_ids"][0][2])
                new += taxes.compute_all(
                    vals["price_unit"],
                    currency=self.currency_id,
                    product=line.product_id,
                    partner=self.partner_invoice_id,
                )["total_included"]
        return self._get_credit_amount(day), new

    def _get_changed_spans(self, day):
        """Return (whole period, its days from ``day`` on) for each billed period."""
        found = []
        for period in self._get_billed_periods().filtered(
            lambda period: period.kind == "regular" and not period.is_trial
        ):
            span = proration.overlap(Span(period.date_from, period.date_to), day, None)
            if span:
                found.append((self._get_whole(period), span))
        return found

    def _get_whole(self, period):
        """Return the full period that a billed one is, or is a part of."""
        interval = self._get_interval()
        first = schedule.boundary(period.date_to, interval, -1)
        # A month that was cut to its last day is a few days off, and whole.
        is_stub = (period.date_from - first).days > 3
        return Span(first if is_stub else period.date_from, period.date_to)

    # === BUSINESS METHODS === #

    def _plan_change(self, plan, rows, mode="period"):
        """Change to ``plan`` with the lines ``rows``, at once or at the period's end.

        :param list rows: what it has from then on (see :meth:`_get_change_rows`)
        :param mode: ``now`` or ``period``
        :return: the change
        """
        self.ensure_one()
        self._check_change(plan, rows)
        change = self._create_change(plan, rows, self._get_change_day(mode))
        if mode == "now" or self.state == "planned":
            self._apply_change(change)
        else:
            self._log_event("change_set", note=plan.name)
        return change

    def _create_change(self, plan, rows, day, version=None):
        # Sudo: a change is made by this method only, for staff and for members.
        return (
            self.env["subscription.change"]
            .sudo()
            .create(
                {
                    "subscription_id": self.id,
                    "plan_id": plan.id,
                    "version_id": version and version.id,
                    "date": day,
                    "line_ids": [Command.create(row) for row in rows],
                }
            )
        )

    def _apply_change(self, change):
        """Give the subscription its new lines, and settle the days billed already."""
        self.ensure_one()
        before, types = self.amount_month, self.sudo().plan_id.customer_type_id
        day, today = change.date, self._get_today()
        is_settled = self.state == "active" and day <= today and self._is_billed(day)
        self._bill_used_days(day)
        if is_settled and not self._is_same_interval(change.plan_id):
            self._credit_days(self._get_first_unused_day(day))
            self._release_periods(day)
            is_settled = False
        old = self.sudo()._get_billed_parts(day) if is_settled else []
        is_moved = self._set_plan_and_lines(change)
        if is_moved:
            self._restart_for_change(day)
        move = self._bill_difference(day, old) if is_settled else False
        # Sudo: as in _create_change.
        change.sudo().write({"state": "done", "move_id": move and move.id})
        self._log_event(
            "changed",
            before if self.state != "planned" else 0.0,
            self.amount_month if self.state != "planned" else 0.0,
            note=change.plan_id.name,
        )
        self._follow_customer_type(types)

    def _is_billed(self, day):
        return bool(self.date_paid_to and self.date_paid_to > day)

    def _release_periods(self, day):
        """Let periods that were given back from ``day`` on be billed anew."""
        # Sudo: period rows are written by the billing alone.
        self.sudo()._get_billed_periods().filtered(
            lambda period: period.date_to > day
        ).is_credited = True

    def _set_plan_and_lines(self, change):
        """Write plan and lines; fees that were billed once stay as they are.

        :return: whether the calendar has to begin anew
        """
        self.ensure_one()
        is_moved = not self._is_same_interval(change.plan_id) or (
            self.plan_id != change.plan_id and bool(change.plan_id.period_count)
        )
        line_model = self.env["subscription.change.line"]
        kept = change.line_ids.line_id
        commands = [
            Command.delete(line.id)
            for line in self.line_ids - kept
            if not line.is_one_time
        ]
        for row in change.line_ids:
            vals = line_model._prepare_subscription_line_vals(
                {name: row[name] for name in ("sequence", "name", "quantity")}
                | {"price_unit": row.price_unit, "discount": row.discount}
                | {"product_id": row.product_id.id}
            )
            commands.append(
                Command.update(row.line_id.id, vals)
                if row.line_id
                else Command.create(vals)
            )
        values = {"line_ids": commands}
        if self.plan_id != change.plan_id:
            values |= {"plan_id": change.plan_id.id, "intro_discount": 0.0}
        self._write_by_method(values)
        return is_moved or self.state == "planned"

    def _restart_for_change(self, day):
        self.ensure_one()
        if self.state == "planned":
            self._write_by_method(self._prepare_calendar_vals())
        else:
            self._write_by_method(self._prepare_anchor_vals(day, self.period_count))

    def _bill_difference(self, day, old):
        """Draft one document: the old price of billed days back, the new one on it.

        :param old: what was billed for them (see :meth:`_get_billed_parts`)
        """
        # Sudo: whoever may change a subscription causes this document.
        self_sudo = self.sudo()
        lines = []
        for _period, span, parts in old:
            lines += [
                self_sudo._prepare_part_vals(line, -amount, span)
                for line, amount in parts
            ]
        spans = self_sudo._get_changed_spans(day)
        for whole, span in spans:
            for line in self_sudo.line_ids.filtered(lambda line: not line.is_one_time):
                lines.append(self_sudo._prepare_new_part_vals(line, whole, span))
        if not spans:
            return self.env["account.move"]
        whole = Span(day, max(span.end for _whole, span in spans))
        origins = self_sudo.env["account.move"].union(
            *(period.move_id for period, _span, _parts in old)
        )
        return self_sudo._create_part_move(lines, whole, "proration", origins)

    def _prepare_new_part_vals(self, line, whole, span):
        taxes, price = line._get_taxes_and_price(line.price_unit)
        amount = line.quantity * price * (1 - (line.discount or 0.0) / 100)
        return {
            "product_id": line.product_id.id,
            "name": self._label_part(line.name, span),
            "quantity": 1.0,
            "price_unit": float(self._get_part(amount, whole, span)),
            "tax_ids": [Command.set(taxes.ids)],
            "subscription_line_id": line.id,
        }

    # === BILLING === #

    @api.model
    def _change_due(self):
        """Apply the changes whose day has come, after what was to be billed before."""
        is_due = self.env["res.company"]._get_billing_day_domain("date")
        domain = Domain("state", "in", ("planned", "active")) & Domain(
            "change_ids", "any", Domain("state", "=", "planned") & is_due
        )
        self._step_each(domain, "_apply_due_change")

    def _apply_due_change(self):
        self.ensure_one()
        change = self._get_planned_change()
        unbilled = self._get_first_unbilled_day(self.date_paid_to)
        if not (unbilled and unbilled < change.date):
            self._apply_change(change)

    def _get_due_spans(self):
        """Override to bill nothing at the old price that begins after a change."""
        spans = super()._get_due_spans()
        change = self._get_planned_change()
        return tuple(span for span in spans if not change or span.start < change.date)

    # === CAMPAIGNS === #

    def _get_campaign_rows(self, plan):
        """Return the lines of ``plan``, with the pieces that the customer has now."""
        self.ensure_one()
        rows = self._get_change_rows(plan)
        for row in rows:
            line = self.line_ids.filtered(
                lambda line, row=row: (
                    line.product_id.id == row["product_id"] and not line.is_one_time
                )
            )[:1]
            if line:
                row |= {
                    "quantity": line.quantity,
                    "discount": line.discount,
                    "line_id": line.id,
                }
        return rows

    def _get_first_period_from(self, day):
        """Return the first day on or after ``day`` on which a period begins."""
        self.ensure_one()
        calendar = self._get_calendar()
        start = self._get_first_unbilled_day(self.date_paid_to)
        while start and start < day:
            span = calendar.span(start)
            start = span and span.end
        end = self._get_end()
        return False if not start or (end and start >= end) else start
