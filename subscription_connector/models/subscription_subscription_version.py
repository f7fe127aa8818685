from odoo import api, fields, models

#: Terms that a campaign brings to who has the plan already. Left out are those that
#: belong to the start, move the calendar, bind for longer or are of the mandate.
MOVED_TERMS = (
    "cancel_mode",
    "notice_count",
    "notice_unit",
    "pause_settlement",
    "charge_time",
    "is_shipped",
)


class SubscriptionSubscription(models.Model):
    """Which version of its plan it has."""

    _inherit = "subscription.subscription"

    plan_version_id = fields.Many2one(
        "subscription.plan.version",
        string="Version of the Plan",
        compute="_compute_plan_version_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    plan_version_number = fields.Integer(
        string="Version", related="plan_version_id.number"
    )

    @api.depends("plan_id")
    def _compute_plan_version_id(self):
        """Keep the version of the day; a later one is for new customers."""
        for subscription in self:
            subscription.plan_version_id = subscription.plan_id.version_id

    def _get_moved_terms(self, plan):
        """Return the terms that a campaign to ``plan`` changes for this customer.

        :rtype: dict
        """
        self.ensure_one()
        return {name: plan[name] for name in MOVED_TERMS if self[name] != plan[name]}

    def _describe_moved_terms(self, plan):
        """Say in words which terms change.

        :rtype: str
        """
        self.ensure_one()
        return "; ".join(
            f"{plan._fields[name]._description_string(self.env)}: "
            f"{plan._format_promise(name, self[name])} → "
            f"{plan._format_promise(name, value)}"
            for name, value in self._get_moved_terms(plan).items()
        )

    def _set_plan_and_lines(self, change):
        """Override to take over the version that was announced, with its terms."""
        is_same = self.plan_id == change.plan_id
        res = super()._set_plan_and_lines(change)
        if change.version_id:
            content = change.version_id.sudo().content or {}
            if is_same:
                self._change_terms(
                    {name: content[name] for name in MOVED_TERMS if name in content}
                )
            self._write_by_method({"plan_version_id": change.version_id.id})
        return res
