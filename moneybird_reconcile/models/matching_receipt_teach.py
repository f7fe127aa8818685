from dataclasses import replace

from odoo import models
from odoo.fields import Command

from ..engine.names import normalise_name

RULES = "matching_rules"
#: A payer known by a rule is one piece of evidence: a person still has to agree.
RULE_SCORE = 60


class MatchingReceipt(models.Model):
    """What people match teaches rules; rules that are on help to propose."""

    _inherit = "matching.receipt"

    def _book(self, decisions, is_automatic):
        """Override of `_book`: what a person decides is an example."""
        bookings = super()._book(decisions, is_automatic)
        if not is_automatic:
            for receipt, rows in bookings.grouped("receipt_id").items():
                receipt._teach(rows)
        return bookings

    def _teach(self, bookings):
        """Make or strengthen a rule of what was just matched by hand."""
        self.ensure_one()
        # Rules are our own records; what a person matched is what they are made of.
        rules_sudo = self.env["matching.rule"].sudo()
        partners = bookings.move_line_id.partner_id.commercial_partner_id
        accounts = bookings.account_id
        if len(partners) == 1:
            accounts = accounts.browse()
        elif partners or len(accounts) != 1:
            return
        rules_sudo._learn(
            self.company_id,
            self.payer_name,
            partners,
            accounts,
            bookings.filtered("account_id")[:1].label or "",
        )

    def _match_company(self, company):
        """Override of `_match_company` to match with the rules that are on."""
        rules = self.env["matching.rule"].sudo()._get_active(company)
        result = super(
            MatchingReceipt, self.with_context(**{RULES: rules})
        )._match_company(company)
        if any(rule.account_id for rule in rules.values()):
            self._propose_by_rule(rules)
        return result

    def _to_engine(self):
        """Override of `_to_engine`: a rule tells who a payer pays for."""
        receipt = super()._to_engine()
        rules = self.env.context.get(RULES) or {}
        rule = rules.get(normalise_name(receipt.payer_name))
        if rule and rule.partner_id:
            return replace(receipt, payer_name=rule.partner_id.name or "")
        return receipt

    def _propose_by_rule(self, rules):
        """Propose the account of a rule where no item was found."""
        proposals_sudo = self.env["matching.proposal"].sudo()
        for receipt in self:
            rule = rules.get(normalise_name(receipt.payer_name or ""))
            left = receipt.reason_code in ("no_open_item", "money_out")
            if not left or not rule or not rule.account_id:
                continue
            values = {"payer": rule.payer, "count": str(rule.count_right)}
            piece = {"code": "rule_account", "group": "payer", "weight": RULE_SCORE}
            proposals_sudo.create(
                {
                    "receipt_id": receipt.id,
                    "score": RULE_SCORE,
                    "evidence": [{**piece, "values": values}],
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": rule.account_id.id,
                                "label": rule.label,
                                "amount": receipt.amount_left,
                                "amount_open": receipt.amount_left,
                            }
                        )
                    ],
                }
            )
            receipt._update_state("open", "needs_person", {"score": RULE_SCORE})
