from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..exceptions import BookingError
from ..words import REASONS, tell

FROM_CUSTOMERS = ("payment", "refund", "chargeback")


class MatchingPayout(models.Model):
    """Booking a payout: the one posting scheme of all sources.

    All on the clearing journal of the service, one line each: money of other clearing
    journals and of Odoo's own payments comes in, fees (with their VAT) and reserves go
    out, and what is left goes to the transfer account, where the bank line finds it.
    """

    _inherit = "matching.payout"

    def action_book(self):
        """Book payouts, or say what is missing.

        :raises UserError: it cannot be booked; the text says why
        """
        self.check_access("write")
        for payout in self.filtered(lambda payout: payout.state == "draft"):
            payout._book_or_tell()
        return True

    def _book_or_tell(self):
        try:
            # Who handles payouts books them; entries follow from it.
            self.sudo().with_company(self.company_id)._book()
        except BookingError as error:
            words = tell(self.env, REASONS, error.code, error.values)
            raise UserError(words) from error

    def _book_safely(self):
        """Book what the service told; what cannot be booked keeps the reason."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.with_company(self.company_id)._book()
        except BookingError as error:
            self.env.invalidate_all()
            self.write({"reason_code": error.code, "reason_values": error.values})

    def _book(self):
        self.ensure_one()
        if not self.try_lock_for_update():
            raise BookingError("booking_failed", message=self.name)
        journal = self._check_payout()
        made = self.env["account.bank.statement.line"]
        for source, amount in self._sum_by_source(journal).items():
            made |= self._bring_in(journal, source, amount)
        for line in self.line_ids.filtered(lambda row: row.kind not in FROM_CUSTOMERS):
            made |= self._create_line(
                journal,
                line.amount,
                self._prepare_cost_lines(line),
                line.name or self.name,
            )
        transfer = self.company_id.transfer_account_id
        last = self._create_line(journal, -self.amount, [(transfer, self.amount, {})])
        self.write(
            {
                "statement_line_ids": [Command.set((made | last).ids)],
                "transit_line_id": last._seek_for_lines()[2].id,
                "reason_code": False,
            }
        )

    def _check_payout(self):
        """Return the journal to book on.

        :raises BookingError: the parts do not explain the amount, or a part has no
            place in the books
        """
        journal = self.connection_id._get_clearing("").journal_id
        if not journal:
            raise BookingError("no_journal", provider=self.connection_id.provider)
        if not self.company_id.transfer_account_id:
            raise BookingError("no_transfer_account")
        currency = journal.currency_id or self.company_id.currency_id
        if currency != self.currency_id:
            raise BookingError(
                "currency_journal", journal=journal.name, currency=self.currency_id.name
            )
        if not self.currency_id.is_zero(self.difference):
            raise BookingError(
                "payout_difference", amount=self.currency_id.format(self.difference)
            )
        if self.company_id._get_violated_lock_dates(self.date, False, journal):
            raise BookingError("period_closed", date=str(self.date))
        self._check_parts()
        return journal

    def _check_parts(self):
        money = self.line_ids.filtered(lambda row: row.kind in FROM_CUSTOMERS)
        missing = money.filtered(lambda row: not row.receipt_id)
        if missing:
            names = ", ".join(missing[:5].mapped(lambda row: row.external_id or "?"))
            raise BookingError("payout_unknown", count=len(missing), names=names)
        wrong = money.filtered(
            lambda row: self.currency_id.compare_amounts(
                row.amount, row.receipt_id.amount
            )
        )
        if wrong:
            raise BookingError("payout_amount", name=wrong[:1].receipt_id.name)
        remote = money.receipt_id.booking_ids.filtered(
            lambda row: row.is_live and row.kind == "moneybird"
        )
        if remote:
            raise BookingError("payout_at_moneybird", name=remote[:1].receipt_id.name)
        accountless = self.line_ids - money
        for line in accountless:
            if not self._get_cost_account(line):
                raise BookingError("payout_account", name=line.name or line.kind)

    # --- Where the money is ---------------------------------------------------------

    def _sum_by_source(self, journal):
        """Money that is not on the payout's own journal, by where it is.

        :return: dict (other journal, or journal item of a payment of Odoo) → amount
        """
        sums = defaultdict(float)
        for line in self.line_ids.filtered(lambda row: row.kind in FROM_CUSTOMERS):
            receipt = line.receipt_id
            if receipt.transaction_id:
                sums[self._get_own_payment_line(receipt)] += line.amount
                continue
            own = receipt.journal_id or receipt._get_journal()
            if own != journal:
                sums[own] += line.amount
        return dict(sums)

    def _get_own_payment_line(self, receipt):
        payment = receipt.transaction_id.payment_id
        line = payment.move_id and payment._seek_for_lines()[0][:1]
        if not line:
            reference = receipt.transaction_id.reference
            raise BookingError("payout_own_payment", reference=reference)
        return line

    def _bring_in(self, journal, source, amount):
        """Move money to the payout's journal; both ends are reconciled."""
        if source._name == "account.move.line":
            made = self._create_line(
                journal, amount, [(source.account_id, -amount, {})], source.move_id.name
            )
            counterpart = made._seek_for_lines()[2]
            if source.account_id.reconcile and not source.reconciled:
                (counterpart + source).reconcile()
            return made
        transfer = self.company_id.transfer_account_id
        out = self._create_line(source, -amount, [(transfer, amount, {})])
        made = self._create_line(journal, amount, [(transfer, -amount, {})])
        (out._seek_for_lines()[2] + made._seek_for_lines()[2]).reconcile()
        return out | made

    # --- Fees -----------------------------------------------------------------------

    def _get_cost_account(self, line):
        connection = self.connection_id
        if line.account_id:
            return line.account_id
        accounts = {
            "fee": connection.matching_fee_account_id,
            "reserve": connection.matching_reserve_account_id,
        }
        return accounts.get(line.kind)

    def _prepare_cost_lines(self, line):
        """Counterparts of a fee: net and VAT; of a reserve: its account."""
        account = self._get_cost_account(line)
        tax = self.connection_id.matching_fee_tax_id
        if line.kind != "fee" or not line.amount_vat or not tax:
            return [(account, -line.amount, {})]
        net = line.amount - line.amount_vat
        parts = tax.invoice_repartition_line_ids
        base = parts.filtered(lambda row: row.repartition_type == "base")[:1]
        vat = parts.filtered(lambda row: row.repartition_type == "tax")[:1]
        return [
            (
                account,
                -net,
                {
                    "tax_ids": [Command.set(tax.ids)],
                    "tax_tag_ids": [Command.set(base.tag_ids.ids)],
                },
            ),
            (
                vat.account_id or account,
                -line.amount_vat,
                {
                    "tax_repartition_line_id": vat.id,
                    "tax_tag_ids": [Command.set(vat.tag_ids.ids)],
                    "tax_base_amount": -net,
                },
            ),
        ]

    def _create_line(self, journal, amount, counterparts, label=""):
        """One bank line on a journal with its counterparts.

        :param counterparts: list of (account, signed amount, more values)
        """
        name = label or self.name
        rows = [(journal.default_account_id, amount, {}), *counterparts]
        return (
            self.env["account.bank.statement.line"]
            .with_context(matching_own_lines=True, skip_invoice_sync=True)
            .create(
                {
                    "journal_id": journal.id,
                    "date": self.date,
                    "payment_ref": name,
                    "ref": self.name,
                    "amount": amount,
                    "line_ids": [
                        Command.create(self._prepare_item(name, *row)) for row in rows
                    ],
                }
            )
        )

    def _prepare_item(self, name, account, amount, more):
        balance = self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id, self.date
        )
        return {
            "name": name,
            "account_id": account.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": balance,
            **more,
        }

    # --- Undo -----------------------------------------------------------------------

    def action_undo(self):
        """Reverse the entries of a payout that is not on the bank yet."""
        self.check_access("write")
        for payout in self:
            if payout.state == "closed":
                raise UserError(self.env._("Undo the match of the bank line first."))
            # Who may book a payout may reverse it.
            payout.sudo()._reverse()
        return True

    def _reverse(self):
        """The same lines with the other sign, so that VAT goes back as it came."""
        for st_line in self.statement_line_ids:
            lines = st_line.move_id.line_ids
            lines.remove_move_reconcile()
            _liquidity, _suspense, others = st_line._seek_for_lines()
            back = self._create_line(
                st_line.journal_id,
                -st_line.amount,
                [
                    (row.account_id, -row.amount_currency, self._prepare_tax_copy(row))
                    for row in others
                ],
                self.env._("Undo of %(entry)s", entry=st_line.move_id.name),
            )
            both = others | back._seek_for_lines()[2]
            both = both.filtered(lambda row: row.account_id.reconcile)
            for pair in both.grouped("account_id").values():
                pair.reconcile()
        self.write({"transit_line_id": False, "statement_line_ids": [Command.clear()]})

    @staticmethod
    def _prepare_tax_copy(line):
        return {
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "tax_tag_ids": [Command.set(line.tax_tag_ids.ids)],
            "tax_repartition_line_id": line.tax_repartition_line_id.id,
            "tax_base_amount": -line.tax_base_amount,
        }
