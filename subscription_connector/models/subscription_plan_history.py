from odoo import api, fields, models


class SubscriptionPlan(models.Model):
    """The versions of a plan: each change of what it promises is kept."""

    _inherit = "subscription.plan"

    version_ids = fields.One2many(
        "subscription.plan.version", "plan_id", string="Versions", readonly=True
    )
    version_id = fields.Many2one(
        "subscription.plan.version",
        string="Present Version",
        compute="_compute_version_id",
    )
    version_number = fields.Integer(string="Version", compute="_compute_version_id")

    @api.depends("version_ids.number")
    def _compute_version_id(self):
        for plan in self:
            plan.version_id = plan.version_ids.sorted("number")[-1:]
            plan.version_number = plan.version_id.number

    @api.model_create_multi
    def create(self, vals_list):
        plans = super(
            SubscriptionPlan, self.with_context(plan_version_later=True)
        ).create(vals_list)
        plans = plans.with_env(self.env)
        plans._follow_version()
        return plans

    def write(self, vals):
        res = super(SubscriptionPlan, self.with_context(plan_version_later=True)).write(
            vals
        )
        self._follow_version()
        return res

    def _follow_version(self):
        """Keep what the plan promises now: as the next version, once somebody has it.

        Within a change of the plan its lines do not call this one by one.
        """
        if self.env.context.get("plan_version_later"):
            return
        # Sudo: versions are written by changing their plan only.
        versions = self.env["subscription.plan.version"].sudo()
        for plan in self:
            present, content = plan.version_id.sudo(), versions._read_content(plan)
            if present and present.content == content:
                continue
            values = {
                "content": content,
                "amount": plan.amount,
                "change": self._describe_change(present, content),
            }
            if present and not plan._is_version_taken(present):
                older = (plan.version_ids - present).sorted("number")[-1:].sudo()
                values["change"] = self._describe_change(older, content)
                present.write(values | {"user_id": self.env.user.id})
                continue
            versions.create(
                values | {"plan_id": plan.id, "number": plan.version_number + 1}
            )

    @api.model
    def _describe_change(self, older, content):
        """Say what ``content`` changes; nothing for the first version."""
        return older._describe(older.content or {}, content) if older else False

    def _is_version_taken(self, version):
        """Whether somebody has a version, or was promised it by a campaign."""
        # Sudo: yes or no; whoever changes a plan may not see all subscriptions.
        return bool(
            self.env["subscription.subscription"]
            .sudo()
            .search_count([("plan_version_id", "=", version.id)], limit=1)
            or self.env["subscription.change"]
            .sudo()
            .search_count([("version_id", "=", version.id)], limit=1)
        )

    @api.model
    def _format_promise(self, name, value):
        """Return a value of a field of the plan in words."""
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "–")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        return f"{value or 0:g}"
