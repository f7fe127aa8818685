from odoo import api, fields, models

from ..engine import channels


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
    letters_due = fields.Integer(compute="_compute_totals", string="Letters")
    cost_due = fields.Monetary(compute="_compute_totals", string="Price of the Letters")
    is_cost_partial = fields.Boolean(compute="_compute_totals")
    budget_left = fields.Monetary(string="Left of the Budget", readonly=True)
    has_budget = fields.Boolean(readonly=True)
    is_over_budget = fields.Boolean(compute="_compute_totals")
    channel_words = fields.Char(compute="_compute_totals", string="By Channel")
    collector_warning = fields.Text(compute="_compute_collector_warning")

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_collector_warning(self):
        policies = self.env["dunning.policy"]
        for preview in self:
            found = policies._get_policies(preview.company_id)
            words = filter(None, found.mapped("collector_warning"))
            preview.collector_warning = "\n".join(dict.fromkeys(words))

    @api.depends("line_ids.step_id", "line_ids.is_chosen")
    @api.depends_context("lang")
    def _compute_totals(self):
        for preview in self:
            due = preview.line_ids.filtered("step_id")
            chosen = due.filtered("is_chosen")
            preview.count_due = len(chosen)
            preview.amount_due = sum(chosen.mapped("amount"))
            preview.count_waiting = len(preview.line_ids - due)
            letters = chosen.filtered(lambda line: line.channel == channels.POST)
            preview.letters_due = len(letters)
            preview.cost_due = sum(letters.mapped("cost"))
            preview.is_cost_partial = any(not line.cost for line in letters)
            preview.is_over_budget = (
                preview.has_budget and preview.cost_due > preview.budget_left
            )
            preview.channel_words = chosen._get_channel_words()

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
        left = self.company_id.sudo()._get_letter_budget_left()
        self.write({"has_budget": left is not None, "budget_left": left or 0})
        decisions = cases._apply_facts(facts)
        self.line_ids = [
            fields.Command.create(
                self._prepare_line_vals(
                    case, facts.get_debtor(case.partner_id.id), decisions[case.id]
                )
            )
            for case in cases
        ]

    @api.model
    def _prepare_line_vals(self, case, debtor, decision):
        step = case._get_step(debtor.policy, decision.step)
        is_due = bool(step) and not case._is_below_minimum(debtor, decision)
        values = {
            "case_id": case.id,
            "amount": case.amount_overdue,
            "note": case.wait_note,
            "date_next": case.date_next,
        }
        if not is_due:
            return values
        addressee = case.partner_id._get_letter_addressee()
        choice = case._choose_channel(step, addressee)
        chosen = set(decision.item_ids)
        asked = [item.asked for item in debtor.items if item.id in chosen]
        values |= {
            "step_id": step.id,
            "channel": choice.channel,
            "channel_note": addressee._get_choice_words(choice),
            "amount": float(sum(asked)),
            "is_chosen": True,
        }
        if choice.channel == channels.POST:
            values |= self._prepare_letter_vals(case, step, addressee, len(asked))
        return values

    @api.model
    def _prepare_letter_vals(self, case, step, addressee, rows):
        """How many pages the letter will have and what it costs."""
        company = case.company_id
        pages = step._estimate_pages(rows)
        country = addressee.country_id.code or ""
        # Prices belong to the connection; whoever starts a run may know them.
        prices_sudo = self.env["letter.price"].sudo()
        row = prices_sudo._look_up(company, country, pages, step.type_id)
        return {
            "pages": pages,
            "cost": company._get_letter_amount(row.price, row.currency),
        }

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Steps of Today"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
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
