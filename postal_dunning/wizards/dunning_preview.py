from odoo import api, fields, models


class DunningPreview(models.TransientModel):
    """What a run would do today, made by the very code of the run."""

    _name = "dunning.preview"
    _description = "Preview of a Collection Run"

    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many("dunning.preview.line", "preview_id")
    count_due = fields.Integer(compute="_compute_totals", string="Steps Due")
    count_waiting = fields.Integer(compute="_compute_totals", string="Waiting")
    amount_due = fields.Monetary(compute="_compute_totals", string="Amount")

    @api.depends("line_ids.step_id", "line_ids.is_chosen")
    def _compute_totals(self):
        for preview in self:
            due = preview.line_ids.filtered("step_id")
            chosen = due.filtered("is_chosen")
            preview.count_due = len(chosen)
            preview.amount_due = sum(chosen.mapped("amount"))
            preview.count_waiting = len(preview.line_ids - due)

    def _load(self):
        """Bring all cases up to date and note what is due for each."""
        self.ensure_one()
        # Whoever may start a run may see what it would do with every debtor.
        cases_sudo = self.env["dunning.case"].sudo()
        cases_sudo._open_cases(self.company_id)
        cases = cases_sudo.search(
            [("company_id", "=", self.company_id.id), ("state", "!=", "done")]
        )
        facts = self.env["dunning.planner"]._load(self.company_id, cases.partner_id)
        values = []
        for case in cases:
            debtor = facts.get_debtor(case.partner_id.id)
            decision = case._apply_facts(debtor)
            values.append(self._prepare_line_vals(case, debtor, decision))
        self.line_ids = [fields.Command.create(vals) for vals in values]

    @api.model
    def _prepare_line_vals(self, case, debtor, decision):
        step = case._get_step(debtor.policy, decision.step)
        addressee = case.partner_id._get_letter_addressee()
        is_due = bool(step) and not case._is_below_minimum(debtor, decision)
        chosen = set(decision.item_ids)
        due = float(sum(item.asked for item in debtor.items if item.id in chosen))
        return {
            "case_id": case.id,
            "step_id": step.id if is_due else False,
            "channel": case._choose_channel(step, addressee).channel
            if is_due
            else False,
            "amount": due if is_due else case.amount_overdue,
            "note": case.wait_note,
            "date_next": case.date_next,
            "is_chosen": is_due,
        }

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Steps of Today"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def action_open(self):
        """Open the preview of the current company."""
        preview = self.create({"company_id": self.env.company.id})
        preview._load()
        return preview._get_action()

    def action_run(self):
        """Take the chosen steps, each decided again on the books of this moment."""
        self.ensure_one()
        self.line_ids.case_id.check_access("write")
        for line in self.line_ids.filtered(lambda one: one.is_chosen and one.step_id):
            line.case_id.sudo()._run_one(is_manual=True)
        return {
            "type": "ir.actions.act_window_close",
            "infos": {"done": len(self.line_ids)},
        }
