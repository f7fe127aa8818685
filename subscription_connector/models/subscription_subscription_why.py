from odoo import api, fields, models


class SubscriptionSubscription(models.Model):
    """Why an amount is what it is, in words for staff."""

    _inherit = "subscription.subscription"

    next_reason = fields.Char(string="Why", compute="_compute_next_reason")

    @api.depends("date_next", "collection", "amount_total", "intro_discount")
    @api.depends_context("lang")
    def _compute_next_reason(self):
        """Name the days that the next invoice is for, and what makes its amount."""
        for subscription in self:
            span = False
            if subscription.date_next and subscription.collection != "outside":
                span = subscription._get_calendar().span(
                    subscription._get_first_unbilled_day(subscription.date_paid_to)
                )
            if not span:
                subscription.next_reason = False
                continue
            period = self.env["subscription.period"]._format_span(span.start, span.end)
            reason = subscription._get_span_reason(
                span, (), False, not subscription.date_paid_to
            )
            subscription.next_reason = self.env._(
                "For %(period)s: %(reason)s", period=period, reason=reason
            )

    def _get_span_reason(self, span, earlier, is_late, is_new):
        """Say why the amount of a period is what it is.

        :param span: the period, of this subscription's calendar
        :param tuple earlier: the spans that are billed before it
        :param bool is_late: whether an earlier run should have billed it
        :param bool is_new: whether nothing was billed before
        """
        self.ensure_one()
        share = self._get_calendar().share(span) if not span.is_trial else 1
        intro = self._get_span_intro(span, earlier)
        fees = self.line_ids.filtered("is_one_time")
        words = (
            (self.billing_error, self.billing_error),
            (span.is_trial, self.env._("trial")),
            (is_new and not earlier, self.env._("first invoice")),
            (is_late, self.env._("overdue")),
            (share != 1, self.env._("part of a period")),
            (intro, self.env._("discount of %(percent)g %%", percent=intro)),
            (
                not earlier and fees._filter_unbilled(),
                self.env._("with one-time fees"),
            ),
        )
        found = [text for is_so, text in words if is_so]
        return ", ".join(found) or self.env._("regular period")
