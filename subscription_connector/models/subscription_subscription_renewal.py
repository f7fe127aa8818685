from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import ending, schedule
from .subscription_subscription_life import RUNNING


class SubscriptionSubscription(models.Model):
    """A fixed term that goes on: until it is cancelled, by lawful notice.

    It never renews for another fixed term, which no consumer in the Netherlands or
    Germany may be held to. Billing does not stop at the end of such a term; the day
    brings the new terms and stands in the history.
    """

    _inherit = "subscription.subscription"

    after_term = fields.Selection(
        selection=lambda self: (
            self.env["subscription.plan"]
            ._fields["after_term"]
            ._description_selection(self.env)
        ),
        string="After the Term",
        compute="_compute_after_term",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_term_reminded = fields.Date(
        string="Reminded of the End of",
        readonly=True,
        copy=False,
        help="The end of the term that the customer was reminded of.",
    )

    @api.depends("plan_id")
    def _compute_after_term(self):
        """Copy what the plan says today: a later change is for new customers."""
        for subscription in self:
            subscription.after_term = subscription.plan_id.after_term or "end"

    # === DAYS === #

    def _is_renewing(self):
        """Whether it goes on when its term is over."""
        self.ensure_one()
        return bool(self.date_end and self.after_term == "renew")

    def _get_end(self):
        """Return the first day after all of it, False while none is known."""
        self.ensure_one()
        ends = [self.date_cancel, not self._is_renewing() and self.date_end]
        return min(filter(None, ends), default=False)

    def _get_renewed_notice(self):
        """Return the notice that holds after the term.

        :return: count and unit; a consumer's is a month at most
        """
        self.ensure_one()
        agreed = (self.notice_count, self.notice_unit)
        return ending.at_most_a_month(*agreed) if self._is_consumer() else agreed

    def _is_consumer(self):
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id
        return not partner.is_company and not partner.vat

    def _get_objection_day(self):
        """Return the last day on which the customer can let it end with its term."""
        self.ensure_one()
        return schedule.later(self.date_end, -self.notice_count, self.notice_unit)

    def _get_cancel_dates(self, count=3):
        """Override to offer lawful days after a term that goes on."""
        days = super()._get_cancel_dates(count)
        if not self._is_renewing() or self.state == "planned":
            return days
        in_term = [day for day in days if day <= self.date_end]
        if in_term or not self._is_consumer():
            return in_term or days
        notice = schedule.later(self._get_today(), *self._get_renewed_notice())
        return [max(self.date_end, notice)]

    # === RENEWAL === #

    def _renew(self):
        """Go on without an end; what was agreed for the first term is over."""
        for subscription in self:
            count, unit = subscription._get_renewed_notice()
            values = {
                "date_end": False,
                "date_minimum": False,
                "period_count": 0,
                "notice_count": count,
                "notice_unit": unit,
            }
            if subscription._is_consumer():
                values["cancel_mode"] = "day"
            subscription._write_by_method(values)
            subscription._log_event("renewed", note=subscription.duration_label)

    @api.model
    def _begin_planned(self, batch_size=200):
        """Override to renew what has reached the end of its term."""
        is_due = self.env["res.company"]._get_billing_day_domain("date_end")
        domain = (
            Domain("state", "in", RUNNING)
            & Domain("after_term", "=", "renew")
            & Domain("collection", "!=", "outside")
            & is_due
        )
        self._step_each(domain, "_renew", batch_size)
        return super()._begin_planned(batch_size)

    # === REMINDER === #

    @api.model
    def _remind_of_terms(self):
        """Tell customers in time that their term ends, or goes on."""
        domain = (
            Domain("plan_id.term_reminder_days", ">", 0)
            & Domain("state", "in", RUNNING)
            & Domain("collection", "!=", "outside")
            & Domain("date_end", "!=", False)
            & Domain("date_cancel", "=", False)
        )
        for subscription in self.search(domain):
            if subscription._is_term_reminder_due():
                subscription._mail_alone(domain, "_remind_of_term")

    def _is_term_reminder_due(self):
        """Whether the day of the reminder has come: in time to object."""
        self.ensure_one()
        if self.date_term_reminded == self.date_end:
            return False
        last = self.date_end
        if self._is_renewing():
            last = self._get_objection_day()
        first = last - timedelta(days=self.plan_id.term_reminder_days)
        return first <= self._get_today() < self.date_end

    def _remind_of_term(self, domain):
        """Mail it, once for each end of a term."""
        locked = self.try_lock_for_update().filtered_domain(domain)
        if locked and locked._is_term_reminder_due():
            locked._write_by_method({"date_term_reminded": locked.date_end})
            locked._send_template("subscription_connector.mail_template_term")
