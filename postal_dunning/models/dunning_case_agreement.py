from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import channels


class DunningCase(models.Model):
    """Disputes, promises, payment plans, holds and collectors of a case."""

    _inherit = "dunning.case"

    hold_kind = fields.Selection(
        [
            ("bereavement", "Bereavement"),
            ("counselling", "Debt counselling"),
            ("insolvency", "Insolvency"),
            ("other", "Something else"),
        ],
        string="Why on Hold",
        tracking=True,
    )
    dispute_ids = fields.One2many("dunning.dispute", "case_id", string="Disputes")
    promise_ids = fields.One2many("dunning.promise", "case_id", string="Promises")
    plan_ids = fields.One2many("dunning.plan", "case_id", string="Payment Plans")
    hand_over_ids = fields.One2many("dunning.hand.over", "case_id", string="Collectors")
    agreement_total = fields.Integer(compute="_compute_agreement_total")

    def _compute_agreement_total(self):
        for case in self:
            case.agreement_total = sum(
                len(case[name])
                for name in ("dispute_ids", "promise_ids", "plan_ids", "hand_over_ids")
            )

    def _get_overdue(self):
        """Open items of the case that are past their due date."""
        today = self.env["dunning.agreement"]._get_today(self.company_id)
        return self.move_line_ids.filtered(
            lambda line: (
                line.amount_residual > 0 and (line.date_maturity or line.date) < today
            )
        )

    def _wake_call_back(self):
        """Something was agreed: a letter that is not printed yet may have to stop."""
        waiting = self.env["dunning.message"].search(
            [("case_id", "in", self.ids), ("state", "=", "waiting")]
        )
        waiting._wake_call_back()

    # === ACTIONS === #

    def _open_new(self, model, name):
        """A form for a new agreement about this case."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "done":
            raise UserError(self.env._("Nothing is open any more."))
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_new_dispute(self):
        return self._open_new("dunning.dispute", self.env._("Dispute"))

    def action_new_promise(self):
        return self._open_new("dunning.promise", self.env._("Promise to Pay"))

    def action_new_plan(self):
        return self._open_new("dunning.plan", self.env._("Payment Plan"))

    def action_new_hand_over(self):
        return self._open_new("dunning.hand.over", self.env._("Collector"))

    def action_new_hold(self):
        """Ask why and until when these debtors are left alone."""
        self.check_access("write")
        cases = self.filtered(lambda case: case.state == "open")
        if not cases:
            raise UserError(self.env._("Only open cases can be put on hold."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": "dunning.hold",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": cases.ids},
        }

    # === INSTALMENTS === #

    def _send_instalment(self, line, today):
        """Remind of one instalment by the channel of payment plans (Z6).

        The kind of message *Payment plan* has its own default channel; the customer's
        own choice goes before it.
        """
        self.ensure_one()
        messages = self.env["dunning.message"].sudo()
        message = messages.create(self._prepare_instalment_vals(line, today))
        getattr(self, f"_send_{message.channel}")(message)
        return message

    def _prepare_instalment_vals(self, line, today):
        company = self.company_id
        addressee = self.partner_id._get_letter_addressee()
        kind = self.env["communication.type"]._get_type("payment_plan")
        choice = channels.choose(
            "",
            self.partner_id.with_company(company).communication_channel or "",
            kind.with_company(company).channel or "",
            addressee._get_reach_for(kind, company),
        )
        return {
            "case_id": self.id,
            "company_id": company.id,
            "partner_id": addressee.id,
            "plan_line_id": line.id,
            "type_id": kind.id,
            "channel": choice.channel,
            "channel_reason": choice.problem or choice.origin,
            "date": today,
            "amount": line.amount_open,
            "lang": addressee.lang or company.partner_id.lang or "en_US",
        }
