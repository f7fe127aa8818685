from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from .. import const
from ..engine import amounts

RUNNING = ("planned", "active", "paused")


class SubscriptionSubscription(models.Model):
    """The life of a subscription: states, dates, what happens next."""

    _inherit = "subscription.subscription"

    # === COMPUTES === #

    @api.depends(
        "line_ids.amount_untaxed",
        "line_ids.amount_total",
        "line_ids.is_one_time",
        "interval_count",
        "interval_unit",
        "collection",
        "outside_amount_untaxed",
        "outside_amount_total",
    )
    def _compute_amounts(self):
        for subscription in self:
            if subscription.collection == "outside":
                untaxed = subscription.outside_amount_untaxed
                total = subscription.outside_amount_total
            else:
                regular = subscription.line_ids.filtered(
                    lambda line: not line.is_one_time
                )
                untaxed = sum(regular.mapped("amount_untaxed"))
                total = sum(regular.mapped("amount_total"))
            subscription.amount_untaxed = untaxed
            subscription.amount_total = total
            subscription.amount_month = subscription._get_amount_month(untaxed)

    def _get_amount_month(self, untaxed):
        if not self.interval_unit or self.interval_count < 1:
            return 0.0
        return float(amounts.per_month(Decimal(str(untaxed)), self._get_interval()))

    @api.depends(
        "state",
        "collection",
        "outside_date_next",
        "date_start",
        "date_anchor",
        "date_bill_from",
        "date_trial_end",
        "billing_time",
        "date_end",
        "after_term",
        "date_cancel",
        "period_ids.date_to",
        "period_ids.kind",
        "period_ids.is_credited",
    )
    def _compute_date_next(self):
        """The day on which the first unbilled period is billed, if there is one."""
        for subscription in self:
            regular = subscription.period_ids.filtered(
                lambda period: period.kind == "regular" and not period.is_credited
            )
            paid_to = max(regular.mapped("date_to"), default=False)
            subscription.date_paid_to = paid_to
            if subscription.state not in RUNNING:
                subscription.date_next = False
            elif subscription.collection == "outside":
                subscription.date_next = subscription.outside_date_next
            else:
                first = subscription._get_first_unbilled_day(paid_to)
                calendar = subscription._get_calendar()
                span = first and calendar.span(first)
                subscription.date_next = span and calendar.due_day(span)

    def _get_first_unbilled_day(self, paid_to):
        """Return the first day that is not billed and may be, False when none is."""
        self.ensure_one()
        begin = self.date_bill_from or self.date_anchor or self.date_start
        first = max(filter(None, (paid_to, begin)), default=False)
        end = self._get_end()
        if first and end and first >= end:
            return False
        return first

    @api.depends(
        "state",
        "pause_kind",
        "collection",
        "date_next",
        "date_cancel",
        "date_end",
        "amount_total",
        "billing_error",
        "charge_ids.state",
        "charge_ids.date_next_try",
    )
    @api.depends_context("lang")
    def _compute_next_step(self):
        for subscription in self:
            subscription.next_step = subscription._get_next_step()

    def _get_next_step(self):
        """Answer what happens next, when and how much, in one sentence."""
        self.ensure_one()
        if self.state == "draft":
            return self.env._("Not started yet: choose Start.")
        if self.state in ("cancelled", "expired"):
            return self.env._("Ended: nothing more will be billed.")
        if stopped := self._get_stopped_step() or self._get_failed_step():
            return stopped
        if self.state == "paused":
            return self._get_next_step_paused()
        return self._get_next_billing() if self.date_next else self._get_last_step()

    def _get_stopped_step(self):
        """Say that billing stopped; what went wrong inside is for staff only."""
        error = self.sudo().billing_error
        if not error:
            return ""
        if self.env.user._is_internal():
            return self.env._("Billing stopped: %(error)s", error=error)
        return self.env._("The next invoice is late: we are looking into it.")

    def _get_failed_step(self):
        """Say what follows for a charge that failed, the one that comes first."""
        # Sudo: one sentence about it is for everybody who sees the subscription.
        failed = self.sudo().charge_ids.filtered(
            lambda charge: charge.state in ("retry", "stopped")
        )
        if not failed:
            return ""
        retried = failed.filtered("date_next_try").sorted("date_next_try")[:1]
        if retried:
            return self.env._(
                "The charge of %(invoice)s failed: next try on %(day)s.",
                invoice=retried._get_subject(),
                day=format_date(self.env, retried.date_next_try),
            )
        return self.env._(
            "The charge of %(invoice)s failed: no more tries, ask for another method.",
            invoice=failed[0]._get_subject(),
        )

    def _get_next_step_paused(self):
        if self.pause_kind == "payment":
            return self.env._(
                "Paused because the payment failed: nothing is billed until it is paid."
            )
        return self.env._("Paused on request: nothing is billed until it is resumed.")

    def _get_last_step(self):
        last_day = self._get_last_day()
        return self.env._(
            "Runs until %(day)s included, nothing more will be billed.",
            day=format_date(self.env, last_day) if last_day else "–",
        )

    def _get_next_billing(self):
        amount = format_amount(self.env, self.amount_next, self.currency_id)
        day = format_date(self.env, self.date_next)
        if self.collection == "outside":
            return self.env._(
                "%(service)s bills %(amount)s on %(day)s. Odoo does not bill this.",
                service=self.sudo().connection_id.name,
                amount=amount,
                day=day,
            )
        if self.collection == "invoice":
            return self.env._(
                "Invoice of %(amount)s on %(day)s, paid by the customer.",
                amount=amount,
                day=day,
            )
        return self.env._(
            "Invoice of %(amount)s on %(day)s, charged to %(method)s.",
            amount=amount,
            day=day,
            method=self.payment_method_label,
        )

    # === ACTIONS === #

    def action_start(self):
        """Start now, or plan the start when it lies in the future."""
        for subscription in self:
            subscription._check_can_start()
        self._start()
        return True

    # === BUSINESS METHODS === #

    def _update_state(self, allowed, target, **values):
        """Move to ``target`` from one of the ``allowed`` states.

        A record that is there already is left alone, so a repeat does nothing.

        :return: the records that were moved
        :raises UserError: when a record is in a state that does not allow it
        """
        moved = self.filtered(lambda subscription: subscription.state in allowed)
        wrong = self - moved
        wrong = wrong.filtered(lambda subscription: subscription.state != target)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is %(state)s, so this is not possible.",
                    name=wrong[0].name,
                    state=labels[wrong[0].state].lower(),
                )
            )
        if moved:
            moved._write_by_method({"state": target} | values)
        return moved

    def _log_event(self, kind, mrr_before=None, mrr_after=None, **values):
        """Add a row to the history; amounts stay equal unless given."""
        self.env["subscription.event"].sudo().create(
            [
                subscription._prepare_event_vals(kind, mrr_before, mrr_after) | values
                for subscription in self
            ]
        )

    def _prepare_event_vals(self, kind, mrr_before, mrr_after):
        self.ensure_one()
        current = self.amount_month if self.state in ("active", "paused") else 0.0
        return {
            "subscription_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "plan_id": self.plan_id.id,
            "currency_id": self.currency_id.id,
            "kind": kind,
            "date": self._get_today(),
            "user_id": self.env.uid,
            "mrr_before": current if mrr_before is None else mrr_before,
            "mrr_after": current if mrr_after is None else mrr_after,
        }

    def _check_can_start(self):
        """Name what is missing before anything is promised to a customer (L7).

        :raises UserError: naming the missing data
        """
        self.ensure_one()
        if not self.line_ids and self.collection != "outside":
            raise UserError(self.env._("Add at least one product."))
        if not self.date_start:
            raise UserError(self.env._("Choose a day to start on."))
        if self.collection == "token" and not self.sudo().payment_token_id:
            raise UserError(
                self.env._(
                    "Choose the saved payment method of %(partner)s, or let the "
                    "customer pay the invoices.",
                    partner=self.partner_id.display_name,
                )
            )

    def _start(self):
        """Fix the calendar and become planned or active, those of one day together."""
        alike = defaultdict(list)
        for subscription in self:
            is_later = subscription.date_start > subscription._get_today()
            values = subscription._prepare_calendar_vals()
            key = "planned" if is_later else "active", tuple(sorted(values.items()))
            alike[key].append(subscription.id)
        for (target, values), ids in alike.items():
            moved = self.browse(ids)._update_state(("draft",), target, **dict(values))
            if target == "planned":
                moved._log_event("planned", 0.0, 0.0)
            else:
                moved._log_event("started", 0.0)
        self._follow_customer_type()
        for subscription in self:
            subscription._send_confirmation()

    def _activate(self):
        """Begin what was planned."""
        for subscription in self._update_state(("planned",), "active"):
            subscription._log_event("started", 0.0, subscription.amount_month)
            subscription._follow_customer_type()

    # === CRONS === #

    @api.model
    def _begin_planned(self, batch_size=200):
        """Begin what was planned, pauses too, before the day's periods are claimed."""
        is_due = self.env["res.company"]._get_billing_day_domain("date_start")
        domain = Domain("state", "=", "planned") & is_due
        self._step_each(domain, "_activate", batch_size)
        self._change_due()
        self._pause_due()
        self._resume_due(batch_size)

    @api.model
    def _end_due(self, batch_size=200):
        """End what is over, after its last periods were claimed.

        An active one that still has periods to bill, after missed runs, waits. Pauses
        that waited for such periods begin now.
        """
        self._change_due()
        self._pause_due()
        self._resume_due(batch_size)
        billed = (
            Domain("state", "!=", "active")
            | Domain("collection", "=", "outside")
            | Domain("date_next", "=", False)
        )
        running = Domain("state", "in", RUNNING)
        is_due = self.env["res.company"]._get_billing_day_domain
        cancelled = running & is_due("date_cancel") & billed
        ends = Domain("after_term", "!=", "renew")
        expired = running & is_due("date_end") & ends & billed
        self._step_each(cancelled, "_end_cancelled", batch_size)
        self._step_each(expired, "_end_expired", batch_size)

    @api.model
    def _step_each(self, domain, method, batch_size=const.BITE):
        """Let each take a step of its life, as long as there is time."""
        seen = self.browse()
        while found := self.search(
            domain & Domain("id", "not in", seen.ids), order="id", limit=batch_size
        ):
            seen |= found
            for subscription in found:
                subscription._step_alone(domain, method)
                if not self.env["ir.cron"]._commit_progress():
                    return

    def _step_alone(self, domain, method):
        """Take one step; what fails keeps this one back and nobody else."""
        try:
            locked = self.try_lock_for_update().filtered_domain(domain)
            if locked:
                getattr(locked, method)()
            if locked.billing_error:
                locked._write_by_method(
                    {"billing_error": False, "date_billing_retry": False}
                )
        except SerializationFailure:
            # Somebody changed it meanwhile: it is its turn next time.
            self.env.cr.rollback()
            self.env.invalidate_all()
        except Exception as error:  # noqa: BLE001  (outermost loop)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._set_billing_error(error)

    def _get_last_day(self):
        """The last day the customer has it, for mails and pages."""
        self.ensure_one()
        end = self._get_end()
        return end and end - timedelta(days=1)
