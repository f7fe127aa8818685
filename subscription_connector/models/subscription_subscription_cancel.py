from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from .. import const
from ..engine import ending, schedule
from .subscription_subscription_life import RUNNING


class SubscriptionSubscription(models.Model):
    """Ending: at once, at the end of a period, or on a day that the contract allows."""

    _inherit = "subscription.subscription"

    is_cancel_credit = fields.Boolean(
        string="Credit What Is Left", readonly=True, copy=False
    )

    # === DAYS === #

    def _get_paid_to(self):
        """Return the first day that is not paid for, shifted days included."""
        self.ensure_one()
        begin = self.date_bill_from or self.date_anchor or self.date_start
        return max(filter(None, (self.date_paid_to, begin)), default=False)

    def _get_cancel_dates(self, count=3):
        """Return the days on which it may end, the earliest first (H14)."""
        self.ensure_one()
        today = self._get_today()
        if self.state == "planned":
            return [self.date_start]
        if self.collection == "outside":
            first = self.outside_date_next or today
            days = schedule.next_ends(first, self._get_interval(), first, today, count)
        else:
            first = self._get_paid_to() or today
            days = ending.offered_ends(
                self.date_anchor or first,
                self._get_interval(),
                first,
                self._get_earliest_end(today),
                self._is_rest_credited(),
                count,
            )
        end = not self._is_renewing() and self.date_end
        return [day for day in days if not end or day <= end]

    # === MONEY === #

    def _is_rest_credited(self):
        """Whether the contract gives back what was billed beyond the last day."""
        return self.cancel_mode == "day" and self.collection != "outside"

    def _get_first_unused_day(self, day):
        """Return from which billed day on nothing was used, when it ends on ``day``.

        Days of a pause that were to be used afterwards count as not used.
        """
        self.ensure_one()
        paid_to = self.date_paid_to
        shifted = (self._get_paid_to() - paid_to) if paid_to else timedelta()
        return day - max(shifted, timedelta())

    def _get_cancel_effects(self, day, credit):
        """Say in sentences what ending on ``day`` means in money.

        :param bool credit: whether what was billed beyond that day is given back
        :rtype: list[str]
        """
        self.ensure_one()
        if self.collection == "outside":
            return [self.env._("Nothing that begins on or after this day is billed.")]
        effects = [self._get_effect_of_bills(day)]
        paid_to = self._get_paid_to()
        if self.date_paid_to and paid_to > day:
            amount = self._get_credit_amount(self._get_first_unused_day(day))
            if credit and amount:
                effects.append(
                    self.env._(
                        "A credit note of %(amount)s is made for the days from then "
                        "until %(last)s that were billed already.",
                        amount=self._format_money(amount),
                        last=format_date(self.env, paid_to - timedelta(days=1)),
                    )
                )
            elif amount:
                effects.append(
                    self.env._(
                        "What was billed until %(last)s is not given back.",
                        last=format_date(self.env, paid_to - timedelta(days=1)),
                    )
                )
        if open_amount := self._get_open_amount():
            effects.append(
                self.env._(
                    "Invoices of %(amount)s are still open and stay to be paid.",
                    amount=self._format_money(open_amount),
                )
            )
        return effects

    def _get_receipt_lines(self):
        """Return what the receipt of a cancellation says about the money."""
        self.ensure_one()
        if not self.date_cancel:
            return []
        return self._get_cancel_effects(self.date_cancel, self.is_cancel_credit)

    def _get_effect_of_bills(self, day):
        """Say what is still billed before ``day``."""
        total, count = 0.0, 0
        calendar = self._get_calendar()
        calendar = replace(calendar, end=min(filter(None, (calendar.end, day))))
        first = self.state == "active" and self._get_first_unbilled_day(
            self.date_paid_to
        )
        while first and count < const.CATCH_UP_CAP and (span := calendar.span(first)):
            total += self._get_span_amount(span)
            count += 1
            first = span.end
        if not count:
            return self.env._("Nothing more is billed.")
        return self.env._(
            "Until then %(amount)s is billed.",
            amount=self._format_money(total),
        )

    def _get_open_amount(self):
        """Return what is still to be paid on the invoices of this subscription."""
        # Sudo: a sum about the own subscription, also for whoever sees no invoices.
        moves_sudo = self.sudo().period_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        return sum(moves_sudo.mapped("amount_residual"))

    def _format_money(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    # === ACTIONS === #

    def action_undo_cancel(self):
        """Button: go on as if nothing was asked, as long as it runs."""
        for subscription in self.filtered("date_cancel"):
            if subscription.state not in RUNNING:
                raise UserError(self.env._("This subscription has ended already."))
            subscription._write_by_method(
                {
                    "date_cancel": False,
                    "close_reason_id": False,
                    "close_note": False,
                    "is_cancel_credit": False,
                }
            )
            subscription._log_event("cancel_undone")
        return True

    # === BUSINESS METHODS === #

    def _cancel(self, date=None, reason=None, note=None, credit=None):
        """End it on ``date`` (first day that is not part of it any more).

        :param date: today or earlier ends it at once; None too
        :param credit: give back what was billed beyond; None: what was agreed
        """
        for subscription in self:
            today = subscription._get_today()
            if subscription.state not in (*RUNNING, "cancelled"):
                subscription._update_state(RUNNING, "cancelled")
            if subscription.state == "cancelled":
                continue
            values = {
                "date_cancel": date or today,
                "close_reason_id": reason.id if reason else False,
                "close_note": note or False,
                "is_cancel_credit": (
                    subscription._is_rest_credited() if credit is None else credit
                ),
            }
            if not date or date <= today or subscription.state == "planned":
                subscription._bill_used_days(today)
                subscription._end("cancelled", **values)
            else:
                subscription._write_by_method(values)
                subscription._log_event(
                    "cancel_set",
                    reason_id=values["close_reason_id"],
                    note=values["close_note"],
                )
            subscription._after_cancel()

    def _end(self, target, **values):
        """Reach the last state: nothing is billed or charged from here on."""
        for subscription in self:
            pause = subscription._get_running_pause()
            before = (
                subscription.amount_month if subscription.state == "active" else 0.0
            )
            if subscription._update_state(RUNNING, target, **values):
                subscription._log_event(
                    target,
                    before,
                    0.0,
                    reason_id=subscription.close_reason_id.id,
                    note=subscription.close_note,
                )
                subscription._settle_end(target, pause)
                subscription._follow_customer_type()

    def _settle_end(self, target, pause):
        """Close what runs: pauses, charges, and what is given back."""
        self.ensure_one()
        today = self._get_today()
        day = min(self.date_cancel or today, today)
        # Sudo: pauses and changes are written by their own buttons and by the end.
        self._get_planned_pause().sudo().write({"is_planned": False, "date_to": False})
        self._get_planned_change().sudo().state = "dropped"
        if target == "cancelled" and self.is_cancel_credit:
            if pause.settlement == "shift":
                self._credit_days(pause.date_from, max(day, pause.date_from))
            self._credit_days(self._get_first_unused_day(day))
        self._close_pause(pause, day)
        for left in self.pause_ids.sudo().filtered(lambda pause: not pause.date_to):
            left.date_to = max(left.date_from, day)
        if target == "cancelled":
            # Sudo: staff may cancel, and cancelling stops the charges.
            self.sudo().charge_ids.filtered(
                lambda charge: charge.state in ("waiting", "retry")
            )._stop_for_cancellation()

    def _after_cancel(self):
        """Tell the customer (H14); billed elsewhere: tell the other side too."""
        self.ensure_one()
        self._send_template("subscription_connector.mail_template_cancelled")
        if self.collection == "outside":
            self._plan_outside_cancel()

    def _end_cancelled(self):
        self._end("cancelled")

    def _end_expired(self):
        self._end("expired")
