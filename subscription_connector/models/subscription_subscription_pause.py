from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine import pause as pauses


class SubscriptionSubscription(models.Model):
    """Pausing: at once or from a day, until a day or until somebody resumes it.

    A pause on request and one after failed payments are the same state with two
    reasons. While it lasts nothing is billed or charged anew (L13).
    """

    _inherit = "subscription.subscription"

    pause_planned_id = fields.Many2one(
        "subscription.pause", string="Planned Pause", compute="_compute_pauses"
    )
    date_pause = fields.Date(string="Pauses on", compute="_compute_pauses")
    date_resume = fields.Date(string="Resumes on", compute="_compute_pauses")

    @api.depends(
        "state", "pause_ids.is_planned", "pause_ids.date_from", "pause_ids.date_resume"
    )
    def _compute_pauses(self):
        for subscription in self:
            planned = subscription._get_planned_pause()
            running = subscription._get_running_pause()
            subscription.pause_planned_id = planned
            subscription.date_pause = planned.date_from
            subscription.date_resume = (running or planned).date_resume

    def _get_planned_pause(self):
        return self.pause_ids.filtered("is_planned").sorted("date_from")[:1]

    def _get_running_pause(self):
        """Return the pause that lasts; none while the subscription runs."""
        if self.state != "paused":
            return self.pause_ids.browse()
        return self.pause_ids.filtered(
            lambda pause: not pause.is_planned and not pause.date_to
        )[:1]

    # === ACTIONS === #

    def action_pause(self):
        """Open the dialog that asks from when, until when, and shows the money."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause %(name)s", name=self.name),
            "res_model": "subscription.pause.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_subscription_id": self.id},
        }

    def action_resume(self):
        self._resume()
        return True

    def action_undo_pause(self):
        """Button: drop a pause that has not begun."""
        self.check_access("write")
        for subscription in self.filtered("pause_planned_id"):
            pause = subscription.pause_planned_id
            subscription._log_event("pause_undone", note=pause.display_name)
            # Sudo: rows of pauses are not deleted by hand; this one never began.
            pause.sudo().unlink()
        return True

    # === BUSINESS METHODS === #

    def _check_pause(self, date_from, date_resume):
        """Refuse a pause that cannot be kept.

        :raises UserError: saying why
        """
        self.ensure_one()
        if self.collection == "outside":
            raise UserError(
                self.env._("An outside service bills this: pause it there.")
            )
        if self.state not in ("planned", "active"):
            raise UserError(self.env._("Only what runs can be paused."))
        if date_from < self._get_today():
            raise UserError(self.env._("A pause cannot begin in the past."))
        if date_resume and date_resume <= date_from:
            raise UserError(self.env._("A pause lasts at least one day."))
        end = self._get_end()
        if end and date_from >= end:
            raise UserError(self.env._("It has ended before this pause begins."))
        if self.pause_planned_id:
            raise UserError(
                self.env._("A pause is planned already: drop that one first.")
            )

    def _plan_pause(self, date_from, date_resume=False, settlement=None):
        """Pause from a day on (today: at once), on request.

        :param date_resume: day on which it goes on by itself; none: until resumed
        :param settlement: what happens to billed days, by default what the plan says
        """
        for subscription in self:
            today = subscription._get_today()
            subscription._check_pause(date_from, date_resume)
            vals = {
                "date_from": date_from,
                "date_resume": date_resume,
                "settlement": settlement or subscription.pause_settlement,
            }
            if date_from <= today and subscription.state == "active":
                subscription._pause("requested", **vals)
                continue
            subscription._add_pause(vals | {"kind": "requested", "is_planned": True})
            subscription._log_event(
                "pause_set", note=subscription._get_planned_pause().display_name
            )

    def _pause(self, kind, **vals):
        """Stop billing and charging until it is resumed.

        :param kind: ``requested`` or ``payment``
        :param vals: values of the pause; by default it begins today, open-ended
        """
        for subscription in self:
            pause = {"kind": kind, "date_from": subscription._get_today()} | vals
            subscription._bill_used_days(pause["date_from"])
            if subscription._update_state(("active",), "paused", pause_kind=kind):
                subscription._add_pause(pause)
                subscription._log_paused()

    def _add_pause(self, vals):
        # Sudo: rows of pauses are written by these methods alone.
        self.env["subscription.pause"].sudo().create(
            vals | {"subscription_id": self.id}
        )

    def _log_paused(self):
        self._log_event("paused", self.amount_month, 0.0, note=self.pause_kind)

    def _begin_pause(self):
        """Begin the planned pause; after missed runs it counts from its own day."""
        for subscription in self:
            pause = subscription._get_planned_pause()
            subscription._bill_used_days(pause.date_from)
            subscription._update_state(("active",), "paused", pause_kind="requested")
            # Sudo: as in _add_pause.
            pause.sudo().is_planned = False
            subscription._log_paused()

    def _resume(self, day=None):
        """Go on from ``day`` (today): unbilled days of the pause are never billed.

        Billed days are credited or used afterwards, as was agreed for this pause.
        """
        for subscription in self:
            pause = subscription._get_running_pause()
            if not subscription._update_state(("paused",), "active", pause_kind=False):
                continue
            end = day or subscription._get_today()
            subscription._close_pause(pause, end)
            subscription._restart_calendar(pause, end)
            subscription._trim_planned_pause(end)
            subscription._log_event("resumed", 0.0, subscription.amount_month)

    def _close_pause(self, pause, end):
        """Note the end of a pause and give back what was agreed to be given back."""
        self.ensure_one()
        if not pause:
            return
        # Sudo: as in _add_pause.
        pause.sudo().date_to = max(end, pause.date_from)
        if pause.settlement == "credit":
            self._credit_days(pause.date_from, pause.date_to)

    def _restart_calendar(self, pause, end):
        """Count the periods from the day on which the customer pays again."""
        self.ensure_one()
        if self.collection == "outside":
            return
        anchor = pauses.anchor_after(
            self._get_paid_to() or None,
            pause.date_from or end,
            end,
            pause.settlement or "none",
        )
        if not anchor:
            return
        left = self.period_count and self.period_count - self._count_regular()
        values = self._prepare_anchor_vals(anchor, max(left, 0))
        if self.period_count and left <= 0:
            values["date_end"] = anchor
        self._write_by_method(values)

    def _trim_planned_pause(self, day):
        """Take the days before ``day`` off a planned pause: it was paused anyway."""
        pause = self._get_planned_pause()
        if not pause or pause.date_from >= day:
            return
        # Sudo: as in _add_pause; this one never began.
        if pause.date_resume and pause.date_resume <= day:
            pause.sudo().unlink()
        else:
            pause.sudo().date_from = day

    # === BILLING === #

    @api.model
    def _get_pause_due_domain(self):
        return Domain("state", "=", "active") & Domain(
            "pause_ids",
            "any",
            Domain("is_planned", "=", True)
            & self.env["res.company"]._get_billing_day_domain("date_from"),
        )

    @api.model
    def _pause_due(self):
        """Begin the pauses whose day has come.

        What began before the pause, after missed runs, is billed first.
        """
        self._step_each(self._get_pause_due_domain(), "_begin_due_pause")

    def _begin_due_pause(self):
        self.ensure_one()
        first = self._get_planned_pause().date_from
        unbilled = self._get_first_unbilled_day(self.date_paid_to)
        if self.billing_time == "arrears" or not unbilled or unbilled >= first:
            self._begin_pause()

    @api.model
    def _resume_due(self, batch_size):
        domain = Domain("state", "=", "paused") & Domain(
            "pause_ids",
            "any",
            Domain("is_planned", "=", False)
            & Domain("date_to", "=", False)
            & Domain("kind", "=", "requested")
            & self.env["res.company"]._get_billing_day_domain("date_resume"),
        )
        self._step_each(domain, "_resume_planned", batch_size)

    def _resume_planned(self):
        for subscription in self:
            subscription._resume(subscription._get_running_pause().date_resume)

    def _get_due_spans(self):
        """Override to bill nothing that begins in a planned pause."""
        spans = super()._get_due_spans()
        pause = self._get_planned_pause()
        return tuple(
            span for span in spans if not pause or span.start < pause.date_from
        )

    # === TEXTS === #

    def _get_next_step_paused(self):
        """Override to name the day on which it goes on by itself."""
        if self.pause_kind == "requested" and self.date_resume:
            return self.env._(
                "Paused on request: it goes on by itself on %(day)s.",
                day=format_date(self.env, self.date_resume),
            )
        return super()._get_next_step_paused()

    def _get_next_billing(self):
        """Override to say that a pause comes first."""
        text = super()._get_next_billing()
        pause = self.pause_planned_id
        if not pause:
            return text
        if pause.date_from <= self.date_next:
            text = self.env._("Nothing is billed during the pause.")
        return self.env._(
            "Pause %(span)s. %(text)s", span=pause.display_name, text=text
        )

    def _get_pause_effect(self, date_from, date_resume, settlement):
        """Say what a pause means: the next bill, and what happens to billed days."""
        self.ensure_one()
        if not date_from or (date_resume and date_resume <= date_from):
            return self.env._("Choose the days of the pause.")
        paid_to = self._get_paid_to() or None
        texts = [self._get_pause_bill_text(paid_to, date_from, date_resume, settlement)]
        if paid_to and self.date_paid_to and paid_to > date_from:
            texts.append(self._get_paid_days_text(date_from, date_resume, settlement))
        return " ".join(filter(None, texts))

    def _get_pause_bill_text(self, paid_to, date_from, date_resume, settlement):
        if not date_resume:
            return self.env._("Nothing is billed from then until it is resumed.")
        next_day = pauses.anchor_after(paid_to, date_from, date_resume, settlement)
        return self.env._(
            "Nothing is billed during the pause. The next invoice is of %(day)s.",
            day=format_date(self.env, next_day or paid_to),
        )

    def _get_paid_days_text(self, date_from, date_resume, settlement):
        if settlement == "shift":
            return self.env._("Days that were billed already are used afterwards.")
        if settlement == "none":
            return self.env._("What was billed already stays billed.")
        amount = self._format_money(self._get_credit_amount(date_from, date_resume))
        if date_resume:
            return self.env._(
                "A credit note of %(amount)s is made when it goes on.", amount=amount
            )
        return self.env._(
            "The billed days of the pause are credited when it goes on: at most "
            "%(amount)s.",
            amount=amount,
        )
