from odoo import api, fields, models


class DunningCase(models.Model):
    """Steps that wait until somebody approves them."""

    _inherit = "dunning.case"

    approved_step_id = fields.Many2one(
        "dunning.step", ondelete="set null", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_to_approve = fields.Boolean(
        compute="_compute_is_to_approve", search="_search_is_to_approve"
    )

    @api.depends("is_step_due", "policy_id.needs_approval", "approved_step_id")
    def _compute_is_to_approve(self):
        for case in self:
            case.is_to_approve = (
                case.is_step_due
                and case.policy_id.needs_approval
                and case.approved_step_id != case.next_step_id
            )

    @api.model
    def _search_is_to_approve(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env["dunning.agreement"]._get_today(self.env.company)
        return [
            ("state", "=", "open"),
            ("date_next", "<=", today),
            ("next_step_id", "!=", False),
            ("policy_id.needs_approval", "=", True),
            ("approved_step_id", "=", False),
        ]

    def action_approve(self):
        """Say yes to the step that is due; the job takes it in a moment."""
        self.check_access("write")
        waiting = self.filtered("is_to_approve")
        for step, cases in waiting.grouped("next_step_id").items():
            cases.sudo().write(
                {"approved_step_id": step.id, "approved_by_id": self.env.user.id}
            )
        # The run looks at each debtor once; those approved are looked at again.
        waiting.sudo().run_number = 0
        waiting.company_id.sudo().dunning_run_is_open = True
        self.env.ref("postal_dunning.ir_cron_run_dunning").sudo()._trigger()

    def _may_act(self):
        """Whether the daily run may take the step of this case."""
        self.ensure_one()
        if not self.policy_id.is_automatic:
            return False
        if not self.policy_id.needs_approval:
            return True
        return bool(self.next_step_id) and self.approved_step_id == self.next_step_id

    def _prepare_decided_vals(self, debtor, decision):
        """Override: an approval holds for the step it was given for."""
        values = super()._prepare_decided_vals(debtor, decision)
        approved = self.approved_step_id.id
        if approved and approved != values["next_step_id"]:
            values |= {"approved_step_id": False, "approved_by_id": False}
        return values

    @api.model
    def _ask_approval(self, company):
        """Tell whoever answers for a policy that steps wait."""
        groups = self._read_group(
            [("company_id", "=", company.id), ("is_to_approve", "=", True)],
            ["policy_id"],
            ["__count"],
        )
        for policy, count in groups:
            words = self.env._("%(count)s steps wait for approval", count=count)
            old = policy.activity_ids.filtered("automated")
            old.filtered(lambda one, words=words: one.summary != words).unlink()
            if not old.exists():
                policy.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=words,
                    user_id=(policy.responsible_id or self.env.user).id,
                )
