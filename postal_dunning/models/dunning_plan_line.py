from datetime import timedelta

from odoo import api, fields, models

from ..engine import guards


class DunningPlanLine(models.Model):
    """One instalment; payments are counted on the earliest first."""

    _name = "dunning.plan.line"
    _description = "Instalment"
    _order = "plan_id, date, id"

    plan_id = fields.Many2one(
        "dunning.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    amount_open = fields.Monetary(compute="_compute_amount_open", string="Still Open")
    message_ids = fields.One2many("dunning.message", "plan_line_id", readonly=True)

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An instalment is above 0."
    )

    @api.depends("plan_id.line_ids.amount", "plan_id.amount_paid")
    def _compute_amount_open(self):
        for plan, lines in self.grouped("plan_id").items():
            paid = plan.amount_paid
            for line in plan.line_ids.sorted("date"):
                rest = plan.currency_id.round(max(line.amount - paid, 0))
                paid = max(paid - line.amount, 0)
                if line in lines:
                    line.amount_open = rest

    def _remind(self, today):
        """Send the reminder of an instalment once, on its day."""
        self.ensure_one()
        day = self.date - timedelta(days=self.plan_id.remind_days)
        left = self.message_ids.filtered(lambda message: message.state != "cancelled")
        if day <= today and not left and not self._get_refusal()[0]:
            self.plan_id.case_id._send_instalment(self, today)

    def _get_refusal(self):
        """Why a reminder of this instalment may not leave now.

        :return: words (empty when it may leave) and whether that is final; old bank
            data is not
        """
        self.ensure_one()
        if self.plan_id.state != "active":
            return self.env._("The payment plan ended."), True
        if self.amount_open <= 0:
            return self.env._("The instalment is paid."), True
        case = self.plan_id.case_id
        facts = self.env["dunning.planner"]._load(self.company_id, case.partner_id)
        debtor = facts.get_debtor(case.partner_id.id)
        codes = set(
            guards.find_plan_refusals(
                debtor.as_engine(), set(self.plan_id.move_line_ids.ids), facts.today
            )
        )
        final = codes - {guards.STALE}
        return case._get_wait_words(final or codes), bool(final)
