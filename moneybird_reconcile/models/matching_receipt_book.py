from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.rules import RULES_VERSION
from ..exceptions import BookingError
from ..words import REASONS, tell
from .account_bank_statement_line import OWN_LINES

#: The entry is whole when we are done with it; nothing is to be worked out in between.
QUIET = {
    "force_delete": True,
    "skip_account_move_synchronization": True,
    "skip_invoice_sync": True,
    "skip_readonly_check": True,
    "tracking_disable": True,
}


class MatchingReceipt(models.Model):
    """Booking: one receipt, one place in the books.

    In Odoo a receipt is one line on a bank or clearing journal whose counterparts are
    reconciled with the open items in bulk. What belongs to Moneybird becomes an intent
    that a job forwards.
    """

    _inherit = "matching.receipt"

    def action_process(self):
        """Override of `action_process`: what stayed lost may be posted again."""
        self.check_access("write")
        # Whoever handles receipts decides; the booking rows are our own work.
        self.sudo().booking_ids.filtered(
            lambda booking: booking.reason_code == "result_unknown_long"
        )._retry_lost()
        return super().action_process()

    def _book(self, decisions, is_automatic):
        """Book receipts as their proposals say.

        :param decisions: list of (receipt, proposal record)
        :raises BookingError: automatic, and one of them cannot be booked
        :raises UserError: the same by hand, in words
        """
        receipts = self.browse([receipt.id for receipt, _proposal in decisions])
        receipts.check_access("write")
        try:
            receipts._lock_for_booking()
            # The user may handle receipts; writing entries and intents follows from it.
            company = receipts.company_id[:1]
            booking_sudo = self.sudo().with_company(company)
            bookings = booking_sudo._book_locked(decisions, is_automatic)
        except BookingError as error:
            if is_automatic:
                raise
            words = tell(self.env, REASONS, error.code, error.values)
            raise UserError(words) from error
        bookings.receipt_id.is_automatic = is_automatic
        bookings.receipt_id._after_booking_change()
        return bookings

    def _lock_for_booking(self):
        if len(self.try_lock_for_update()) < len(self):
            raise UserError(
                self.env._(
                    "Somebody else is working on this receipt. Try again shortly."
                )
            )
        self.invalidate_recordset()
        for receipt in self:
            if receipt.state in ("matched", "waiting", "reading"):
                raise UserError(
                    self.env._(
                        "Receipt %(name)s is not to be matched.", name=receipt.name
                    )
                )

    def _book_locked(self, decisions, is_automatic):
        bookings = self.env["matching.booking"]
        in_odoo = []
        for receipt, proposal in decisions:
            proposal_sudo = proposal.sudo()
            items = proposal_sudo.line_ids.open_item_id
            if items and proposal_sudo.line_ids.move_line_id:
                raise UserError(self.env._("One match cannot be in two ledgers."))
            if items:
                bookings |= receipt.sudo()._plan_at_moneybird(
                    proposal_sudo, is_automatic
                )
            else:
                in_odoo.append((receipt.sudo(), proposal_sudo))
        if in_odoo:
            bookings |= self._book_in_odoo(in_odoo, is_automatic)
        return bookings

    # --- Odoo -------------------------------------------------------------------

    def _book_in_odoo(self, decisions, is_automatic):
        """Make the entries and reconcile them, all receipts in one plan."""
        items = self.env["account.move.line"].browse(
            [
                line.move_line_id.id
                for _receipt, proposal in decisions
                for line in proposal.line_ids
            ]
        )
        self._check_open(items, decisions)
        fresh = [row for row in decisions if not row[0].statement_line_id]
        for receipt, _proposal in decisions:
            receipt._check_bookable()
        lines_by_receipt = self._create_statement_lines(fresh)
        lines_by_receipt |= self._take_from_suspense(
            [row for row in decisions if row[0].id not in lines_by_receipt]
        )
        plan, vals_list = [], []
        for receipt, proposal in decisions:
            entry_lines = lines_by_receipt[receipt.id]
            for line, entry_line in zip(proposal.line_ids, entry_lines, strict=True):
                if line.move_line_id:
                    plan.append(entry_line + line.move_line_id)
                vals_list.append(
                    {
                        **receipt._prepare_booking_vals(proposal, line, is_automatic),
                        "kind": "odoo",
                        "state": "done",
                        "move_line_id": line.move_line_id.id,
                        "account_id": line.account_id.id,
                        "label": line.label,
                        "entry_line_id": entry_line.id,
                        "date_done": fields.Datetime.now(),
                    }
                )
            receipt.partner_id = proposal.line_ids.move_line_id[:1].partner_id
        self.env["account.move.line"]._reconcile_plan(plan)
        return self.env["matching.booking"].create(vals_list)

    def _check_open(self, items, decisions):
        """Lock the items and check that they still are as open as was proposed."""
        if len(items.move_id.try_lock_for_update(allow_referencing=True)) < len(
            items.move_id
        ):
            raise UserError(
                self.env._("An invoice is being changed. Try again shortly.")
            )
        items.invalidate_recordset(["amount_residual_currency", "reconciled"])
        left = {item.id: item.amount_residual_currency for item in items}
        for receipt, proposal in decisions:
            for line in proposal.line_ids.filtered("move_line_id"):
                item = line.move_line_id
                part = line._get_part(receipt)
                too_much = abs(part) - abs(left[item.id])
                if item.reconciled or item.currency_id.compare_amounts(too_much, 0) > 0:
                    raise UserError(
                        self.env._("%(item)s was paid meanwhile.", item=line.name)
                    )
                left[item.id] -= part

    def _check_bookable(self):
        self.ensure_one()
        journal = self._get_journal()
        currency = journal.currency_id or journal.company_id.currency_id
        if currency != self.currency_id:
            raise BookingError(
                "currency_journal", journal=journal.name, currency=self.currency_code
            )
        if not self.statement_line_id and self.company_id._get_violated_lock_dates(
            self.date, False, journal
        ):
            raise BookingError("period_closed", date=str(self.date))

    def _get_journal(self):
        """Journal this receipt is booked on.

        :raises BookingError: the source has none for this method
        """
        self.ensure_one()
        if self.journal_id:
            return self.journal_id
        journal = self.connection_id._get_clearing(self.method).journal_id
        if not journal:
            raise BookingError(
                "no_journal", provider=self.source, method=self.method or ""
            )
        return journal

    def _create_statement_lines(self, decisions):
        """One bank line a receipt, its counterparts known from the start.

        :return: receipt id → counterpart lines in the order of the proposal's lines
        """
        vals_list = []
        for receipt, proposal in decisions:
            receipt.journal_id = receipt._get_journal()
            vals = receipt._prepare_statement_line_vals()
            partner = proposal.line_ids.move_line_id[:1].partner_id
            vals["partner_id"] = partner.commercial_partner_id.id
            vals["line_ids"] = [
                Command.create(line_vals)
                for line_vals in receipt._prepare_entry_lines(proposal.line_ids)
            ]
            vals_list.append(vals)
        # The lines are handed over whole, so core need not work any out of the others.
        quiet = {
            OWN_LINES: True,
            "skip_invoice_sync": True,
            "skip_account_move_synchronization": True,
            "tracking_disable": True,
        }
        st_lines_model = self.env["account.bank.statement.line"]
        moves = self.env["account.move"]
        container = {"records": moves}
        # Core asks each customer for a fiscal position; all are read at once.
        st_lines_model.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals["partner_id"]}
        ).mapped("property_account_position_id")
        # Core checks the balance after each of its own steps; once for all is enough.
        with moves._numbering_in_bulk(), moves._check_balanced(container):
            st_lines = st_lines_model.with_context(**quiet).create(vals_list)
            container["records"] = st_lines.move_id
        result = {}
        for (receipt, _proposal), st_line in zip(decisions, st_lines, strict=True):
            receipt.statement_line_id = st_line
            result[receipt.id] = st_line._seek_for_lines()[2].sorted("id")
        return result

    def _prepare_statement_line_vals(self):
        """Values of the bank line of this receipt, without its journal items."""
        self.ensure_one()
        return {
            "journal_id": self.journal_id.id,
            "date": self.date,
            "payment_ref": self.description or self.order_reference or self.name,
            "partner_name": self.payer_name,
            "account_number": self.payer_iban,
            "amount": self.amount,
            "ref": self.external_id,
        }

    def _prepare_entry_lines(self, lines):
        """Journal items of a new bank line: account, counterparts, and what is left."""
        journal = self.journal_id
        partner = lines.move_line_id[:1].partner_id.commercial_partner_id
        rows = [(journal.default_account_id, self.amount, partner)]
        rest = self.amount - sum(lines.mapped("amount"))
        if not self.currency_id.is_zero(rest):
            rows.append((journal.suspense_account_id, -rest, False))
        first, *others = [self._prepare_entry_line(*row) for row in rows]
        parts = [self._prepare_part_line(line) for line in lines]
        return self._close_to_zero([first, *parts, *others])

    def _prepare_part_line(self, line):
        """Journal item of one part of the money; another currency is paid whole."""
        item = line.move_line_id
        vals = self._prepare_entry_line(
            line._get_account(), -line.amount, item.partner_id
        )
        if self._is_other_currency(item):
            vals["currency_id"] = item.currency_id.id
            vals["amount_currency"] = -item.amount_residual_currency
            vals["balance"] = -item.amount_residual
        return vals

    def _close_to_zero(self, vals_list, there=0.0):
        """Let the last part carry what rounding of a foreign currency leaves over.

        :param there: what stands in the books on the other side already
        """
        company_currency = self.company_id.currency_id
        if self.currency_id != company_currency:
            total = sum(vals["balance"] for vals in vals_list) + there
            vals_list[-1]["balance"] -= company_currency.round(total)
        return vals_list

    def _prepare_entry_line(self, account, amount, partner):
        company_currency = self.company_id.currency_id
        balance = self.currency_id._convert(
            amount, company_currency, self.company_id, self.date
        )
        return {
            "name": self.description or self.order_reference or self.name,
            "account_id": account.id,
            "partner_id": partner.id if partner else False,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": balance,
        }

    def _take_from_suspense(self, decisions):
        """Move what stands on the suspense account to the items of the proposals.

        All bank lines at once: what core does line by line (take away, add, check the
        balance, follow the move) is most of the time of a match.

        :return: receipt id → counterpart lines in the order of the proposal's lines
        """
        result = {}
        items = self.env["account.move.line"].with_context(**QUIET)
        old_lines = items
        vals_list, places = [], []
        for receipt, proposal in decisions:
            lines = proposal.line_ids
            suspense = receipt.statement_line_id._seek_for_lines()[1]
            if not suspense or receipt.booking_ids.correction_move_id:
                result[receipt.id] = receipt._book_from_suspense(lines)
                continue
            old_lines += suspense
            places.append((receipt.id, len(vals_list), len(lines)))
            vals_list += receipt._prepare_counterparts(lines, suspense)
        moves = old_lines.move_id
        with moves._check_balanced({"records": moves, "self": moves}):
            old_lines.unlink()
            new_lines = items.create(vals_list).with_env(self.env)
        for receipt_id, start, count in places:
            result[receipt_id] = new_lines[start : start + count]
        return result

    def _prepare_counterparts(self, lines, suspense):
        """Journal items that take the place of the suspense of this bank line."""
        self.ensure_one()
        parts = [self._prepare_part_line(line) for line in lines]
        there = sum(suspense.mapped("amount_currency"))
        balance = sum(suspense.mapped("balance"))
        rest = -there - sum(lines.mapped("amount"))
        if not self.currency_id.is_zero(rest):
            account = self.journal_id.suspense_account_id
            parts.append(self._prepare_entry_line(account, -rest, False))
        parts = self._close_to_zero(parts, -balance)
        move_id = self.statement_line_id.move_id.id
        return [{**part, "move_id": move_id} for part in parts]

    def _book_from_suspense(self, lines):
        """An entry of its own, after an earlier match of this receipt was undone."""
        total = sum(lines.mapped("amount"))
        suspense = self.journal_id.suspense_account_id
        vals_list = [
            self._prepare_entry_line(suspense, total, False),
            *(self._prepare_part_line(line) for line in lines),
        ]
        move = self._create_entry(self._close_to_zero(vals_list), self.name)
        return move.line_ids.sorted("id")[1:]

    def _create_entry(self, vals_list, ref):
        """Post an entry on this receipt's journal, dated today.

        :param vals_list: values of its journal items
        """
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.journal_id.id,
                "date": fields.Date.context_today(self),
                "ref": ref,
                "line_ids": [Command.create(vals) for vals in vals_list],
            }
        )
        move.action_post()
        return move

    # --- Moneybird --------------------------------------------------------------

    def _plan_at_moneybird(self, proposal, is_automatic):
        """Write down the intent; the job `_cron_forward` carries it out.

        :raises BookingError: the invoice is in another currency
        """
        self.ensure_one()
        for item in proposal.line_ids.open_item_id:
            if item.currency_id != self.currency_id:
                raise BookingError(
                    "currency_remote",
                    item=item.number,
                    open=item.currency_code,
                    currency=self.currency_code,
                )
        vals_list = [
            {
                **self._prepare_booking_vals(proposal, line, is_automatic),
                "kind": "moneybird",
                "state": "todo",
                "open_item_id": line.open_item_id.id,
                "ledger_account_id": line.ledger_account_id.id,
                "date_next_try": fields.Datetime.now(),
            }
            for line in proposal.line_ids
        ]
        bookings = self.env["matching.booking"].create(vals_list)
        self.env.ref("moneybird_reconcile.ir_cron_forward")._trigger()
        return bookings

    def _prepare_booking_vals(self, proposal, line, is_automatic):
        return {
            "receipt_id": self.id,
            "amount": line.amount,
            "score": proposal.score,
            "evidence": (proposal.evidence or []) + (proposal.against or []),
            "rules_version": RULES_VERSION,
            "is_automatic": is_automatic,
            "user_id": False if is_automatic else self.env.user.id,
            "identifier": self.external_id or self.fingerprint,
        }
