from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionCampaign(models.Model):
    """Move those who have a plan to another one, or to its present terms and prices.

    A changed plan is for new subscribers. A campaign brings it to the others: it shows
    who will pay what from when, tells them, and plans one change for each. Who cannot
    be moved is named with the reason and left as he is.
    """

    _name = "subscription.campaign"
    _description = "Campaign to Move Subscriptions"
    _inherit = ["mail.thread"]  # noqa: RUF012
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="target_plan_id.currency_id")
    plan_id = fields.Many2one(
        "subscription.plan",
        string="Who Has",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=[("connection_id", "=", False)],
    )
    target_plan_id = fields.Many2one(
        "subscription.plan",
        string="Gets",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=[("connection_id", "=", False)],
        help="The same plan: its present products, prices and terms of leaving, "
        "pausing, charging and delivery.",
    )
    version_id = fields.Many2one(
        "subscription.plan.version",
        string="In Version",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('plan_id', '=', plan_id)]",
        help="Empty: whichever version of the plan they have.",
    )
    target_version_id = fields.Many2one(
        "subscription.plan.version",
        string="To Version",
        compute="_compute_target_version_id",
        store=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The present version of that plan; fixed when the campaign is announced.",
    )
    date = fields.Date(
        string="From",
        required=True,
        tracking=True,
        help="Each moves with the first period that begins on or after this day.",
    )
    is_mail = fields.Boolean(string="Tell by Mail", default=True)
    note = fields.Html(string="Text of the Mail", translate=False)
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Announced"), ("dropped", "Dropped")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many(
        "subscription.campaign.line", "campaign_id", readonly=True, copy=False
    )
    move_count = fields.Integer(string="Will Move", compute="_compute_counts")
    skip_count = fields.Integer(string="Stay as They Are", compute="_compute_counts")
    amount_change = fields.Monetary(
        string="Change per Period", compute="_compute_counts", help="Tax included."
    )

    @api.depends("line_ids.reason", "line_ids.amount_new", "line_ids.amount_old")
    def _compute_counts(self):
        for campaign in self:
            moved = campaign.line_ids.filtered(lambda line: not line.reason)
            campaign.move_count = len(moved)
            campaign.skip_count = len(campaign.line_ids - moved)
            campaign.amount_change = sum(
                line.amount_new - line.amount_old for line in moved
            )

    @api.depends("target_plan_id.version_ids.number", "state")
    def _compute_target_version_id(self):
        for campaign in self:
            if campaign.state == "draft":
                campaign.target_version_id = campaign.target_plan_id.version_id

    @api.onchange("plan_id")
    def _onchange_plan_id(self):
        if self.version_id.plan_id != self.plan_id:
            self.version_id = False

    # === ACTIONS === #

    def action_preview(self):
        """Button: show who moves when, and what he pays before and after."""
        self.ensure_one()
        self._check_is_draft()
        # Sudo: lines are made by these buttons only.
        self.sudo().line_ids.unlink()
        self.env["subscription.campaign.line"].sudo().create(
            [
                self._prepare_line_vals(subscription)
                for subscription in self._get_subscriptions()
            ]
        )
        return True

    def action_announce(self):
        """Button: plan the change of each and tell the customers."""
        self.ensure_one()
        self._check_is_draft()
        if self.date <= self.company_id._get_billing_day():
            raise UserError(self.env._("Choose a day in the future."))
        self.action_preview()
        for line in self.line_ids.filtered(lambda line: not line.reason):
            line._announce()
        self.state = "done"
        return True

    def action_drop(self):
        """Button: drop the changes that have not happened yet."""
        for campaign in self.filtered(lambda campaign: campaign.state == "done"):
            planned = campaign.line_ids.change_id.filtered(
                lambda change: change.state == "planned"
            )
            planned.subscription_id.action_undo_change()
            campaign.state = "dropped"
        return True

    def _check_is_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("This campaign was announced already."))

    def _get_subscriptions(self):
        domain = [
            ("plan_id", "=", self.plan_id.id),
            ("state", "in", ("planned", "active", "paused")),
            ("collection", "!=", "outside"),
        ]
        if self.version_id:
            domain.append(("plan_version_id", "=", self.version_id.id))
        return self.env["subscription.subscription"].search(domain, order="id")

    def _prepare_line_vals(self, subscription):
        rows = subscription._get_campaign_rows(self.target_plan_id)
        new = subscription._get_new_total(rows)
        day = subscription._get_first_period_from(self.date)
        return {
            "campaign_id": self.id,
            "subscription_id": subscription.id,
            "date": day,
            "amount_old": subscription.amount_total,
            "amount_new": new,
            "terms_note": subscription._describe_moved_terms(self.target_plan_id),
            "reason": self._get_reason(subscription, rows, day, new),
        }

    def _get_reason(self, subscription, rows, day, new):
        """Say why a subscription stays as it is; nothing when it moves."""
        if self._has_it_already(subscription, rows):
            return self.env._("It has all of this already.")
        try:
            subscription._check_change(self.target_plan_id, rows)
        except UserError as error:
            return str(error)
        if not day:
            return self.env._("It ends before that day.")
        partner = subscription.partner_id
        is_dearer = self.currency_id.compare_amounts(new, subscription.amount_total) > 0
        if is_dearer and partner.country_id.code == "DE" and not partner.is_company:
            return self.env._(
                "A German consumer has to agree to a higher price: ask, then change "
                "this one by hand (KG Berlin 23 U 112/22)."
            )
        return False

    def _has_it_already(self, subscription, rows):
        """Whether a move would change nothing for the customer."""
        has = sorted(
            (line.product_id.id, line.price_unit, line.quantity)
            for line in subscription.line_ids
            if not line.is_one_time
        )
        gets = sorted(
            (row["product_id"], row["price_unit"], row["quantity"]) for row in rows
        )
        return (
            subscription.plan_id == self.target_plan_id
            and has == gets
            and not subscription._get_moved_terms(self.target_plan_id)
        )
