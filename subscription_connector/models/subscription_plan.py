from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..engine import schedule
from ..engine.schedule import Interval


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _description = "Subscription Plan"
    _inherit = ["mail.thread", "subscription.terms"]  # noqa: RUF012
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(help="A short name for imports and links.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    interval_count = fields.Integer(string="Every", default=1, required=True)
    interval_unit = fields.Selection(
        const.INTERVAL_UNITS, string="Unit", default="month", required=True
    )
    period_count = fields.Integer(
        string="Number of Periods",
        help="0: ongoing. Otherwise the subscription ends by itself after so many.",
    )
    line_ids = fields.One2many("subscription.plan.line", "plan_id", copy=True)
    amount = fields.Monetary(
        string="Price per Period",
        compute="_compute_amount",
        store=True,
        help="Sum of the lines, as their prices are written (with or without tax).",
    )
    is_sold_online = fields.Boolean(
        string="Sold in the Web Shop",
        help="The product page offers this plan; a saved payment method is required.",
    )
    is_self_cancel = fields.Boolean(
        string="Members May Cancel",
        default=True,
        help="Off: the wish of the member goes to the responsible, who follows up.",
    )
    outside_ref = fields.Char(
        string="Outside Product", readonly=True, copy=False, index="btree_not_null"
    )
    connection_id = fields.Many2one(
        "service.connection",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    subscription_ids = fields.One2many("subscription.subscription", "plan_id")
    subscription_count = fields.Integer(compute="_compute_subscription_count")
    interval_label = fields.Char(compute="_compute_interval_label")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another plan of this company has this code already.",
    )
    _interval_positive = models.Constraint(
        "CHECK (interval_count > 0 AND period_count >= 0)",
        "A plan lasts at least one unit of time, and has no negative length.",
    )
    _outside_unique = models.UniqueIndex(
        "(connection_id, outside_ref) WHERE outside_ref IS NOT NULL",
        "This outside product has a plan already.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = plan.currency_id or plan.company_id.currency_id

    @api.depends("line_ids.price_unit", "line_ids.quantity", "line_ids.is_one_time")
    def _compute_amount(self):
        for plan in self:
            regular = plan.line_ids.filtered(lambda line: not line.is_one_time)
            plan.amount = sum(line.price_unit * line.quantity for line in regular)

    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]._read_group(
                [
                    ("plan_id", "in", self.ids),
                    ("state", "in", ("planned", "active", "paused")),
                ],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.subscription_count = counts.get(plan, 0)

    @api.depends("interval_count", "interval_unit")
    @api.depends_context("lang")
    def _compute_interval_label(self):
        for plan in self:
            plan.interval_label = self._get_interval_label(
                plan.interval_count, plan.interval_unit
            )

    @api.constrains("line_ids", "active", "is_sold_online")
    def _check_lines(self):
        for plan in self:
            if plan.is_sold_online and not plan.line_ids:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” needs a product before it can be sold in the "
                        "web shop.",
                        plan=plan.name,
                    )
                )

    @api.model
    def _get_interval_label(self, count, unit):
        """Say an interval in words, in the language of the reader."""
        one = {
            "day": self.env._("every day"),
            "week": self.env._("every week"),
            "month": self.env._("every month"),
            "quarter": self.env._("every quarter"),
            "year": self.env._("every year"),
        }
        many = {
            "day": self.env._("every %(count)s days", count=count),
            "week": self.env._("every %(count)s weeks", count=count),
            "month": self.env._("every %(count)s months", count=count),
            "quarter": self.env._("every %(count)s quarters", count=count),
            "year": self.env._("every %(count)s years", count=count),
        }
        return (one if count == 1 else many).get(unit, "")

    def _get_interval(self):
        self.ensure_one()
        return Interval(self.interval_count, self.interval_unit)

    def _get_first_share(self, day):
        """Return the part of a whole period that the first one is, begun on ``day``."""
        self.ensure_one()
        if self.alignment != "calendar":
            return Fraction(1)
        interval = self._get_interval()
        anchor = schedule.calendar_anchor(day, interval)
        calendar = schedule.Calendar(anchor, interval)
        return calendar.share(calendar.span(day))

    def action_view_subscriptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        return action | {
            "domain": [("plan_id", "=", self.id)],
            "context": {"default_plan_id": self.id},
        }

    @api.model
    def _get_outside_plan(self, connection, data):
        """Return the plan that stands for a product of an outside service."""
        plan = self.with_context(active_test=False).search(
            [
                ("connection_id", "=", connection.id),
                ("outside_ref", "=", data.product_ref),
            ],
            limit=1,
        )
        return plan or self.create(
            {
                "name": data.product_name,
                "company_id": connection.company_id.id,
                "currency_id": self.env.ref("base.EUR").id,
                "interval_count": data.interval.count,
                "interval_unit": data.interval.unit,
                "connection_id": connection.id,
                "outside_ref": data.product_ref,
            }
        )
