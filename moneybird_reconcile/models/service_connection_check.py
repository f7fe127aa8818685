from collections import defaultdict
from datetime import datetime, time, timedelta, timezone

from odoo import fields, models

from ..clients.moneybird import parse_item
from ..engine import facts as words_of_trade
from ..engine.facts import FactError
from ..engine.fingerprint import provider_fingerprint
from .matching_check import CHECKED_DAYS

#: A direct debit is made weeks before it is paid.
LOOK_BACK_DAYS = 45
COMPARED_DAYS = 60


class ServiceConnection(models.Model):
    """Daily checks: the service is read again and held against the books."""

    _inherit = "service.connection"

    moneybird_leads = fields.Selection(
        [("odoo", "Odoo"), ("moneybird", "Moneybird")],
        "Leading ledger",
        default="odoo",
        help="Where an invoice is paid that stands in both, under one number.",
    )

    def _run_daily_check(self):
        """Check the last days of this service.

        :raises ProviderError: the service cannot be read
        """
        self.ensure_one()
        if self.provider == "moneybird":
            self._compare_ledgers()
        else:
            self._check_completeness()

    # --- Completeness -----------------------------------------------------------------

    def _check_completeness(self):
        """Total at the provider = total in the books, for each of the last days."""
        today = fields.Date.today()
        days = [today - timedelta(days=back) for back in range(CHECKED_DAYS, 0, -1)]
        found = self._read_paid(days[0])
        receipts = self.env["matching.receipt"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("connection_id", "=", self.id),
                "|",
                ("fingerprint", "in", list(found)),
                ("date", "in", days),
            ]
        )
        by_print = {receipt.fingerprint: receipt for receipt in receipts}
        sums = defaultdict(lambda: [0.0, 0.0, []])
        for key, (day, facts) in found.items():
            if day in days:
                self._count_paid(sums[day, facts.currency], facts, by_print.get(key))
        for receipt in receipts:
            if receipt.fingerprint not in found and receipt.date in days:
                self._count_gone(sums[receipt.date, receipt.currency_code], receipt)
        for day in days:
            sums.setdefault((day, self.company_id.currency_id.name), [0.0, 0.0, []])
        for (day, code), (there, here, lines) in sums.items():
            self._store_day(day, code, (there, here), lines)

    def _store_day(self, day, code, totals, lines):
        currency = self.env["res.currency"].search([("name", "=", code)], limit=1)
        currency = currency or self.company_id.currency_id
        keys = {
            "kind": "ledgers" if self.provider == "moneybird" else "completeness",
            "company_id": self.company_id.id,
            "connection_id": self.id,
            "date": day,
            "currency_id": currency.id,
        }
        self.env["matching.check"].sudo()._store(keys, totals, lines)

    def _read_paid(self, first_day):
        """What the service calls paid since some weeks before a day.

        :return: dict fingerprint → (day it was paid, facts)
        """
        since = datetime.combine(first_day, time.min, timezone.utc)
        since -= timedelta(days=LOOK_BACK_DAYS)
        receipts = self.env["matching.receipt"]
        found = {}
        for rows in self._iter_rows(self._get_client(), since):
            for facts in self._parse_quietly(rows):
                if facts.stage == words_of_trade.STAGE_PAID:
                    vals = receipts._prepare_changing_vals(self.company_id, facts)
                    key = provider_fingerprint(
                        facts.provider, facts.kind, facts.external_id
                    )
                    found[key] = (vals["date"], facts)
        return found

    def _parse_quietly(self, rows):
        """Read rows; what cannot be read is told by the sync already."""
        return self._parse_rows(_Silent(), rows)

    @staticmethod
    def _count_paid(totals, facts, receipt):
        amount = float(facts.amount)
        totals[0] += amount
        placed = receipt.amount if receipt and receipt._has_place() else 0.0
        totals[1] += placed
        if placed == amount:
            return
        if not receipt:
            code, explained = "check_missing", False
        elif receipt._has_place():
            code, explained = "check_amount", False
        else:
            # A person sees it under Open or Errors, with the reason.
            code, explained = "check_not_booked", True
        totals[2].append(
            {
                "name": facts.external_id,
                "receipt_id": receipt.id if receipt else False,
                "amount_there": amount,
                "amount_here": placed,
                "reason_code": code,
                "is_explained": explained,
            }
        )

    @staticmethod
    def _count_gone(totals, receipt):
        if not receipt._has_place():
            return
        totals[1] += receipt.amount
        totals[2].append(
            {
                "name": receipt.external_id or receipt.name,
                "receipt_id": receipt.id,
                "amount_there": 0.0,
                "amount_here": receipt.amount,
                "reason_code": "check_gone",
            }
        )

    # --- Both ledgers -----------------------------------------------------------------

    def _compare_ledgers(self):
        """Our payments at Moneybird, and invoices that both ledgers know."""
        since = fields.Datetime.now() - timedelta(days=COMPARED_DAYS)
        bookings = self.env["matching.booking"].search(
            [
                ("open_item_id.connection_id", "=", self.id),
                ("state", "=", "done"),
                ("date_done", ">=", since),
            ]
        )
        items = self._read_items_again(bookings.open_item_id)
        there = here = 0.0
        lines = []
        for booking in bookings:
            item = booking.open_item_id
            current = items.get((item.kind, item.external_id))
            paid = self._get_paid_there(current, booking)
            ours = booking._get_amount_there()
            there += paid
            here += ours
            if booking.currency_id.compare_amounts(paid, ours):
                lines.append(
                    {
                        "name": item.number or booking.identifier,
                        "receipt_id": booking.receipt_id.id,
                        "open_item_id": item.id,
                        "amount_there": paid,
                        "amount_here": ours,
                        "reason_code": "check_payment"
                        if paid
                        else "check_payment_gone",
                    }
                )
        known, known_there, known_here = self._compare_invoices()
        self._store_day(
            fields.Date.today() - timedelta(days=1),
            self.company_id.currency_id.name,
            (there + known_there, here + known_here),
            lines + known,
        )

    def _read_items_again(self, records):
        """Items as Moneybird has them now; ours are brought up to date with them."""
        client = self._get_client()
        found = {}
        for kind, group in records.grouped("kind").items():
            for rows in client.iter_items(kind, group.mapped("external_id")):
                items = [self._read_item(kind, row) for row in rows]
                items = [item for item in items if item]
                self.env["matching.open.item"].sudo()._upsert(self, items)
                found.update({(kind, item.external_id): item for item in items})
        return found

    @staticmethod
    def _read_item(kind, row):
        try:
            return parse_item(kind, row)
        except FactError:
            return None  # the sync tells of it

    @staticmethod
    def _get_paid_there(item, booking):
        payments = item.payments if item else ()
        for payment in payments:
            same = payment.get("transaction_identifier") == booking.identifier
            if same or str(payment.get("id") or "?") == booking.remote_ref:
                return float(payment.get("price") or 0.0)
        return 0.0

    def _compare_invoices(self):
        """Invoices with one number in both ledgers must be open for the same amount."""
        items = self.env["matching.open.item"].search(
            [("connection_id", "=", self.id), ("number", "!=", False)]
        )
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("name", "in", items.mapped("number")),
            ]
        )
        by_number = {move.name: move for move in moves}
        lines, there, here = [], 0.0, 0.0
        for item in items.filtered(lambda row: row.number in by_number):
            move = by_number[item.number]
            sign = -1 if move.move_type == "out_refund" else 1
            left = sign * move.amount_residual
            open_there = item.amount_open if item.is_open else 0.0
            there += open_there
            here += left
            if move.currency_id.compare_amounts(open_there, left):
                leader = dict(self._fields["moneybird_leads"].selection)
                lines.append(
                    {
                        "name": item.number,
                        "open_item_id": item.id,
                        "amount_there": open_there,
                        "amount_here": left,
                        "reason_code": "check_open",
                        "reason_values": {"leader": leader[self.moneybird_leads]},
                    }
                )
        return lines, there, here


class _Silent:
    """A run that notes nothing."""

    def _fail(self, name, message):
        """Leave the failure to the sync, which told it."""
