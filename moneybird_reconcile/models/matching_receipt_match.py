from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import groupby

from ..engine.facts import OpenItem, Receipt
from ..engine.matcher import Matcher, OpenItemIndex
from ..exceptions import BookingError

ODOO = "odoo"
MONEYBIRD = "moneybird"


def to_decimal(value, digits=2):
    """A float of the database as the Decimal that people see."""
    return Decimal(f"{value:.{digits}f}")


class MatchingReceipt(models.Model):
    """Matching: hand receipts and open items to the engine, store what it says."""

    _inherit = "matching.receipt"

    def _match(self):
        """Propose for each receipt and book what is sure enough."""
        for company, receipts in self.grouped("company_id").items():
            receipts.with_company(company)._match_company(company)

    def _match_company(self, company):
        todo = self.filtered(lambda receipt: receipt._is_matchable())
        todo -= todo._link_transactions()
        todo = todo.sorted(lambda receipt: (receipt.date, receipt.id))
        decisions = todo._propose(company)
        if decisions:
            self._book_safely(decisions)

    def _is_matchable(self):
        self.ensure_one()
        return (
            self.state in ("open", "error", "ignored")
            and bool(self.currency_id)
            and self.reason_code not in ("status_unknown", "kind_unknown", "forwarding")
            and not self.currency_id.is_zero(self.amount_left)
        )

    # --- Proposing --------------------------------------------------------------

    def _propose(self, company):
        """Store proposals for the receipts.

        :return: list of (receipt, proposal record) that may be booked without a person
        """
        self.proposal_ids.filtered(
            lambda proposal: proposal.receipt_id.state != "matched"
        ).unlink()
        matchers = {}
        used = set()
        vals_list = []
        for receipt in self:
            ledgers = receipt._get_ledgers()
            if ledgers not in matchers:
                items = self._get_open_items(company, ledgers)
                index = OpenItemIndex(items)
                matchers[ledgers] = Matcher(index, company.matching_threshold)
            proposals = matchers[ledgers].propose(receipt._to_engine())
            for sequence, proposal in enumerate(proposals):
                keys = {allocation.item.key for allocation in proposal.allocations}
                automatic = proposal.automatic and not keys & used
                if automatic:
                    used |= keys
                vals_list.append(
                    self._prepare_proposal_vals(receipt, sequence, proposal, automatic)
                )
        records = self.env["matching.proposal"].create(vals_list)
        return self._sort_out(records)

    def _sort_out(self, proposals):
        """Give every receipt its state; return what may be booked by itself."""
        decisions = []
        first = {}
        for proposal in proposals.sorted("sequence"):
            first.setdefault(proposal.receipt_id.id, proposal)
        for receipt in self:
            best = first.get(receipt.id)
            if best and best.is_automatic:
                decisions.append((receipt, best))
            elif best and best._is_worth_asking():
                receipt._update_state("open", "needs_person", {"score": best.score})
            elif receipt.source == "bank" and receipt.amount < 0:
                receipt._update_state("ignored", "money_out")
            elif receipt.booking_ids.filtered("is_live"):
                receipt._after_booking_change()
            else:
                receipt._update_state("error", "no_open_item")
        return decisions

    def _to_engine(self):
        """This receipt in the engine's words; what is left of it counts."""
        self.ensure_one()
        digits = self.currency_id.decimal_places
        texts = (self.description, self.order_reference, self.end_to_end_id)
        orders = (self.order_reference, self.end_to_end_id, self.external_id)
        return Receipt(
            key=self.id,
            amount=to_decimal(self.amount_left, digits),
            currency=self.currency_id.name,
            date=self.date,
            texts=tuple(text for text in texts if text),
            order_refs=tuple(text for text in orders if text),
            payer_name=self.payer_name or "",
            payer_iban=self.payer_iban or "",
        )

    @staticmethod
    def _prepare_proposal_vals(receipt, sequence, proposal, automatic):
        def pieces(evidence):
            return [
                {
                    "code": piece.code,
                    "group": piece.group,
                    "weight": piece.weight,
                    "values": dict(piece.values),
                }
                for piece in evidence
            ]

        return {
            "receipt_id": receipt.id,
            "sequence": sequence,
            "score": proposal.score,
            "is_automatic": automatic,
            "evidence": pieces(proposal.evidence),
            "against": pieces(proposal.against),
            "line_ids": [
                Command.create(
                    {
                        "move_line_id": key_id if ledger == ODOO else False,
                        "open_item_id": key_id if ledger == MONEYBIRD else False,
                        "amount": float(allocation.amount),
                        "amount_open": float(allocation.item.amount_open),
                    }
                )
                for allocation in proposal.allocations
                for ledger, key_id in [allocation.item.key]
            ],
        }

    # --- Open items -------------------------------------------------------------

    def _get_ledgers(self):
        """Where the items of this receipt may be: its source's posting scheme."""
        self.ensure_one()
        if not self.connection_id:
            return (ODOO,)
        chosen = self.connection_id.matching_ledger
        return (ODOO, MONEYBIRD) if chosen == "both" else (chosen,)

    def _get_open_items(self, company, ledgers):
        """All open items of a company, for the engine.

        :param ledgers: tuple out of ``odoo`` and ``moneybird``
        :return: list of :class:`OpenItem`
        """
        items = []
        if ODOO in ledgers:
            items += self._get_odoo_items(company)
        if MONEYBIRD in ledgers:
            items += self._get_moneybird_items(company)
        return items

    def _get_odoo_items(self, company):
        # Whoever may see a receipt gets proposals for all open items of its company.
        lines_sudo = (
            self.env["account.move.line"]
            .sudo()
            .search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.reconcile", "=", True),
                    ("reconciled", "=", False),
                    ("move_id.move_type", "in", ("out_invoice", "out_refund")),
                ],
                [
                    "move_id",
                    "partner_id",
                    "currency_id",
                    "amount_residual_currency",
                    "amount_currency",
                    "date_maturity",
                ],
            )
        )
        ibans = self._get_known_ibans(lines_sudo.partner_id)
        return [self._to_open_item(line, ibans) for line in lines_sudo]

    @staticmethod
    def _to_open_item(line, ibans):
        move = line.move_id
        digits = line.currency_id.decimal_places
        numbers = (move.name, move.payment_reference, move.ref)
        orders = (
            move.invoice_origin,
            *move.transaction_ids.mapped("provider_reference"),
        )
        return OpenItem(
            key=(ODOO, line.id),
            amount_open=to_decimal(line.amount_residual_currency, digits),
            amount_total=to_decimal(line.amount_currency, digits),
            currency=line.currency_id.name,
            date=move.invoice_date,
            date_due=line.date_maturity,
            numbers=tuple(number for number in numbers if number),
            structured=(move.payment_reference,) if move.payment_reference else (),
            order_refs=tuple(order for order in orders if order),
            partner_key=str(line.partner_id.id),
            partner_name=line.partner_id.name or "",
            ibans=ibans[line.partner_id.id],
        )

    def _get_known_ibans(self, partners):
        """Accounts each customer is known to pay from.

        From the bank accounts on the customer, and from earlier matches.
        """
        known = defaultdict(set)
        commercial = partners.commercial_partner_id
        for bank in commercial.bank_ids | partners.bank_ids:
            known[bank.partner_id.id].add(bank.sanitized_acc_number or "")
        seen = (
            self.env["matching.receipt"]
            .sudo()
            ._read_group(
                [
                    ("state", "=", "matched"),
                    ("partner_id", "in", partners.ids),
                    ("payer_iban", "!=", False),
                    ("company_id", "=", self.env.company.id),
                ],
                ["partner_id", "payer_iban"],
            )
        )
        for partner, iban in seen:
            known[partner.id].add(iban)
        return defaultdict(
            frozenset,
            {
                partner.id: frozenset(
                    known[partner.id] | known[partner.commercial_partner_id.id]
                )
                for partner in partners
            },
        )

    def _get_moneybird_items(self, company):
        busy = (
            self.env["matching.booking"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("open_item_id", "!=", False),
                    ("state", "in", ("todo", "sending", "unknown")),
                ]
            )
            .open_item_id
        )
        records = self.env["matching.open.item"].search(
            [
                ("company_id", "=", company.id),
                ("is_open", "=", True),
                ("currency_id", "!=", False),
                ("connection_id.state", "in", ("connected", "error")),
                ("id", "not in", busy.ids),
            ]
        )
        return [self._to_moneybird_item(record) for record in records]

    @staticmethod
    def _to_moneybird_item(record):
        digits = record.currency_id.decimal_places
        structured = (record.payment_reference, record.short_payment_reference)
        return OpenItem(
            key=(MONEYBIRD, record.id),
            amount_open=to_decimal(record.amount_open, digits),
            amount_total=to_decimal(record.amount_total, digits),
            currency=record.currency_id.name,
            date=record.date,
            date_due=record.date_due,
            numbers=tuple(
                filter(None, (record.number, record.short_payment_reference))
            ),
            structured=tuple(filter(None, structured)),
            order_refs=tuple(filter(None, (record.reference,))),
            partner_key=record.contact_ref or "",
            partner_name=record.partner_name or "",
            ibans=frozenset(filter(None, (record.partner_iban,))),
        )

    # --- Payments that Odoo made itself -------------------------------------------

    def _link_transactions(self):
        """Link receipts to the payments of Odoo they are; those are never booked again.

        Only a payment that is done has a place in the books: one under way keeps its
        receipt open, and one that failed in Odoo leaves it to be matched.

        :return: the receipts that were linked or wait for their payment
        """
        by_reference = {
            receipt.external_id: receipt
            for receipt in self
            if receipt.external_id and receipt.connection_id and receipt.amount > 0
        }
        if not by_reference:
            return self.browse()
        # Reading payment transactions is for sales and accounting; linking is not.
        transactions_sudo = (
            self.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("provider_reference", "in", list(by_reference)),
                    ("state", "not in", ("cancel", "error")),
                    ("company_id", "in", self.company_id.ids),
                ]
            )
        )
        linked = self.browse()
        for reference, group in groupby(
            transactions_sudo, lambda transaction: transaction.provider_reference
        ):
            receipt = by_reference[reference]
            done = [transaction for transaction in group if transaction.state == "done"]
            if done:
                receipt._link_transaction(done[0])
            else:
                receipt.proposal_ids.unlink()
                values = {"reference": group[0].reference}
                receipt._update_state("open", "linked", values)
            linked |= receipt
        return linked

    def _link_transaction(self, transaction):
        self.ensure_one()
        self.write(
            {
                "transaction_id": transaction.id,
                "partner_id": transaction.partner_id.commercial_partner_id.id,
            }
        )
        self.proposal_ids.unlink()
        self.env["matching.booking"].sudo().create(
            {
                "receipt_id": self.id,
                "kind": "transaction",
                "state": "done",
                "amount": self.amount,
                "is_automatic": True,
                "identifier": self.external_id,
                "date_done": fields.Datetime.now(),
            }
        )
        self.is_automatic = True
        self._update_state("matched", "linked", {"reference": transaction.reference})

    # --- Booking what is sure -------------------------------------------------------

    def _book_safely(self, decisions):
        """Book in one go; when that fails, one by one, so that one cannot stop all."""
        try:
            with self.env.cr.savepoint():
                self._book(decisions, is_automatic=True)
            return
        except (BookingError, UserError, ValidationError):
            self.env.invalidate_all()
        for receipt, proposal in decisions:
            receipt._book_alone(proposal)

    def _book_alone(self, proposal):
        """Book one receipt by itself; when that fails it keeps the reason."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._book([(self, proposal)], is_automatic=True)
        except BookingError as error:
            self.env.invalidate_all()
            self._update_state("error", error.code, error.values)
        except (UserError, ValidationError) as error:
            self.env.invalidate_all()
            self._update_state("error", "booking_failed", {"message": str(error)})
