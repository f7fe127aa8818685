from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningAgreement(models.AbstractModel):
    """What was agreed with a debtor, or is contested, about some open items.

    While one is live (`is_live`) the planner leaves its items or its debtor alone.
    What was paid since is read from the books: the open amount of the items on the
    first day less what is open now.
    """

    _name = "dunning.agreement"
    _description = "Agreement With a Debtor"
    _order = "id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "dunning.case", required=True, ondelete="restrict", index=True, readonly=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_ids = fields.Many2many(
        "account.move.line", string="Open Items", check_company=True
    )
    user_id = fields.Many2one(
        "res.users", string="By", default=lambda self: self.env.user, readonly=True
    )
    note = fields.Text()
    amount_start = fields.Monetary(
        string="Open at the Start", readonly=True, copy=False
    )
    amount_paid = fields.Monetary(compute="_compute_amount_paid", string="Paid Since")
    is_live = fields.Boolean(compute="_compute_is_live", store=True, index=True)

    @api.depends("case_id.partner_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.case_id.partner_id.display_name

    def _compute_is_live(self):
        """Whether it holds today; each model says in which states."""
        raise NotImplementedError

    @api.depends("amount_start", "move_line_ids.amount_residual")
    def _compute_amount_paid(self):
        for record in self:
            # The office sees what was paid without rights to all of the books.
            now = sum(record.sudo().move_line_ids.mapped("amount_residual"))
            record.amount_paid = max(record.amount_start - now, 0)

    @api.model
    def default_get(self, fields_list):
        """Override to begin with everything that is overdue."""
        values = super().default_get(fields_list)
        case = self.env["dunning.case"].browse(values.get("case_id"))
        if case and "move_line_ids" in fields_list:
            values["move_line_ids"] = [fields.Command.set(case._get_overdue().ids)]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records:
            # As above: sums of the books, not their lines.
            lines_sudo = record.sudo().move_line_ids
            record.amount_start = sum(lines_sudo.mapped("amount_residual"))
        records.case_id.sudo()._wake_call_back()
        return records

    @api.constrains("move_line_ids", "case_id")
    def _check_debtor(self):
        for record in self.sudo():
            owners = record.move_line_ids.partner_id.commercial_partner_id
            if owners - record.case_id.partner_id:
                raise ValidationError(
                    self.env._("These items belong to another customer.")
                )

    def _update_state(self, allowed, target, **values):
        """Move records on; the same state again changes nothing."""
        moved = self.filtered(lambda record: record.state in allowed)
        moved.write({"state": target, **values})
        moved.case_id.sudo()._refresh()
        moved.case_id.sudo()._wake_call_back()
        return moved

    def _get_responsible(self):
        self.ensure_one()
        return self.case_id._get_responsible(self.case_id.next_step_id)

    def _plan_activity(self, summary, day):
        """Let a person look at the case on a day."""
        self.ensure_one()
        self.case_id.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=day,
            summary=summary,
            user_id=self._get_responsible().id,
        )

    def _get_limit(self, day):
        """Last day on which money for ``day`` may still arrive."""
        return day + timedelta(days=self.case_id.policy_id.promise_days)

    @api.model
    def _get_today(self, company):
        planner = self.env["dunning.planner"]
        return fields.Date.context_today(
            self.with_context(tz=planner._get_timezone(company))
        )
