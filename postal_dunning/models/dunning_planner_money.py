"""Money that is on its way or not matched yet, and how fresh the news of it is."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine import disagreement

#: states of a receipt of the payment matcher in which it is not booked
OPEN_RECEIPTS = ("waiting", "open", "error")
#: states of a bank file that is being stored
FILE_COMING = ("queued", "reading", "booking")
#: states of a charge of the subscriptions in which the money may still come
RUNNING_CHARGES = ("waiting", "running", "pending", "unknown", "retry")


class DunningPlanner(models.AbstractModel):
    """The other addons are met through the registry: who is there is asked."""

    _inherit = "dunning.planner"

    @api.model
    def _get_pending_moves(self, moves):
        """Ids of invoices with a payment on its way: extend for other sources."""
        found = set()
        if "transaction_ids" in moves._fields:
            transactions = self.env["payment.transaction"].search(
                [
                    ("invoice_ids", "in", moves.ids),
                    "|",
                    ("state", "in", ("pending", "authorized")),
                    "&",
                    ("state", "=", "done"),
                    ("is_post_processed", "=", False),
                ]
            )
            found.update(transactions.invoice_ids.ids)
        if "subscription.charge" in self.env:
            charges = self.env["subscription.charge"].search(
                [("move_id", "in", moves.ids), ("state", "in", RUNNING_CHARGES)]
            )
            found.update(charges.move_id.ids)
        return found

    @api.model
    def _load_money(self, facts, partners):
        """Money of a debtor that is here but not matched to an item."""
        self._load_statement_lines(facts, partners)
        if "matching.receipt" in self.env:
            self._load_receipts(facts, partners)
            self._load_proposals(facts)

    @api.model
    def _load_statement_lines(self, facts, partners):
        groups = self.env["account.bank.statement.line"]._read_group(
            [
                ("company_id", "=", facts.company.id),
                ("is_reconciled", "=", False),
                ("amount", ">", 0),
                ("partner_id.commercial_partner_id", "in", partners.ids),
            ],
            ["partner_id"],
            ["amount:sum"],
        )
        for partner, amount in groups:
            debtor = facts.get_debtor(partner.commercial_partner_id.id)
            debtor.unmatched += Decimal(str(amount))

    @api.model
    def _load_receipts(self, facts, partners):
        """Payments at a service that the matcher has not booked.

        Bank lines are statement lines already; they are counted there.
        """
        groups = self.env["matching.receipt"]._read_group(
            [
                ("company_id", "=", facts.company.id),
                ("state", "in", OPEN_RECEIPTS),
                ("amount", ">", 0),
                ("statement_line_id", "=", False),
                ("partner_id.commercial_partner_id", "in", partners.ids),
            ],
            ["partner_id"],
            ["amount_left:sum"],
        )
        for partner, amount in groups:
            debtor = facts.get_debtor(partner.commercial_partner_id.id)
            debtor.unmatched += Decimal(str(amount))

    @api.model
    def _load_proposals(self, facts):
        """Money of an unknown payer that may be for one of these items."""
        owners = {
            item.id: debtor
            for debtor in facts.debtors.values()
            for item in debtor.items
        }
        lines = self.env["matching.proposal.line"].search(
            [
                ("company_id", "=", facts.company.id),
                ("move_line_id", "in", list(owners)),
                ("proposal_id.receipt_id.state", "in", OPEN_RECEIPTS),
                ("proposal_id.receipt_id.partner_id", "=", False),
                ("amount", ">", 0),
            ]
        )
        for line in lines:
            owners[line.move_line_id.id].unmatched += Decimal(str(line.amount))

    # === FRESHNESS === #

    @api.model
    def _is_stale(self, company, policies):
        """Whether a source of money was not heard of for longer than allowed.

        While a bank file is being stored nobody knows what is paid.
        """
        if self._is_bank_file_coming(company):
            return True
        hours = [policy.max_data_hours for policy in policies if policy.max_data_hours]
        if not hours:
            return False
        oldest = self._get_data_date(company)
        limit = fields.Datetime.now() - timedelta(hours=min(hours))
        return not oldest or oldest < limit

    @api.model
    def _get_data_date(self, company):
        """When the source that was silent longest was last heard of.

        Every connected service counts, and the bank where it is used: one fresh
        source says nothing about the others. ``None`` when one was never heard of.
        """
        connections = self.env["service.connection"].search(
            [
                ("company_id", "=", company.id),
                ("provider", "in", self._get_money_providers()),
                ("state", "in", ("connected", "error")),
            ]
        )
        dates = connections.mapped("date_last_sync")
        bank = self._get_bank_date(company)
        if bank or not dates:
            dates.append(bank)
        return None if not all(dates) else min(dates)

    @api.model
    def _get_money_providers(self):
        """Services that tell of payments: extend for more."""
        return ("ccv", "mollie")

    @api.model
    def _is_bank_file_coming(self, company):
        if "matching.import" not in self.env:
            return False
        domain = [("company_id", "=", company.id), ("state", "in", FILE_COMING)]
        return bool(self.env["matching.import"].search_count(domain, limit=1))

    @api.model
    def _get_bank_date(self, company):
        """The newest bank line or bank file, ``None`` where there is neither."""
        domain = [("company_id", "=", company.id)]
        lines = domain
        if "matching.clearing" in self.env:
            clearing = self.env["matching.clearing"].search(domain).journal_id
            lines = [*domain, ("journal_id", "not in", clearing.ids)]
        models_asked = [("account.bank.statement.line", lines)]
        if "matching.import" in self.env:
            whole = [*domain, ("state", "=", "done")]
            models_asked.append(("matching.import", whole))
        dates = [
            self.env[model].search(asked, order="id desc", limit=1).create_date
            for model, asked in models_asked
        ]
        return max((day for day in dates if day), default=None)

    # === AGREEMENTS === #

    @api.model
    def _load_agreements(self, facts, partners):
        """Disputes, promises, plans and collectors of these debtors."""
        domain = [
            ("company_id", "=", facts.company.id),
            ("case_id.partner_id", "in", partners.ids),
        ]
        owners = {
            item.id: debtor
            for debtor in facts.debtors.values()
            for item in debtor.items
        }
        by_item = defaultdict(disagreement.Agreement)
        for model in ("dunning.dispute", "dunning.plan"):
            for record in self.env[model].search(domain + [("is_live", "=", True)]):
                record._note_on(by_item, owners)
        for debtor in facts.debtors.values():
            debtor.items = [by_item[item.id].apply(item) for item in debtor.items]
        for model in ("dunning.promise", "dunning.hand.over"):
            for record in self.env[model].search(domain + [("is_live", "=", True)]):
                record._note_debtor(facts.get_debtor(record.case_id.partner_id.id))
