from dataclasses import replace

from odoo import models
from odoo.fields import Command

from ..engine.difference import CURRENCY, FEE
from .matching_receipt_match import MONEYBIRD, ODOO, to_decimal

RATE_DIGITS = 10
RATES = "matching_rates"


class MatchingReceipt(models.Model):
    """Differences: a fee that was withheld, another currency, each with its account."""

    _inherit = "matching.receipt"

    def _to_engine(self):
        """Override of `_to_engine` to say which differences have an account."""
        receipt = super()._to_engine()
        is_whole = self.currency_id.compare_amounts(self.amount_left, self.amount) == 0
        if self.amount <= 0 or not is_whole:
            return receipt
        differences = self._get_differences()
        rates = self._get_rates() if (CURRENCY, ODOO) in differences else {}
        if not differences:
            return receipt
        return replace(receipt, differences=differences, rates=rates)

    def _get_differences(self):
        """(kind, ledger) of what has an account for this method or journal."""
        self.ensure_one()
        found = set()
        if self._get_fee_account():
            found.add((FEE, ODOO))
        if self._get_fee_account_remote():
            found.add((FEE, MONEYBIRD))
        # The rest is booked in the currency of the books, so the receipt is in it.
        if self.currency_id == self.company_id.currency_id and all(
            self._get_currency_account(is_loss) for is_loss in (True, False)
        ):
            found.add((CURRENCY, ODOO))
        return frozenset(found)

    def _get_rates(self):
        """Currency → how much of it one of the receipt's was worth that day."""
        self.ensure_one()
        known = self.env.context.get(RATES, {})
        key = (self.company_id.id, self.currency_id.id, self.date)
        if key not in known:
            known[key] = self._read_rates()
        return known[key]

    def _read_rates(self):
        others = self.env["res.currency"].search([("id", "!=", self.currency_id.id)])
        return {
            currency.name: to_decimal(rate, RATE_DIGITS)
            for currency in others
            if (
                rate := self.currency_id._get_conversion_rate(
                    self.currency_id, currency, self.company_id, self.date
                )
            )
        }

    def _match_company(self, company):
        """Override of `_match_company` to read the rates of a day once."""
        receipts = self.with_context(**{RATES: {}})
        return super(MatchingReceipt, receipts)._match_company(company)

    def _is_other_currency(self, item):
        """Tell whether an item in Odoo is open in another currency than this."""
        return bool(item) and item.currency_id != self.currency_id

    def _get_scheme(self):
        """The posting scheme of the receipt's method: clearing line and journal."""
        self.ensure_one()
        # The scheme holds for everybody, also for who may not read accounting.
        receipt_sudo = self.sudo()
        clearing_sudo = receipt_sudo.connection_id._get_clearing(receipt_sudo.method)
        return clearing_sudo, receipt_sudo.journal_id or clearing_sudo.journal_id

    def _get_fee_account(self):
        """Account in Odoo of a fee that was withheld from this receipt."""
        clearing_sudo, journal_sudo = self._get_scheme()
        return (
            clearing_sudo.fee_account_id
            or clearing_sudo.connection_id.matching_fee_account_id
            or journal_sudo.matching_fee_account_id
        )

    def _get_fee_account_remote(self):
        """The same at Moneybird."""
        clearing_sudo, _journal_sudo = self._get_scheme()
        return clearing_sudo.fee_ledger_account_id

    def _get_currency_account(self, is_loss):
        """Account in Odoo of what another currency makes more or less of the money."""
        clearing_sudo, journal_sudo = self._get_scheme()
        company_sudo = self.company_id.sudo()
        return (
            clearing_sudo.difference_account_id
            or journal_sudo.matching_difference_account_id
            or (
                company_sudo.expense_currency_exchange_account_id
                if is_loss
                else company_sudo.income_currency_exchange_account_id
            )
        )

    def _prepare_proposal_vals(self, receipt, sequence, proposal):
        """Override of `_prepare_proposal_vals` to add what is left and its account."""
        vals = super()._prepare_proposal_vals(receipt, sequence, proposal)
        if proposal.difference:
            vals["difference"] = proposal.difference
            lines = [command[2] for command in vals["line_ids"]]
            receipt._add_difference(proposal.difference, lines)
            vals["line_ids"] = [Command.create(line) for line in lines]
        return vals

    def _add_difference(self, kind, lines):
        """Append the line of what is left; items of another currency get their worth.

        :param kind: ``fee`` or ``currency``
        :param lines: values of the proposal's lines, changed in place
        """
        self.ensure_one()
        if kind == CURRENCY:
            for line in lines:
                line["amount"] = self._get_worth(line["move_line_id"])
        rest = self.currency_id.round(
            self.amount_left - sum(line["amount"] for line in lines)
        )
        if self.currency_id.is_zero(rest):
            return
        line = {"amount": rest, "amount_open": rest, "label": self._tell_rest(kind)}
        if kind == CURRENCY:
            account = self._get_currency_account(is_loss=rest < 0)
            line["account_id"] = account.id
        elif lines[-1]["open_item_id"]:
            line["ledger_account_id"] = self._get_fee_account_remote().id
            line["open_item_id"] = max(lines, key=lambda row: row["amount"])[
                "open_item_id"
            ]
        else:
            line["account_id"] = self._get_fee_account().id
        lines.append(line)

    def _get_worth(self, item_id):
        """What is open of an item in the books, in the currency of the company."""
        # Proposals are made for all open items of the company.
        return self.env["account.move.line"].sudo().browse(item_id).amount_residual

    def _tell_rest(self, kind):
        """The reason that is booked with the rest."""
        if kind == FEE:
            return self.env._("Fee withheld from the payment")
        return self.env._("Currency difference of the payment")
