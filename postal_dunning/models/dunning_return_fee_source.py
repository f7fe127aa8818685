import logging
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine import returns

_logger = logging.getLogger(__name__)

#: days in which a source is asked for what it told
LOOK_BACK_DAYS = 120


class DunningReturnFee(models.Model):
    """Where fees of returned debits are read: the matcher is met through the registry.

    Bank files name the charges of a returned debit; payouts of a payment service list
    what it kept for chargebacks. What a source tells is kept once; what it does not
    divide exactly is left to a person.
    """

    _inherit = "dunning.return.fee"

    @api.model
    def _collect(self, company):
        """Keep the fees that sources told of since the last run.

        One that cannot be kept is left out; the run of the day goes on.

        :return: the new records
        """
        found = self.browse()
        for vals in self._find_told(company):
            if not vals["move_line_id"] or self._is_known(company, vals):
                continue
            try:
                with self.env.cr.savepoint():
                    found |= self.create(vals)
            except Exception:
                _logger.exception("bank fee %s could not be kept", vals["reference"])
        return found

    @api.model
    def _find_told(self, company):
        """Values of what the sources tell: extend for more of them."""
        if "matching.receipt" not in self.env:
            return []
        since = fields.Date.context_today(self) - timedelta(days=LOOK_BACK_DAYS)
        return self._find_in_bank_files(company, since) + self._find_in_payouts(
            company, since
        )

    @api.model
    def _is_known(self, company, vals):
        domain = [
            ("company_id", "=", company.id),
            ("source", "=", vals["source"]),
            ("reference", "=", vals["reference"]),
        ]
        return bool(self.search_count(domain, limit=1))

    # === BANK FILES === #

    @api.model
    def _find_in_bank_files(self, company, since):
        """Returned debits whose entry names the charges of the bank."""
        receipts = self.env["matching.receipt"].search(
            [
                ("company_id", "=", company.id),
                ("source", "=", "bank"),
                ("kind", "=", "return"),
                ("currency_id", "=", company.currency_id.id),
                ("date", ">=", since),
            ]
        )
        return [
            {
                "move_line_id": self._choose_item(self._find_items(receipt)).id,
                "date": receipt.date,
                "amount": float(receipt.facts["fee"]),
                "source": "bank",
                "reference": receipt.fingerprint,
                "proof_model": receipt.statement_line_id._name,
                "proof_id": receipt.statement_line_id.id,
            }
            for receipt in receipts
            if receipt.statement_line_id
            and float((receipt.facts or {}).get("fee") or 0)
        ]

    @api.model
    def _find_items(self, receipt):
        """Items that a returned payment was for: as it was matched, or as it says."""
        live = receipt.booking_ids.filtered("is_live")
        items = live.return_of_id.move_line_id | live.move_line_id
        if receipt.transaction_id:
            paid = receipt.transaction_id.source_transaction_id
            items |= paid.invoice_ids.line_ids
        if not items and receipt.end_to_end_id:
            reference = receipt.end_to_end_id
            moves = self.env["account.move"].search(
                [
                    ("company_id", "=", receipt.company_id.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    "|",
                    ("name", "=", reference),
                    ("payment_reference", "=", reference),
                ]
            )
            items = moves.line_ids if len(moves) == 1 else items
        return items

    @api.model
    def _choose_item(self, items):
        """The item of an invoice that was due first: a debit may have paid several."""
        receivable = items.filtered(
            lambda item: (
                item.account_type == "asset_receivable"
                and item.move_type == "out_invoice"
            )
        )
        return receivable.sorted(
            lambda item: (item.date_maturity or item.date, item.id)
        )[:1]

    # === PAYOUTS === #

    @api.model
    def _find_in_payouts(self, company, since):
        """What a service kept for each chargeback of a payout that is booked."""
        payouts = self.env["matching.payout"].search(
            [
                ("company_id", "=", company.id),
                ("currency_id", "=", company.currency_id.id),
                ("state", "in", ("booked", "closed")),
                ("date", ">=", since),
                ("line_ids.return_count", ">", 0),
            ]
        )
        return [vals for payout in payouts for vals in self._read_payout(payout)]

    @api.model
    def _read_payout(self, payout):
        """Each chargeback of a payout with what was kept for it.

        A payout report names the payment of each cost; a settlement gives sums, which
        are divided where each costs the same.
        """
        costs = payout.line_ids.filtered("return_count")
        taken = payout.line_ids.filtered(lambda line: line.kind == "chargeback")
        named = costs.grouped("name")
        sums = costs.filtered(lambda cost: cost.name not in taken.mapped("external_id"))
        rest = taken.filtered(lambda line: line.external_id not in named)
        each = returns.divide_costs(
            [(self._get_net(cost), cost.return_count) for cost in sums], len(rest)
        )
        found = []
        for line in taken:
            cost = named.get(line.external_id, sums[:1])
            amount = each if line in rest else self._get_net(cost)
            if amount:
                found.append(self._prepare_payout_vals(line, cost, amount))
        return found

    @api.model
    def _get_net(self, cost):
        """A cost without the VAT that the organisation gets back: that is no damage."""
        amount = Decimal(str(abs(cost.amount)))
        if not cost.payout_id.connection_id.matching_fee_tax_id:
            return amount
        return amount - Decimal(str(abs(cost.amount_vat)))

    @api.model
    def _prepare_payout_vals(self, line, cost, amount):
        payout = line.payout_id
        return {
            "move_line_id": self._choose_item(self._find_items(line.receipt_id)).id,
            "date": payout.date,
            "amount": float(amount),
            "source": "payout",
            "reference": f"{payout.connection_id.id}/{line.external_id}",
            "proof_model": cost._name,
            "proof_id": cost[:1].id,
        }
