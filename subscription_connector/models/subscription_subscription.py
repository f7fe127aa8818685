from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const
from ..engine.schedule import Interval


class SubscriptionSubscription(models.Model):
    """What a customer has, what it costs and when it is billed next.

    The state changes through :meth:`_update_state` only. Dates are counted from
    ``date_anchor``; what was billed is the set of ``period_ids``.
    """

    _name = "subscription.subscription"
    _description = "Subscription"
    _inherit = ["mail.thread", "mail.activity.mixin", "portal.mixin"]  # noqa: RUF012
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    partner_invoice_id = fields.Many2one(
        "res.partner",
        string="Invoice Address",
        compute="_compute_partner_invoice_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        tracking=True,
    )
    plan_id = fields.Many2one(
        "subscription.plan",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    interval_count = fields.Integer(
        string="Every",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
    )
    interval_unit = fields.Selection(
        const.INTERVAL_UNITS,
        string="Unit",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
    )
    period_count = fields.Integer(
        string="Number of Periods",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        help="0: ongoing.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    interval_label = fields.Char(string="Interval", compute="_compute_interval_label")
    line_ids = fields.One2many(
        "subscription.line",
        "subscription_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        precompute=True,
        copy=True,
    )
    amount_untaxed = fields.Monetary(
        compute="_compute_amounts", store=True, string="Without Tax"
    )
    amount_total = fields.Monetary(
        compute="_compute_amounts", store=True, string="Amount per Period"
    )
    amount_month = fields.Monetary(
        compute="_compute_amounts", store=True, string="Per Month", help="Without tax."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("planned", "Planned"),
            ("active", "Active"),
            ("paused", "Paused"),
            ("cancelled", "Cancelled"),
            ("expired", "Expired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    pause_kind = fields.Selection(
        [("requested", "Requested"), ("payment", "Payment failed")],
        readonly=True,
        copy=False,
    )
    collection = fields.Selection(
        const.COLLECTIONS,
        string="Collected by",
        default="token",
        required=True,
        tracking=True,
    )
    payment_token_id = fields.Many2one(
        "payment.token",
        string="Saved Method",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        copy=False,
        check_company=True,
    )
    payment_method_label = fields.Char(
        string="Payment Method", compute="_compute_payment_method_label"
    )
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id")
    date_start = fields.Date(
        string="Start",
        default=lambda self: self.env.company._get_billing_day(),
        copy=False,
        tracking=True,
    )
    date_anchor = fields.Date(
        string="Counted from",
        readonly=True,
        copy=False,
        help="Every billing day is this day plus a number of intervals.",
    )
    date_end = fields.Date(
        string="Ends",
        readonly=True,
        copy=False,
        help="First day after the last period.",
    )
    date_cancel = fields.Date(string="Cancelled from", readonly=True, copy=False)
    date_paid_to = fields.Date(
        string="Billed until", compute="_compute_date_next", store=True
    )
    date_next = fields.Date(
        string="Next Billing", compute="_compute_date_next", store=True, index=True
    )
    period_ids = fields.One2many("subscription.period", "subscription_id")
    pause_ids = fields.One2many("subscription.pause", "subscription_id")
    event_ids = fields.One2many("subscription.event", "subscription_id")
    charge_ids = fields.One2many("subscription.charge", "subscription_id")
    close_reason_id = fields.Many2one(
        "subscription.close.reason", readonly=True, copy=False, ondelete="restrict"
    )
    close_note = fields.Char(readonly=True, copy=False)
    note = fields.Html(
        string="Internal Notes",
        help="Never shown to the customer.",
        copy=False,
        groups="base.group_user",
    )
    sale_order_id = fields.Many2one(
        "sale.order", readonly=True, copy=False, index="btree_not_null"
    )
    billing_error = fields.Char(
        readonly=True,
        copy=False,
        groups="subscription_connector.group_subscription_user",
    )
    is_billing_stopped = fields.Boolean(
        compute="_compute_is_billing_stopped", compute_sudo=True
    )
    date_billing_retry = fields.Datetime(readonly=True, copy=False)
    invoice_count = fields.Integer(compute="_compute_invoice_count")
    next_step = fields.Char(string="What Happens Next", compute="_compute_next_step")
    has_arrears = fields.Boolean(
        string="In Arrears",
        compute="_compute_has_arrears",
        search="_search_has_arrears",
    )

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'",
        "Another subscription of this company has this number.",
    )
    _due_index = models.Index("(date_next, id) WHERE state = 'active'")

    # === COMPUTES === #

    def _compute_access_url(self):
        res = super()._compute_access_url()
        for subscription in self:
            subscription.access_url = f"/my/subscriptions/{subscription.id}"
        return res

    @api.depends("partner_id")
    def _compute_partner_invoice_id(self):
        for subscription in self:
            partner = subscription.partner_id
            subscription.partner_invoice_id = (
                partner.address_get(["invoice"])["invoice"] if partner else False
            )

    @api.depends("plan_id")
    def _compute_from_plan(self):
        """Copy what was agreed: a later change of the plan is for new customers."""
        for subscription in self.filtered("plan_id"):
            plan = subscription.plan_id
            subscription.interval_count = plan.interval_count
            subscription.interval_unit = plan.interval_unit
            subscription.period_count = plan.period_count

    @api.depends("plan_id")
    def _compute_line_ids(self):
        for subscription in self:
            if subscription.state != "draft" or not subscription.plan_id:
                continue
            lang = subscription.partner_id.lang
            subscription.line_ids = [fields.Command.clear()] + [
                fields.Command.create(
                    {
                        "sequence": line.sequence,
                        "product_id": line.product_id.id,
                        "name": line.with_context(lang=lang).name,
                        "quantity": line.quantity,
                        "price_unit": line._get_price(
                            subscription.currency_id or line.currency_id,
                            subscription._get_today(),
                            subscription.pricelist_id,
                        ),
                        "is_one_time": line.is_one_time,
                    }
                )
                for line in subscription.plan_id.line_ids
            ]

    @api.depends("interval_count", "interval_unit")
    @api.depends_context("lang")
    def _compute_interval_label(self):
        for subscription in self:
            subscription.interval_label = subscription.plan_id._get_interval_label(
                subscription.interval_count, subscription.interval_unit
            )

    @api.depends("payment_token_id", "collection")
    @api.depends_context("lang")
    def _compute_payment_method_label(self):
        for subscription in self:
            # The label names the method and its last digits only; whoever may
            # read the subscription may read that.
            token_sudo = subscription.sudo().payment_token_id
            if subscription.collection == "token" and token_sudo:
                digits = (token_sudo.payment_details or "")[-4:]
                words = (token_sudo.payment_method_id.name, digits)
                subscription.payment_method_label = " ".join(filter(None, words))
            elif subscription.collection == "token":
                subscription.payment_method_label = self.env._("No method saved yet")
            else:
                labels = dict(
                    self._fields["collection"]._description_selection(self.env)
                )
                subscription.payment_method_label = labels[subscription.collection]

    @api.depends("billing_error")
    def _compute_is_billing_stopped(self):
        for subscription in self:
            subscription.is_billing_stopped = bool(subscription.billing_error)

    def _compute_invoice_count(self):
        counts = dict(
            self.env["subscription.period"]._read_group(
                [("subscription_id", "in", self.ids), ("move_id", "!=", False)],
                ["subscription_id"],
                ["move_id:count_distinct"],
            )
        )
        for subscription in self:
            subscription.invoice_count = counts.get(subscription, 0)

    @api.depends("charge_ids.state", "period_ids.payment_state")
    def _compute_has_arrears(self):
        saved = self.filtered("id")
        late = saved.filtered_domain(self._get_arrears_domain())
        for subscription in self:
            subscription.has_arrears = subscription in late

    @api.model
    def _get_arrears_domain(self):
        return fields.Domain(
            "charge_ids", "any", [("state", "in", ("retry", "stopped"))]
        ) | fields.Domain(
            "period_ids.move_id",
            "any!",
            fields.Domain("state", "=", "posted")
            & fields.Domain("payment_state", "in", ("not_paid", "partial"))
            & self.env["res.company"]._get_billing_day_domain("invoice_date_due", "<"),
        )

    def _search_has_arrears(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_arrears_domain()
        return domain if True in value else ~domain

    # === CONSTRAINTS === #

    @api.constrains("payment_token_id", "partner_id", "partner_invoice_id")
    def _check_payment_token(self):
        for subscription in self:
            token_partner = subscription.sudo().payment_token_id.partner_id
            partners = subscription.partner_id | subscription.partner_invoice_id
            if token_partner and (
                token_partner.commercial_partner_id
                not in partners.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "The saved payment method belongs to somebody else than "
                        "%(partner)s.",
                        partner=subscription.partner_id.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"]
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company_id = vals.get("company_id") or self.env.company.id
                vals["name"] = sequence.with_company(company_id).next_by_code(
                    "subscription.subscription"
                )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if self.filtered(lambda subscription: subscription.state != "draft"):
            raise UserError(
                self.env._("Only a draft can be deleted; cancel the subscription.")
            )

    # === ACTIONS === #

    def action_view_invoices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        return action | {
            "domain": [("id", "in", self.period_ids.move_id.ids)],
            "context": {"create": False},
        }

    # === HELPERS === #

    def _get_today(self):
        """Return the date it is at the company: the day that everything counts by."""
        return (self.company_id or self.env.company)._get_billing_day()

    def _get_interval(self):
        self.ensure_one()
        return Interval(self.interval_count, self.interval_unit)

    def _get_mail_language(self):
        self.ensure_one()
        return self.partner_id.lang or self.env.lang
