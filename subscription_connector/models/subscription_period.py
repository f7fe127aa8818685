from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date


class SubscriptionPeriod(models.Model):
    """The claim on a span of time: nothing is billed without its row.

    ``date_from`` is part of the period, ``date_to`` is not. The database allows
    one uncredited regular row per subscription and day; a correction makes new
    rows and marks the old one as credited, the dates are never edited.
    """

    _name = "subscription.period"
    _description = "Billed Period of a Subscription"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="subscription_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    kind = fields.Selection(
        [
            ("regular", "Regular"),
            ("proration", "Proration"),
            ("credit", "Credit"),
            ("rebill", "Billed again"),
        ],
        required=True,
        default="regular",
    )
    date_from = fields.Date(required=True)
    date_to = fields.Date(required=True, help="First day after the period.")
    date_last = fields.Date(string="Until", compute="_compute_date_last")
    state = fields.Selection(
        [
            ("claimed", "Waiting for the order's invoice"),
            ("drafted", "Draft invoice"),
            ("posted", "Invoice posted"),
            ("sent", "Invoice sent"),
        ],
        required=True,
        default="drafted",
        index=True,
    )
    is_credited = fields.Boolean()
    is_trial = fields.Boolean(string="Trial")
    sale_order_id = fields.Many2one(
        "sale.order", ondelete="restrict", index="btree_not_null"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", ondelete="restrict", index="btree_not_null"
    )
    delivery_order_id = fields.Many2one(
        "sale.order",
        string="Delivery",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The order that delivers the goods of this period.",
    )
    is_to_deliver = fields.Boolean(readonly=True)
    is_charged_first = fields.Boolean(
        readonly=True, help="Its invoice is posted when the payment succeeds."
    )
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    amount_total = fields.Monetary(related="move_id.amount_total")
    payment_state = fields.Selection(related="move_id.payment_state")
    error = fields.Char(readonly=True)
    date_retry = fields.Datetime(readonly=True)

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (subscription_id WITH =, "
        "daterange(date_from, date_to, '[)') WITH &&) "
        "WHERE (kind = 'regular' AND is_credited IS NOT TRUE)",
        "This period of the subscription is billed already.",
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "A period lasts at least one day."
    )
    _to_do_index = models.Index(
        "(state, date_retry) WHERE state IN ('claimed', 'drafted', 'posted')"
    )

    _to_deliver_index = models.Index("(company_id, id) WHERE is_to_deliver")
    _delivery_unique = models.UniqueIndex(
        "(delivery_order_id) WHERE delivery_order_id IS NOT NULL",
        "This order delivers another period already.",
    )

    @api.depends("date_to")
    def _compute_date_last(self):
        for period in self:
            period.date_last = period.date_to and period.date_to - relativedelta(days=1)

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = period._get_label()

    @api.model
    def _format_span(self, date_from, date_to, lang=None):
        """Say a half-open span in words, with its last day."""
        return self.env._(
            "%(first)s – %(last)s",
            first=format_date(self.env, date_from, lang_code=lang),
            last=format_date(self.env, date_to - relativedelta(days=1), lang_code=lang),
        )

    def _get_label(self, lang=None):
        self.ensure_one()
        if not (self.date_from and self.date_to):
            return ""
        return self._format_span(self.date_from, self.date_to, lang)

    def _release(self):
        """Give the days free again, so that the next run bills them anew.

        A period whose goods were delivered stays as it is and asks for a person. That
        of an order is claimed by the order again.
        """
        for period in self:
            subscription = period.subscription_id
            if period.delivery_order_id:
                message = self.env._(
                    "%(period)s was delivered, but its invoice was cancelled: bill it "
                    "by hand.",
                    period=period._get_label(),
                )
                period._set_error(message)
                subscription._schedule_todo(message)
                continue
            subscription.message_post(
                body=self.env._(
                    "The invoice of %(period)s is gone; the next billing run makes a "
                    "new one while the subscription runs.",
                    period=period._get_label(),
                )
            )
            if period.sale_order_id:
                period.write({"move_id": False, "state": "claimed"})
            else:
                period.unlink()

    def _set_error(self, message, hours=24):
        """Keep the record back: it is tried again after ``hours``."""
        retry = fields.Datetime.now() + relativedelta(hours=hours)
        self.write({"error": message, "date_retry": retry})
