from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import guards, law

#: waits that do not end by themselves
PERSON = (guards.UNMATCHED, guards.STALE, guards.ONLY_CHARGES)


class DunningCase(models.Model):
    """What one debtor owes one company, and how far collecting it has come.

    There is one open case per debtor and company. It opens with the first overdue
    item and is done when nothing is open any more; the amounts kept on it are those
    of the last look (`date_checked`), for lists and sums.
    """

    _name = "dunning.case"
    _description = "Collection Case"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "date_next, amount_overdue desc, id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("open", "Open"), ("hold", "On Hold"), ("done", "Done")],
        default="open",
        required=True,
        tracking=True,
    )
    policy_id = fields.Many2one("dunning.policy", ondelete="restrict", readonly=True)
    step_id = fields.Many2one(
        "dunning.step",
        string="Step Taken",
        ondelete="restrict",
        readonly=True,
        tracking=True,
        group_expand="_group_expand_steps",
    )
    next_step_id = fields.Many2one("dunning.step", ondelete="set null", readonly=True)
    date_next = fields.Date(string="Next Step On", readonly=True, index=True)
    is_step_due = fields.Boolean(compute="_compute_is_step_due")
    wait_codes = fields.Char(readonly=True)
    wait_note = fields.Char(compute="_compute_wait_note", string="Waits Because")
    amount_open = fields.Monetary(readonly=True)
    amount_overdue = fields.Monetary(readonly=True, string="Overdue")
    date_oldest_due = fields.Date(string="Overdue Since", readonly=True)
    days_overdue = fields.Integer(compute="_compute_days_overdue")
    date_checked = fields.Datetime(readonly=True)
    run_number = fields.Integer(readonly=True)
    date_hold_until = fields.Date(string="On Hold Until", tracking=True)
    hold_reason = fields.Char(string="Reason", tracking=True)
    responsible_id = fields.Many2one(
        "res.users", domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )
    sent_message_ids = fields.One2many(
        "dunning.message", "case_id", string="Collection Messages"
    )
    message_total = fields.Integer(
        compute="_compute_message_total", string="Number of Messages"
    )
    move_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_move_line_ids", string="Open Items"
    )
    is_at_end = fields.Boolean(
        compute="_compute_is_at_end", search="_search_is_at_end", string="No Step Left"
    )
    needs_person = fields.Boolean(
        compute="_compute_needs_person", search="_search_needs_person"
    )

    _open_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state != 'done'",
        "There is an open case for this debtor already.",
    )

    @api.depends("partner_id")
    def _compute_display_name(self):
        for case in self:
            case.display_name = case.partner_id.display_name

    @api.depends("date_oldest_due")
    def _compute_days_overdue(self):
        get_today = self.env["dunning.agreement"]._get_today
        days = {company: get_today(company) for company in self.company_id}
        for case in self:
            due = case.date_oldest_due
            days_late = (days[case.company_id] - due).days if due else 0
            case.days_overdue = max(days_late, 0)

    @api.depends("state", "next_step_id", "date_next")
    def _compute_is_step_due(self):
        # The day of the organisation, as the run counts it: around midnight a user
        # elsewhere, or without a time zone, has another one.
        get_today = self.env["dunning.agreement"]._get_today
        days = {company: get_today(company) for company in self.company_id}
        for case in self:
            due = case.date_next and case.date_next <= days[case.company_id]
            case.is_step_due = case.state == "open" and case.next_step_id and due

    @api.depends("sent_message_ids")
    def _compute_message_total(self):
        for case in self:
            case.message_total = len(case.sent_message_ids)

    @api.depends("partner_id", "company_id")
    def _compute_move_line_ids(self):
        planner = self.env["dunning.planner"]
        for case in self:
            # The office sees the debtor's items without rights to all of the books;
            # domain and company limit them to this case.
            lines_sudo = (
                self.env["account.move.line"]
                .sudo()
                .search(
                    planner._get_item_domain(case.company_id)
                    + [("partner_id.commercial_partner_id", "=", case.partner_id.id)],
                    order="date_maturity, id",
                )
            )
            case.move_line_ids = lines_sudo.sudo(False)

    @api.depends("wait_codes")
    @api.depends_context("lang")
    def _compute_wait_note(self):
        for case in self:
            case.wait_note = case._get_wait_words((case.wait_codes or "").split())

    @api.depends("wait_codes", "activity_ids", "sent_message_ids.state")
    def _compute_needs_person(self):
        found = self.search([("id", "in", self.ids), ("needs_person", "=", True)])
        for case in self:
            case.needs_person = case in found

    @api.model
    def _search_needs_person(self, operator, value):
        if operator != "in":
            return NotImplemented
        words = Domain.OR([[("wait_codes", "like", code)] for code in PERSON])
        today = fields.Date.context_today(self)
        return Domain("state", "!=", "done") & (
            Domain("activity_ids.date_deadline", "<=", today)
            | Domain("is_at_end", "=", True)
            | Domain("is_to_approve", "=", True)
            | Domain("sent_message_ids.state", "=", "failed")
            | words
        )

    @api.depends("state", "next_step_id", "wait_codes", "amount_overdue", "policy_id")
    def _compute_is_at_end(self):
        for case in self:
            case.is_at_end = (
                case.state == "open"
                and case.policy_id.is_automatic
                and not case.next_step_id
                and not case.wait_codes
                and case.amount_overdue > 0
                and "sent" in case.sent_message_ids.mapped("state")
            )

    @api.model
    def _search_is_at_end(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            ("state", "=", "open"),
            ("policy_id.is_automatic", "=", True),
            ("next_step_id", "=", False),
            ("wait_codes", "in", (False, "")),
            ("amount_overdue", ">", 0),
            ("sent_message_ids.state", "=", "sent"),
        ]

    @api.model
    def _group_expand_steps(self, steps, domain):
        """Show every step of the policies in use, also without cases."""
        policies = self.env["dunning.policy"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        return policies.step_ids | steps

    @api.model
    def _get_wait_words(self, codes):
        """Sentences for the codes of the engine."""
        words = {
            guards.PAID: self.env._("Paid"),
            guards.BLOCKED: self.env._("Invoice blocked"),
            guards.NO_FOLLOWUP: self.env._("Taken out of reminders"),
            guards.PENDING_MONEY: self.env._("Payment on its way"),
            guards.ON_HOLD: self.env._("On hold"),
            guards.STALE: self.env._("Bank data too old"),
            guards.UNMATCHED: self.env._("Money received, not matched yet"),
            guards.UNDER_WAY: self.env._("A message is on its way"),
            guards.DISPUTED: self.env._("Disputed"),
            guards.IN_PLAN: self.env._("In a payment plan"),
            guards.PROMISED: self.env._("Promised to pay"),
            guards.COLLECTOR: self.env._("With a collector"),
            guards.ONLY_CHARGES: self.env._("Only costs are still open"),
            "WAITING-TIME": self.env._("Time to pay still runs"),
            law.NL_TERM: self.env._("Legal term still runs (NL)"),
            law.BE_WAIT: self.env._("Legal term still runs (BE)"),
            law.DE_DEFAULT: self.env._("Not in default yet (DE)"),
        }
        return ", ".join(words.get(code, code) for code in codes)

    # === ACTIONS === #

    def action_refresh(self):
        self.check_access("write")
        self.sudo()._refresh()

    def action_take_step(self):
        """Take the step that is due now; says why when none is."""
        self.check_access("write")
        for case in self:
            if not case.sudo()._take_step():
                raise UserError(
                    case.wait_note or self.env._("No step is due for this debtor.")
                )

    def action_hold(self):
        self.check_access("write")
        self._update_state(("open",), "hold")
        self.sudo()._refresh()
        self.sudo()._wake_call_back()

    def action_release(self):
        self.check_access("write")
        self._release()
        self.sudo()._refresh()

    def _release(self):
        self._update_state(("hold",), "open")
        self.write({"date_hold_until": False, "hold_reason": False, "hold_kind": False})

    def _update_state(self, allowed, target):
        """Move cases on; the same state again changes nothing."""
        self.filtered(lambda case: case.state in allowed).write({"state": target})

    def action_view_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "postal_dunning.dunning_message_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_invoices(self):
        self.ensure_one()
        moves = self.move_line_ids.move_id
        return moves._get_records_action(name=self.env._("Open Items"))

    # === REFRESH === #

    def _refresh(self):
        """Look at the books again and keep what is open and what comes next."""
        for company, cases in (
            self.filtered(lambda case: case.state != "done")
            .grouped("company_id")
            .items()
        ):
            facts = self.env["dunning.planner"]._load(company, cases.partner_id)
            cases._apply_facts(facts)

    def _apply_facts(self, facts):
        """Write what is decided for each debtor; equal answers are written at once.

        :param facts: what is known about these debtors
        :type facts: dunning_planner.Facts
        :return: the decisions by id of the case
        :rtype: dict[int, engine.steps.Decision]
        """
        decisions, groups = {}, defaultdict(list)
        for case in self:
            debtor = facts.get_debtor(case.partner_id.id)
            decisions[case.id] = decision = debtor.decide()
            values = case._prepare_decided_vals(debtor, decision)
            groups[tuple(values.items())].append(case.id)
        # Each look is not told to followers, only the end of a case.
        quiet = self.with_context(tracking_disable=True)
        quiet.date_checked = fields.Datetime.now()
        for values, ids in groups.items():
            quiet.browse(ids).with_prefetch(self._ids)._keep_decided(dict(values))
        return decisions

    def _prepare_decided_vals(self, debtor, decision):
        """What a case keeps of a decision."""
        today = debtor.facts.today
        overdue = [item for item in debtor.items if item.due < today]
        is_dated = decision.next_date and decision.next_date != date.max
        values = {
            "policy_id": debtor.policy.id,
            "amount_open": float(sum(item.residual for item in debtor.items)),
            "amount_overdue": float(sum(item.residual for item in overdue)),
            "date_oldest_due": min((item.due for item in overdue), default=False),
            "next_step_id": self._get_step(debtor.policy, decision.next_step).id,
            "date_next": is_dated and decision.next_date,
            "wait_codes": " ".join(
                dict.fromkeys(refusal.code for refusal in decision.refusals)
            ),
        }
        if not debtor.items and not debtor.is_under_way:
            values |= {"state": "done", "date_next": False, "next_step_id": False}
        return values

    def _keep_decided(self, values):
        """Write values where they differ from what is kept."""
        kept = tuple((value or False) for value in values.values())
        asked = [self._fields[name] for name in values]
        changed = self.filtered(
            lambda case: (
                tuple(
                    field.convert_to_write(case[field.name], case) or False
                    for field in asked
                )
                != kept
            )
        )
        if values.get("state") != "done":
            changed.write(values)
            return
        changed.with_context(tracking_disable=False).write(values)
        changed.activity_ids.action_feedback(
            feedback=self.env._("Nothing is open any more.")
        )

    @api.model
    def _get_step(self, policy, engine_step):
        """The record of an engine step."""
        if not engine_step:
            return self.env["dunning.step"]
        return policy.step_ids.filtered(lambda step: step.days == engine_step.days)
