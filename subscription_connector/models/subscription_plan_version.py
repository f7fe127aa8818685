from odoo import api, fields, models

from .subscription_terms import TERMS

#: What a plan promises beside its products; another value is another version.
PROMISED = ("interval_count", "interval_unit", "period_count", "after_term", *TERMS)


class SubscriptionPlanVersion(models.Model):
    """What a plan promised from a day on, and who has it.

    A plan that nobody has is edited in place; the first change after somebody took it
    begins the next number. Whoever has an older one keeps it until a campaign.
    """

    _name = "subscription.plan.version"
    _description = "Version of a Subscription Plan"
    _order = "plan_id, number desc"

    plan_id = fields.Many2one(
        "subscription.plan",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    number = fields.Integer(string="Version", required=True, readonly=True)
    amount = fields.Monetary(string="Price per Period", readonly=True)
    change = fields.Char(string="What Changed", readonly=True)
    content = fields.Json(readonly=True)
    date = fields.Datetime(
        string="Since", default=lambda self: fields.Datetime.now(), readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Changed by",
        default=lambda self: self.env.user,
        readonly=True,
    )
    is_present = fields.Boolean(compute="_compute_is_present")
    subscription_count = fields.Integer(
        string="Running", compute="_compute_subscription_count"
    )

    _number_unique = models.Constraint(
        "UNIQUE (plan_id, number)", "This plan has a version with that number."
    )

    @api.depends("plan_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(plan)s, version %(number)s",
                plan=version.plan_id.name or "",
                number=version.number,
            )

    @api.depends("plan_id.version_ids")
    def _compute_is_present(self):
        for version in self:
            version.is_present = version == version.plan_id.version_id

    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]._read_group(
                [
                    ("plan_version_id", "in", self.ids),
                    ("state", "in", ("planned", "active", "paused")),
                ],
                ["plan_version_id"],
                ["__count"],
            )
        )
        for version in self:
            version.subscription_count = counts.get(version, 0)

    # === ACTIONS === #

    def action_view_subscriptions(self):
        """Button: who has this version."""
        self.ensure_one()
        action = self.plan_id.action_view_subscriptions()
        return action | {
            "name": self.display_name,
            "domain": [("plan_version_id", "=", self.id)],
        }

    def action_campaign(self):
        """Button: begin a campaign that moves who has this version."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move to the Present Version"),
            "res_model": "subscription.campaign",
            "view_mode": "form",
            "context": {
                "default_name": self.display_name,
                "default_company_id": self.company_id.id,
                "default_plan_id": self.plan_id.id,
                "default_version_id": self.id,
                "default_target_plan_id": self.plan_id.id,
            },
        }

    # === WHAT IT PROMISES === #

    @api.model
    def _read_content(self, plan):
        """Return what ``plan`` promises now.

        :rtype: dict
        """
        return {name: plan[name] for name in PROMISED} | {
            "lines": [
                {
                    "product_id": line.product_id.id,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "is_one_time": line.is_one_time,
                }
                for line in plan.line_ids.sorted(lambda line: (line.sequence, line.id))
            ]
        }

    @api.model
    def _describe(self, old, new):
        """Say in words what another content changes.

        :param dict old: as :meth:`_read_content` gives it
        :param dict new: the same, of the next version
        """
        plan = self.env["subscription.plan"]
        texts = []
        for name in PROMISED:
            if old.get(name) == new.get(name):
                continue
            label = plan._fields[name]._description_string(self.env)
            values = [plan._format_promise(name, part.get(name)) for part in (old, new)]
            texts.append(f"{label}: {values[0]} → {values[1]}")
        before, after = (
            {line["product_id"]: line for line in part.get("lines", ())}
            for part in (old, new)
        )
        for product in self.env["product.product"].browse({**before, **after}).exists():
            parts = [part.get(product.id) for part in (before, after)]
            if parts[0] != parts[1]:
                values = [self._format_line(part) for part in parts]
                texts.append(f"{product.display_name}: {values[0]} → {values[1]}")
        return "; ".join(texts)

    @api.model
    def _format_line(self, line):
        if not line:
            return "–"
        price = f"{line['price_unit']:.2f}"
        return price if line["quantity"] == 1 else f"{line['quantity']:g} × {price}"
