from odoo import api, fields, models
from odoo.fields import Command

from ..engine.rules import RULES_VERSION
from ..exceptions import BookingError

RETURNS = ("refund", "chargeback")
#: Where a service names the payment that a refund or chargeback takes back.
ORIGIN_KEYS = ("paymentId", "originalReference")


class MatchingReceipt(models.Model):
    """Refunds and chargebacks: what they take back is open again, even years later."""

    _inherit = "matching.receipt"

    origin_ref = fields.Char("Payment taken back", readonly=True)
    origin_id = fields.Many2one(
        "matching.receipt", "Takes back", compute="_compute_origin_id"
    )

    @api.depends("origin_ref", "connection_id")
    def _compute_origin_id(self):
        for receipt in self:
            receipt.origin_id = receipt.origin_ref and self.search(
                [
                    ("external_id", "=", receipt.origin_ref),
                    ("source", "=", receipt.source),
                    ("company_id", "=", receipt.company_id.id),
                ],
                limit=1,
            )

    def _prepare_changing_vals(self, company, facts):
        """Override of `_prepare_changing_vals` to keep which payment is taken back."""
        vals = super()._prepare_changing_vals(company, facts)
        if facts.kind in RETURNS:
            found = (facts.raw.get(key) for key in ORIGIN_KEYS)
            vals["origin_ref"] = next((str(key) for key in found if key), False)
        return vals

    def _get_journal(self):
        """Override of `_get_journal`: money goes back from where it came in."""
        if not self.journal_id and self.origin_id.journal_id:
            return self.origin_id.journal_id
        return super()._get_journal()

    def _match_company(self, company):
        """Override of `_match_company` to take payments back before matching.

        What takes back a payment of the same run waits until that one is booked.
        """
        returns = self.filtered(lambda receipt: receipt._is_return_to_book())
        rest = self - returns
        later = returns.filtered(lambda receipt: receipt.origin_id in rest)
        (returns - later)._book_returns()
        result = super(MatchingReceipt, rest)._match_company(company)
        later._book_returns()
        return result

    def _book_returns(self):
        for receipt in self.sorted(lambda row: (row.date, row.id)):
            receipt._book_return_alone()

    def _is_return_to_book(self):
        """Tell whether this takes back a payment that we know.

        A refund for which there is a credit note pays that one instead, like any other
        receipt.
        """
        self.ensure_one()
        if self.kind not in RETURNS or not self._is_matchable() or not self.origin_id:
            return False
        return self.kind == "chargeback" or not self._has_credit_note()

    def _has_credit_note(self):
        # Whoever sees the refund gets the same answer, whatever else he may read.
        return bool(
            self.env["account.move"]
            .sudo()
            .search_count(
                [
                    ("move_type", "=", "out_refund"),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("company_id", "=", self.company_id.id),
                    (
                        "commercial_partner_id",
                        "=",
                        self.origin_id.partner_id.commercial_partner_id.id,
                    ),
                ],
                limit=1,
            )
        )

    def _book_return_alone(self):
        self.ensure_one()
        self.proposal_ids.unlink()
        try:
            with self.env.cr.savepoint():
                self._book_return()
        except BookingError as error:
            self.env.invalidate_all()
            self._update_state("error", error.code, error.values)

    def _book_return(self):
        """Take back what the payment paid, as far as the amount goes.

        :raises BookingError: a person has to look at it
        """
        self.ensure_one()
        transaction = self._get_own_transaction()
        if transaction:
            self._link_transaction(transaction)
            return
        origin = self.origin_id
        if origin.transaction_id:
            reference = origin.transaction_id.reference
            raise BookingError("return_of_transaction", reference=reference)
        parts = self._divide_return(origin)
        self._lock_for_booking()
        # Fetching runs as the system; by hand the right to handle receipts is enough.
        bookings = self.sudo()._book_return_parts(parts)
        self.write({"partner_id": origin.partner_id.id, "is_automatic": True})
        bookings.receipt_id._after_booking_change()
        if self.state == "matched":
            items = ", ".join(bookings.mapped("item_name"))
            self._update_state("matched", "returned", {"items": items})

    def _get_own_transaction(self):
        """The refund that Odoo itself made, which books it."""
        # Reading payment transactions is for sales and accounting; linking is not.
        return (
            self.env["payment.transaction"]
            .sudo()
            .search(
                [
                    ("provider_reference", "=", self.external_id),
                    ("state", "=", "done"),
                    ("company_id", "=", self.company_id.id),
                ],
                limit=1,
            )
        )

    def _divide_return(self, origin):
        """Which bookings of the payment are taken back, and how much of each.

        Taken back whole, a payment takes with it what was booked beside its items: a
        fee that was withheld, a gift.

        :return: list of (booking, amount)
        """
        done = origin.sudo().booking_ids.filtered(lambda row: row.state == "done")
        bookings = done.filtered(lambda row: row.move_line_id or row.open_item_id)
        if bookings.move_line_id.currency_id - self.currency_id:
            raise BookingError("return_other_currency")
        if self._is_whole_return(origin, done):
            return [(booking, booking.amount) for booking in done.sorted("id")]
        if not bookings:
            raise BookingError("return_of_unmatched")
        left = -self.amount
        parts = []
        for booking in bookings.sorted("id"):
            taken = -sum(
                self.env["matching.booking"]
                .sudo()
                .search([("return_of_id", "=", booking.id), ("is_live", "=", True)])
                .mapped("amount")
            )
            part = self.currency_id.round(min(left, booking.amount - taken))
            if part > 0:
                parts.append((booking, part))
                left = self.currency_id.round(left - part)
        if left:
            raise BookingError("return_too_much")
        return parts

    def _is_whole_return(self, origin, done):
        """Tell whether all of a payment is taken back that was not on items alone."""
        total = sum(done.mapped("amount"))
        returned = self.env["matching.booking"].sudo()
        return (
            bool(done.account_id)
            and self.currency_id.is_zero(origin.amount + self.amount)
            and self.currency_id.is_zero(origin.amount - total)
            and not returned.search_count(
                [("return_of_id", "in", done.ids), ("is_live", "=", True)], limit=1
            )
        )

    def _book_return_parts(self, parts):
        in_odoo = [part for part in parts if part[0].kind == "odoo"]
        remote = [part for part in parts if part[0].kind == "moneybird"]
        if in_odoo and remote:
            raise BookingError("return_too_much")
        bookings = self.env["matching.booking"]
        if remote:
            vals_list = [
                {
                    **self._prepare_return_vals(booking, part),
                    "kind": "moneybird",
                    "state": "todo",
                    "open_item_id": booking.open_item_id.id,
                    "date_next_try": fields.Datetime.now(),
                }
                for booking, part in remote
            ]
            self.env.ref("moneybird_reconcile.ir_cron_forward")._trigger()
            return bookings.create(vals_list)
        self._check_bookable()
        counterparts = self._create_return_entry(in_odoo)
        for (booking, part), line in zip(in_odoo, counterparts, strict=True):
            paid, item = booking.entry_line_id, booking.move_line_id
            if item:
                self._open_again(paid, item)
                (line + paid).reconcile()
                if not paid.reconciled:
                    (paid + item).reconcile()
            bookings |= bookings.create(
                {
                    **self._prepare_return_vals(booking, part),
                    "kind": "odoo",
                    "state": "done",
                    "move_line_id": item.id,
                    "account_id": booking.account_id.id,
                    "label": booking.label,
                    "entry_line_id": line.id,
                    "date_done": fields.Datetime.now(),
                }
            )
        return bookings

    @staticmethod
    def _open_again(paid, item):
        """Part what paid from what it paid; what it was taken back by stays."""
        partials = paid.matched_debit_ids | paid.matched_credit_ids
        partials.filtered(
            lambda row: item in row.debit_move_id | row.credit_move_id
        ).unlink()

    def _create_return_entry(self, parts):
        """One line on the clearing journal against the customer, as it came in."""
        self.journal_id = self._get_journal()
        rows = [(self.journal_id.default_account_id, self.amount, False)]
        rows += [
            (booking.entry_line_id.account_id, part, booking.entry_line_id.partner_id)
            for booking, part in parts
        ]
        vals = self._prepare_statement_line_vals()
        vals["partner_id"] = self.origin_id.partner_id.commercial_partner_id.id
        vals["line_ids"] = [
            Command.create(self._prepare_entry_line(*row)) for row in rows
        ]
        lines_model = self.env["account.bank.statement.line"]
        st_line = lines_model.with_context(matching_own_lines=True).create(vals)
        self.statement_line_id = st_line
        return st_line._seek_for_lines()[2].sorted("id")

    def _prepare_return_vals(self, booking, part):
        values = {"payment": self.origin_id.external_id}
        piece = {"code": "takes_back", "group": "reference", "weight": 100}
        return {
            "receipt_id": self.id,
            "return_of_id": booking.id,
            "amount": -part,
            "score": 100,
            "evidence": [{**piece, "values": values}],
            "rules_version": RULES_VERSION,
            "is_automatic": True,
            "identifier": self.external_id,
        }
