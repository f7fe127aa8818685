from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import groupby

from ..engine.batch import Batch
from ..engine.facts import OpenItem, Receipt
from ..engine.matcher import Matcher, OpenItemIndex
from ..engine.names import normalise_iban
from ..exceptions import BookingError

ODOO = "odoo"
MONEYBIRD = "moneybird"
OPEN_ACCOUNTS = ("asset_receivable", "liability_payable")
OPEN_DOCUMENTS = ("out_invoice", "out_refund", "in_refund")


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
        batch = Batch()
        vals_list = []
        for ledgers, receipts in self.grouped(lambda row: row._get_ledgers()).items():
            index = OpenItemIndex(receipts._get_open_items(company, ledgers))
            matcher = Matcher(index, company.matching_threshold)
            found = batch.propose(matcher, [row._to_engine() for row in receipts])
            vals_list += [
                self._prepare_proposal_vals(receipt, sequence, proposal)
                for receipt, proposals in zip(receipts, found, strict=True)
                for sequence, proposal in enumerate(proposals)
            ]
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
        facts = self.facts or {}
        original = facts.get("original_amount")
        is_whole = self.currency_id.compare_amounts(self.amount_left, self.amount) == 0
        return Receipt(
            key=self.id,
            amount=to_decimal(self.amount_left, digits),
            currency=self.currency_id.name,
            date=self.date,
            texts=tuple(filter(None, (self.description,))),
            order_refs=tuple(filter(None, (self.order_reference,))),
            end_to_end_ids=tuple(filter(None, (self.end_to_end_id,))),
            transaction_ids=tuple(filter(None, (self.external_id,))),
            payer_name=self.payer_name or "",
            payer_iban=self.payer_iban or "",
            fee=Decimal((is_whole and facts.get("fee")) or 0),
            amount_original=Decimal(original) if is_whole and original else None,
            currency_original=facts.get("original_currency") or "",
        )

    def _prepare_proposal_vals(self, receipt, sequence, proposal):
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
            "is_automatic": proposal.automatic,
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
        """Open items of a company that may be paid by these receipts, for the engine.

        Of many receipts that is everything, of a few what is near to them.

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
        model_sudo = self.env["account.move.line"].sudo()
        domain = self._get_odoo_domain(company)
        near = self._get_near()
        if near:
            query = model_sudo._search(domain)
            domain = [("id", "in", self._find_near_in_odoo(near, query, company))]
        lines_sudo = model_sudo.search_fetch(
            domain,
            [
                "move_id",
                "partner_id",
                "currency_id",
                "amount_residual_currency",
                "amount_currency",
                "date_maturity",
            ],
        )
        ibans = self._get_known_ibans(lines_sudo.partner_id)
        places = self._get_instalments(lines_sudo)
        first = self._find_first_paid(lines_sudo, company)
        return [
            self._to_open_item(
                line, ibans, places.get(line.id, (0, 0)), -(line.move_id.id in first)
            )
            for line in lines_sudo
        ]

    @staticmethod
    def _find_first_paid(lines, company):
        """Ids of the documents that the law pays first: costs and interest (NL)."""
        if "dunning.charge" not in lines.env:
            return set()
        return lines.env["dunning.charge"]._find_first_paid(company)

    def _get_odoo_domain(self, company):
        """Journal items that count as open, of one company.

        What suppliers pay back is a receipt like others; what they are paid is not.
        """
        return [
            ("company_id", "=", company.id),
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "in", OPEN_ACCOUNTS),
            ("account_id.reconcile", "=", True),
            ("reconciled", "=", False),
            ("move_id.move_type", "in", OPEN_DOCUMENTS),
        ]

    @staticmethod
    def _get_instalments(lines):
        """Line id → (which instalment, of how many), paid ones counted as well.

        Lines of documents that are due at once are not in it.
        """
        lines_of_many = lines.env["account.move.line"].search(
            [
                ("move_id", "in", lines.move_id.ids),
                ("account_id.account_type", "in", OPEN_ACCOUNTS),
            ],
            order="move_id, date_maturity, id",
        )
        places = {}
        for parts in lines_of_many.grouped("move_id").values():
            if len(parts) > 1:
                for number, part in enumerate(parts, start=1):
                    places[part.id] = (number, len(parts))
        return places

    @staticmethod
    def _to_open_item(line, ibans, place, rank=0):
        move = line.move_id
        digits = line.currency_id.decimal_places
        numbers = (move.name, move.payment_reference, move.ref)
        transactions = move.transaction_ids
        references = (
            *transactions.mapped("provider_reference"),
            *transactions.mapped("reference"),
        )
        return OpenItem(
            key=(ODOO, line.id),
            amount_open=to_decimal(line.amount_residual_currency, digits),
            amount_total=to_decimal(line.amount_currency, digits),
            currency=line.currency_id.name,
            date=move.invoice_date,
            date_due=line.date_maturity,
            numbers=tuple(dict.fromkeys(filter(None, numbers))),
            structured=(move.payment_reference,) if move.payment_reference else (),
            order_refs=(move.invoice_origin,) if move.invoice_origin else (),
            transaction_refs=tuple(dict.fromkeys(filter(None, references))),
            document=f"move/{move.id}",
            instalment=place[0],
            instalments=place[1],
            partner_key=str(line.partner_id.commercial_partner_id.id or ""),
            partner_name=line.partner_id.name or "",
            ibans=ibans[line.partner_id.id],
            rank=rank,
        )

    def _get_known_ibans(self, partners):
        """Accounts each customer is known to pay from, and how often each did.

        From the bank accounts on the customer, and from earlier matches.

        :return: partner id → {account: number of earlier receipts}
        """
        known = defaultdict(dict)
        commercial = partners.commercial_partner_id
        for bank in commercial.bank_ids | partners.bank_ids:
            known[bank.partner_id.id][bank.sanitized_acc_number or ""] = 0
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
                ["__count"],
            )
        )
        for partner, iban, count in seen:
            known[partner.id][normalise_iban(iban)] = count
        return {
            partner.id: known[partner.commercial_partner_id.id] | known[partner.id]
            for partner in partners
        } | {False: {}}

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
        model = self.env["matching.open.item"]
        domain = [
            ("company_id", "=", company.id),
            ("is_open", "=", True),
            ("currency_id", "!=", False),
            ("connection_id.state", "in", ("connected", "error")),
            ("id", "not in", busy.ids),
        ]
        near = self._get_near()
        if near:
            query = model._search(domain)
            found = self._find_near_at_moneybird(near, query, company)
            domain = [("id", "in", found)]
        records = model.search(domain)
        return [self._to_moneybird_item(record) for record in records]

    @staticmethod
    def _to_moneybird_item(record):
        digits = record.currency_id.decimal_places
        structured = (record.payment_reference, record.short_payment_reference)
        return OpenItem(
            key=(MONEYBIRD, record.id),
            document=f"moneybird/{record.id}",
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
            ibans={normalise_iban(record.partner_iban): 0}
            if record.partner_iban
            else {},
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
