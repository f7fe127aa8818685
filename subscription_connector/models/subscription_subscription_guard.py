from odoo import api, models
from odoo.exceptions import UserError

from .subscription_terms import TERMS

#: Opens what only methods change: an object of this process, which no remote call can
#: put in its context.
BY_METHOD = object()

#: Results of what was done. They change by the methods that log an event.
RESULTS = frozenset(
    {
        "state",
        "pause_kind",
        "date_anchor",
        "date_bill_from",
        "date_cancel",
        "date_end",
        "date_minimum",
        "date_next",
        "date_paid_to",
        "date_reminded",
        "date_term_reminded",
        "date_trial_end",
        "amount_month",
        "amount_total",
        "amount_untaxed",
        "billing_error",
        "date_billing_retry",
        "close_reason_id",
        "close_note",
        "is_cancel_credit",
        "sale_order_id",
        "connection_id",
        "outside_ref",
        "outside_amount_untaxed",
        "outside_amount_total",
        "outside_date_next",
        "outside_method",
        "outside_push_state",
        "outside_push_error",
        "outside_push_values",
    }
)

#: What was agreed. A draft is filled in freely; after the start there are dialogs.
AGREED = frozenset(
    {
        "name",
        "company_id",
        "plan_id",
        "plan_version_id",
        "pricelist_id",
        "currency_id",
        "interval_count",
        "interval_unit",
        "period_count",
        "after_term",
        "date_start",
        "line_ids",
        *TERMS,
    }
)

#: How it is paid: chosen freely, and logged.
PAYING = frozenset({"collection", "payment_token_id"})


class SubscriptionSubscription(models.Model):
    """Every change goes through a method that logs it; direct writing is refused.

    Methods write through :meth:`_write_by_method`; forms, remote calls and imports
    write what is left: drafts, the customer's addresses, how it is paid, who is
    responsible, notes.
    """

    _inherit = "subscription.subscription"

    # === CRUD === #

    @api.model
    def default_get(self, fields):
        """Override to let no default, wherever it comes from, name a result."""
        values = super().default_get(fields)
        if self._is_by_method():
            return values
        values = {name: values[name] for name in values if name not in RESULTS}
        return values | ({"state": "draft"} if "state" in fields else {})

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_by_method():
            for vals in vals_list:
                given = {name for name, value in vals.items() if value}
                if vals.get("state") == "draft":
                    given.discard("state")
                self._refuse_direct(given & RESULTS)
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_by_method():
            self.check_access("write")
            self._refuse_direct(RESULTS & vals.keys())
            started = self.filtered(lambda subscription: subscription.state != "draft")
            started._refuse_direct(AGREED & vals.keys() if started else ())
            begun = started.filtered(lambda subscription: subscription.date_paid_to)
            begun._refuse_direct({"partner_id"} & vals.keys() if begun else ())
        paid = self._filter_paid_anew(vals)
        res = super().write(vals)
        for subscription in paid:
            subscription._log_event("method", note=subscription.payment_method_label)
        return res

    # === BUSINESS METHODS === #

    def _is_by_method(self):
        return self.env.context.get("subscription_by_method") is BY_METHOD

    def _write_by_method(self, vals):
        """Write as the method that logs the event, or whose caller does."""
        return self.with_context(subscription_by_method=BY_METHOD).write(vals)

    @api.model
    def _create_by_method(self, vals):
        """Create with results that are known from elsewhere, such as an order."""
        opened = self.with_context(subscription_by_method=BY_METHOD)
        return opened.create(vals).with_env(self.env)

    def _refuse_direct(self, names):
        """Refuse that fields are written directly.

        :param names: names of the fields; none: nothing to refuse
        :raises UserError: naming the first one
        """
        for name in sorted(names):
            raise UserError(
                self.env._(
                    "“%(field)s” of a subscription cannot be written directly: use "
                    "the buttons of the subscription, so that its history tells what "
                    "happened.",
                    field=self._fields[name]._description_string(self.env),
                )
            )

    def _filter_paid_anew(self, vals):
        """Keep the started ones that ``vals`` lets pay in another way."""
        return self.filtered(
            lambda subscription: (
                subscription.state != "draft"
                and any(
                    (vals[name] or False)
                    != (
                        subscription[name].id
                        if name[-3:] == "_id"
                        else subscription[name]
                    )
                    for name in PAYING & vals.keys()
                )
            )
        )
