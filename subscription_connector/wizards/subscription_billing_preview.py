from odoo import api, fields, models
from odoo.fields import Command, Domain

#: Lines that a person reads through; the sums are those of the whole run.
MOST_LINES = 1000


class SubscriptionBillingPreview(models.TransientModel):
    """What a billing run would do on a day: who, how much, why. Makes nothing."""

    _name = "subscription.billing.preview"
    _description = "Preview of a Billing Run"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._get_billing_day(),
        help="What would be billed up to this day.",
    )
    line_ids = fields.One2many(
        "subscription.billing.preview.line",
        "preview_id",
        compute="_compute_line_ids",
        store=True,
    )
    invoice_count = fields.Integer(
        string="Invoices", compute="_compute_line_ids", store=True
    )
    changed_count = fields.Integer(
        string="Amount Differs", compute="_compute_line_ids", store=True
    )
    amounts = fields.Char(string="In All", compute="_compute_line_ids", store=True)
    amounts_last = fields.Char(
        string="The Same Customers Last Time", compute="_compute_line_ids", store=True
    )
    is_cut = fields.Boolean(compute="_compute_line_ids", store=True)

    @api.depends_context("lang")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._("Preview of a Run")

    @api.depends("company_id", "date")
    def _compute_line_ids(self):
        for preview in self:
            rows, currencies = preview._get_rows()
            shown = rows[:MOST_LINES]
            preview.line_ids = [Command.clear()] + [
                Command.create(row) for row in shown
            ]
            preview.invoice_count = len(rows)
            preview.changed_count = sum(bool(row["difference"]) for row in rows)
            preview.amounts = preview._describe_sum(rows, "amount", currencies)
            preview.amounts_last = preview._describe_sum(
                rows, "amount_last", currencies
            )
            preview.is_cut = len(rows) > len(shown)

    def _get_rows(self):
        """Return the values of all lines, those that differ most first.

        :return: tuple(values of the lines, currency by the id of the subscription)
        """
        self.ensure_one()
        subscriptions = self.env["subscription.subscription"]
        due = subscriptions.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "active")
            & Domain("collection", "!=", "outside")
            & Domain("date_next", "<=", self.date),
            order="date_next, id",
        )
        rows, currencies = [], {}
        for bite in due._in_bites():
            last = bite._get_last_amounts()
            for subscription in bite:
                rows += self._get_rows_of(subscription, last.get(subscription.id))
                currencies[subscription.id] = subscription.currency_id
        rows.sort(key=lambda row: -abs(row["difference"]))
        return rows, currencies

    def _get_rows_of(self, subscription, last):
        """Return the values of the lines of one subscription.

        :param last: amount of its last whole period, None when there was none
        """
        cap = self.company_id.subscription_catch_up_cap
        first = subscription._get_first_unbilled_day(subscription.date_paid_to)
        calendar = subscription._get_calendar()
        spans = calendar.due(first, self.date, cap).spans if first else ()
        rows = []
        for number, span in enumerate(spans):
            amount = subscription._get_span_amount(span, spans[:number])
            is_late = number < len(spans) - 1
            rows.append(
                {
                    "subscription_id": subscription.id,
                    "date_from": span.start,
                    "date_last": span.last_day,
                    "amount": amount,
                    "amount_last": last or 0.0,
                    "difference": (
                        0.0
                        if last is None
                        else subscription.currency_id.round(amount - float(last))
                    ),
                    "reason": subscription._get_span_reason(
                        span, spans[:number], is_late, last is None
                    ),
                }
            )
        return rows

    def _describe_sum(self, rows, name, currencies):
        """Return the sum of a column, one for each currency."""
        sums = {}
        for row in rows:
            currency = currencies[row["subscription_id"]]
            sums[currency] = sums.get(currency, 0.0) + float(row[name])
        return " + ".join(currency.format(amount) for currency, amount in sums.items())

    @api.model
    def action_open_new(self):
        """Menu: preview today's run of the company."""
        return self.create({})._get_action()

    def _get_action(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_billing_preview_action"
        )
        return action | {"res_id": self.id}
