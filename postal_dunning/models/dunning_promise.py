from datetime import timedelta

from odoo import api, fields, models


class DunningPromise(models.Model):
    """A debtor said when they will pay: nothing is sent until then.

    Kept or broken is found out from the books by the daily run.
    """

    _name = "dunning.promise"
    _inherit = ["dunning.agreement"]  # noqa: RUF012
    _description = "Promise to Pay"

    amount = fields.Monetary(required=True)
    date = fields.Date(string="Will Pay On", required=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("broken", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
    )

    _promised_positive = models.Constraint(
        "CHECK (amount > 0)", "A promise is about an amount."
    )

    @api.depends("state")
    def _compute_is_live(self):
        for promise in self:
            promise.is_live = promise.state == "open"

    @api.model
    def default_get(self, fields_list):
        """Override to begin with the whole overdue amount, in a week."""
        values = super().default_get(fields_list)
        case = self.env["dunning.case"].browse(values.get("case_id"))
        if case:
            overdue = case.sudo()._get_overdue()
            values["amount"] = sum(overdue.mapped("amount_residual"))
            values["date"] = self._get_today(case.company_id) + timedelta(days=7)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises.case_id.sudo()._refresh()
        return promises

    def action_cancel(self):
        self.check_access("write")
        self._update_state(("open",), "cancelled")

    def _note_debtor(self, debtor):
        """Say until when the debtor is waited for."""
        limit = self._get_limit(self.date)
        debtor.promised_until = max(debtor.promised_until or limit, limit)

    @api.model
    def _follow_up(self, company):
        """Find out which promises were kept and which were broken."""
        today = self._get_today(company)
        domain = [("company_id", "=", company.id), ("state", "=", "open")]
        for promise in self.search(domain):
            rest = promise.amount - promise.amount_paid
            if promise.currency_id.compare_amounts(rest, 0) <= 0:
                promise._update_state(("open",), "kept")
            elif promise._get_limit(promise.date) < today:
                promise._update_state(("open",), "broken")
                promise._plan_activity(
                    self.env._("A promise to pay was not kept"), today
                )
