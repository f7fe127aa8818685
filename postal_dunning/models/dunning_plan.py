from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine import instalments


class DunningPlan(models.Model):
    """A debt paid by instalments: proposed, approved, followed, and broken in time.

    While it is proposed or runs nothing else is sent about its items; it has reminders
    of its own (kind of message *Payment plan*). What was paid is read from the books
    and counted on the instalments in their order.
    """

    _name = "dunning.plan"
    _inherit = ["dunning.agreement"]  # noqa: RUF012
    _description = "Payment Plan"

    method = fields.Selection(
        [("number", "Number of instalments"), ("amount", "Amount of an instalment")],
        string="Divide By",
        default="number",
        required=True,
    )
    number = fields.Integer(string="Instalments", default=3)
    amount = fields.Monetary(string="Each")
    unit = fields.Selection(
        [("week", "Week"), ("month", "Month")], default="month", required=True
    )
    date_first = fields.Date(
        string="First On",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.today(), days=14),
    )
    remind_days = fields.Integer(
        string="Remind Before (days)", default=5, help="Below 0: after the date."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("asked", "To Approve"),
            ("active", "Running"),
            ("done", "Paid"),
            ("broken", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True)
    line_ids = fields.One2many("dunning.plan.line", "plan_id")
    amount_total = fields.Monetary(compute="_compute_amount_total", string="Total")

    _number_positive = models.Constraint(
        "CHECK (number > 0 AND number <= 120)", "A plan has 1 to 120 instalments."
    )

    @api.depends("state")
    def _compute_is_live(self):
        for plan in self:
            plan.is_live = plan.state in ("asked", "active")

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for plan in self:
            plan.amount_total = sum(plan.line_ids.mapped("amount"))

    def write(self, vals):
        """Override: what was proposed is not changed behind the approver's back."""
        frozen = {"line_ids", "move_line_ids", "date_first", "method", "number"}
        fixed = self.filtered(lambda plan: plan.state != "draft")
        if not self.env.su and fixed and frozen & set(vals):
            raise UserError(self.env._("Cancel the plan and make a new one."))
        return super().write(vals)

    # === ACTIONS === #

    def action_divide(self):
        """Work out the instalments."""
        self.check_access("write")
        for plan in self.filtered(lambda one: one.state == "draft"):
            plan.line_ids = [Command.clear(), *plan._prepare_lines()]
        return self._reopen()

    def _prepare_lines(self):
        total = sum(self.sudo().move_line_ids.mapped("amount_residual"))
        try:
            amounts = instalments.divide(
                total,
                number=self.number if self.method == "number" else None,
                each=self.amount if self.method == "amount" else None,
            )
        except ValueError as error:
            raise UserError(
                self.env._("Choose open items and an instalment above 0.")
            ) from error
        return [
            Command.create({"date": self._get_date(index), "amount": float(amount)})
            for index, amount in enumerate(amounts)
        ]

    def _get_date(self, index):
        """The date of an instalment, counted from the first one."""
        if self.unit == "week":
            return self.date_first + relativedelta(weeks=index)
        return self.date_first + relativedelta(months=index)

    def action_ask(self):
        """Propose the plan; whoever may approve it does so at once."""
        self.check_access("write")
        for plan in self.filtered(lambda one: one.state == "draft"):
            if not plan.line_ids:
                plan.line_ids = plan._prepare_lines()
            plan._check_total()
            plan._update_state(("draft",), "asked")
            if self.env.user.has_group("postal_dunning.group_dunning_manager"):
                plan.action_approve()
            else:
                plan._plan_activity(
                    self.env._("Approve the payment plan"), fields.Date.today()
                )
        return self._reopen()

    def _check_total(self):
        total = sum(self.sudo().move_line_ids.mapped("amount_residual"))
        if self.currency_id.compare_amounts(total, self.amount_total):
            raise UserError(
                self.env._(
                    "The instalments are %(plan)s, but %(total)s is open.",
                    plan=self.currency_id.format(self.amount_total),
                    total=self.currency_id.format(total),
                )
            )

    def action_approve(self):
        """Only an administrator of collections approves."""
        self.check_access("write")
        if not self.env.user.has_group("postal_dunning.group_dunning_manager"):
            raise UserError(
                self.env._("An administrator of collections approves plans.")
            )
        self._update_state(("asked",), "active", approved_by_id=self.env.user.id)

    def action_cancel(self):
        self.check_access("write")
        self._update_state(("draft", "asked", "active"), "cancelled")

    def _reopen(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Plan"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # === RUNNING === #

    def _note_on(self, by_item, owners):
        """Say about each item that it is paid by instalments."""
        for line in self.move_line_ids.filtered(lambda one: one.id in owners):
            by_item[line.id].is_in_plan = True

    @api.model
    def _follow_up(self, company):
        """Remind of instalments, end what is paid, break what is not."""
        today = self._get_today(company)
        domain = [("company_id", "=", company.id), ("state", "=", "active")]
        for plan in self.search(domain):
            plan._follow_up_one(today)

    def _follow_up_one(self, today):
        open_lines = self.line_ids.filtered(lambda line: line.amount_open > 0)
        if not open_lines:
            self._update_state(("active",), "done")
        elif any(self._get_limit(line.date) < today for line in open_lines):
            self._update_state(("active",), "broken")
            self._plan_activity(self.env._("A payment plan was not kept"), today)
        else:
            for line in open_lines:
                line._remind(today)
