"""Loads what a decision needs for many debtors in a handful of queries."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, fields, models

from ..engine import guards, law, steps


class Facts:
    """Everything known about a set of debtors of one company.

    :param today: date in the time zone of the company
    """

    def __init__(self, company, today, book, is_stale):
        self.company = company
        self.today = today
        self.book = book
        self.is_stale = is_stale
        self.debtors = {}
        self._steps = {}

    def get_steps(self, debtor):
        """Engine steps of a debtor's policy whose conditions are true for them."""
        policy = debtor.policy
        if not policy:
            return ()
        if policy.id not in self._steps:
            self._steps[policy.id] = policy._get_step_conditions(self)
        overdue = sum(item.asked for item in debtor.items if item.due < self.today)
        return tuple(
            step
            for step, least, partner_ids in self._steps[policy.id]
            if overdue >= least
            and (partner_ids is None or debtor.partner.id in partner_ids)
        )

    def get_debtor(self, partner_id):
        """:rtype: DebtorFacts | None"""
        return self.debtors.get(partner_id)


class DebtorFacts:
    """One debtor: what the engine gets, and what the records need of it."""

    def __init__(self, facts, partner, policy):
        self.facts = facts
        self.partner = partner
        self.policy = policy
        self.items = []
        self.unmatched = Decimal(0)
        self.hold_until = None
        self.promised_until = None
        self.collector = ""
        self.last_message = None
        self.is_under_way = False

    def get_open_amounts(self):
        """Open amount per item that may be reminded of."""
        allowed, _refused = guards.sort_items(self.as_engine())
        return {item.id: item.asked for item in allowed}

    def get_kind(self):
        kind = self.partner.debtor_kind
        return law.CONSUMER if kind == "consumer" else law.BUSINESS

    def get_country(self):
        """Whose law holds: the consumer's own, between businesses the creditor's."""
        is_consumer = self.get_kind() == law.CONSUMER
        owner = self.partner if is_consumer else self.facts.company
        return owner.country_id.code or ""

    def as_engine(self):
        """:rtype: engine.steps.Debtor"""
        last, wait = None, 0
        if self.last_message:
            sent, channel, is_formal, wait = self.last_message
            last = law.Notice(sent, channel, is_formal)
        return steps.Debtor(
            items=tuple(self.items),
            country=self.get_country(),
            kind=self.get_kind(),
            hold_until=self.hold_until,
            promised_until=self.promised_until,
            is_with_collector=bool(self.collector),
            unmatched=self.unmatched,
            last=last,
            last_wait_days=wait,
            is_under_way=self.is_under_way,
            is_stale=self.facts.is_stale,
        )

    def decide(self):
        """:rtype: engine.steps.Decision"""
        return steps.decide(
            self.as_engine(),
            self.facts.get_steps(self),
            today=self.facts.today,
            book=self.facts.book,
        )

    def find_stop_codes(self):
        """Guards of the debtor that say stop, whatever the step."""
        found = guards.find_debtor_refusals(
            self.as_engine(), self.facts.book, self.facts.today
        )
        return tuple(refusal.code for refusal in found)


class DunningPlanner(models.AbstractModel):
    """Where records become facts.

    ``_load`` asks a constant number of queries, however many debtors there are. The
    answer is decided upon by ``engine.steps``; preview, run and hand-over of a letter
    all come through here.
    """

    _name = "dunning.planner"
    _description = "Collection Planner"

    @api.model
    def _load(self, company, partners, ignored_message=None):
        """Facts of some debtors.

        :param partners: commercial partners
        :param ignored_message: a message whose own traces are left out
        :rtype: Facts
        """
        planner = self.with_company(company).sudo()
        return planner._load_facts(company, partners.sudo(), ignored_message)

    @api.model
    def _load_facts(self, company, partners, ignored_message):
        today = fields.Date.context_today(
            self.with_context(tz=self._get_timezone(company))
        )
        policies = self.env["dunning.policy"]._get_policies(company)
        book = self.env["dunning.law.rule"]._get_book()
        facts = Facts(company, today, book, False)
        partners.fetch(["category_id", "country_id", "debtor_kind"])
        for partner in partners:
            policy = policies._find_for(partner)
            facts.debtors[partner.id] = DebtorFacts(facts, partner, policy)
        facts.is_stale = self._is_stale(company, policies)
        self._load_items(facts, partners)
        self._load_money(facts, partners)
        self._load_agreements(facts, partners)
        self._load_cases(facts, partners)
        self._load_messages(facts, partners, ignored_message)
        return facts

    @api.model
    def _get_timezone(self, company):
        return company.partner_id.tz or self.env.user.tz or "Europe/Amsterdam"

    # === ITEMS === #

    @api.model
    def _get_item_domain(self, company):
        """Open items of debtors in the books of a company."""
        return [
            ("company_id", "=", company.id),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual", "!=", 0),
        ]

    @api.model
    def _load_items(self, facts, partners):
        # Only what is asked for: an item of the books has a hundred fields.
        lines = self.env["account.move.line"].search_fetch(
            self._get_item_domain(facts.company)
            + [("partner_id.commercial_partner_id", "in", partners.ids)],
            ["amount_residual", "date", "date_maturity", "move_id", "no_followup",
             "partner_id"],
            order="date_maturity, id",
        )  # fmt: skip
        lines.partner_id.fetch(["commercial_partner_id"])
        lines.move_id.fetch(["payment_state"])
        pending = self._get_pending_moves(lines.move_id)
        levels = self._get_levels(lines)
        charges = self._get_charge_moves(lines.move_id)
        for line in lines:
            debtor = facts.get_debtor(line.partner_id.commercial_partner_id.id)
            residual = Decimal(str(line.amount_residual))
            if residual < 0:
                debtor.unmatched -= residual
                continue
            debtor.items.append(
                steps.Item(
                    id=line.id,
                    due=line.date_maturity or line.date,
                    residual=residual,
                    level=levels.get(line.id, 0),
                    is_blocked=line.move_id.payment_state == "blocked",
                    is_excluded=line.no_followup,
                    is_pending=line.move_id.id in pending,
                    is_charge=line.move_id.id in charges,
                )
            )

    @api.model
    def _get_levels(self, lines):
        groups = self.env["dunning.message.line"]._read_group(
            [("move_line_id", "in", lines.ids), ("is_void", "=", False)],
            ["move_line_id"],
            ["level:max"],
        )
        return {line.id: level for line, level in groups}

    @api.model
    def _get_charge_moves(self, moves):
        """Ids of the invoices that are costs or interest."""
        charges = self.env["dunning.charge"].search([("move_id", "in", moves.ids)])
        return set(charges.move_id.ids)

    # === HISTORY === #

    @api.model
    def _load_cases(self, facts, partners):
        cases = self.env["dunning.case"].search(
            [
                ("company_id", "=", facts.company.id),
                ("partner_id", "in", partners.ids),
                ("state", "=", "hold"),
            ]
        )
        for case in cases:
            debtor = facts.get_debtor(case.partner_id.id)
            debtor.hold_until = case.date_hold_until or date.max

    @api.model
    def _load_messages(self, facts, partners, ignored):
        messages = self.env["dunning.message"].search(
            [
                ("company_id", "=", facts.company.id),
                ("case_id.partner_id", "in", partners.ids),
                ("case_id.state", "!=", "done"),
                ("state", "!=", "cancelled"),
                ("plan_line_id", "=", False),
                ("id", "!=", ignored.id if ignored else 0),
            ],
            order="id",
        )
        newest = defaultdict(lambda: None)
        for message in messages:
            debtor = facts.get_debtor(message.case_id.partner_id.id)
            if message.state == "sent":
                newest[message.case_id.partner_id.id] = message
            else:
                debtor.is_under_way = True
        for partner_id, message in newest.items():
            facts.get_debtor(partner_id).last_message = (
                message._get_term_day(),
                message.channel,
                message.type_id.is_formal,
                message.step_id.wait_days,
            )

    @api.model
    def _get_sent_day(self, message):
        """The day a message left, where the company is."""
        return fields.Datetime.context_timestamp(
            self.with_context(tz=self._get_timezone(message.company_id)),
            message.date_sent or message.create_date,
        ).date()
