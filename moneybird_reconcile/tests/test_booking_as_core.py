"""What we book in bulk is, field by field, what core books line by line."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import MatchingCommon

#: fields that tell which record it is, or when it was made
OWN = {
    *("id", "create_date", "write_date", "create_uid", "write_uid", "display_name"),
    *("name", "move_name", "sequence_number", "sequence_prefix", "internal_index"),
    *("payment_reference", "ref", "access_token", "made_sequence_gap"),
    "matching_number",
}
#: documents of one life are others than those of its twin
OTHERS = {
    *("account.move", "account.move.line", "account.bank.statement.line"),
    *("account.full.reconcile", "account.partial.reconcile", "mail.message"),
}
USD_RATES = (("2026-11-01", 1.25), ("2026-11-20", 1.6))
DAY = fields.Date.to_date("2026-11-20")


@tagged("post_install", "-at_install")
class TestBookingAsCore(MatchingCommon):
    """Seven lives of a bank line, each booked by us and by core."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.usd.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": cls.usd.id,
                    "company_id": cls.company.id,
                }
                for day, rate in USD_RATES
            ]
        )
        cls.bank_usd = cls.bank.copy({"currency_id": cls.usd.id, "code": "BNKU"})
        cls.costs = cls.company_data["default_account_expense"]

    def _lives(self):
        """Return (journal, amount, [(item or account, amount)]), one row a life."""

        def open_line(amount, **values):
            return self._create_invoice(amount, **values).line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )

        in_usd = {"currency_id": self.usd.id}
        return [
            (self.bank, 15.0, [(open_line(15.0), 15.0)]),
            (self.bank, 10.0, [(open_line(15.0), 10.0)]),
            (self.bank, 37.5, [(open_line(15.0), 15.0), (open_line(22.5), 22.5)]),
            (self.bank, 20.0, [(open_line(15.0), 15.0)]),
            (self.bank, 14.5, [(open_line(15.0), 15.0), (self.costs, -0.5)]),
            (self.bank, -15.0, [(open_line(15.0, move_type="out_refund"), -15.0)]),
            (self.bank_usd, 100.0, [(open_line(100.0, **in_usd), 100.0)]),
        ]

    def _line_values(self, journal, amount):
        return {
            "journal_id": journal.id,
            "date": DAY,
            "payment_ref": "Betaling",
            "partner_name": self.jan.name,
            "amount": amount,
        }

    # --- The two ways -----------------------------------------------------------------

    def _book_by_core(self, lives):
        """One by one: made, its suspense moved to what it pays, reconciled."""
        lines = self.env["account.bank.statement.line"]
        for journal, amount, parts in lives:
            line = lines.create(
                {**self._line_values(journal, amount), "partner_id": self.jan.id}
            )
            _liquidity, suspense, _other = line._seek_for_lines()
            currency = journal.currency_id or self.company.currency_id

            def value(part, currency=currency):
                return currency._convert(
                    part, self.company.currency_id, self.company, DAY
                )

            rest = amount - sum(part for _item, part in parts)
            rows = [
                {
                    "name": line.payment_ref,
                    "account_id": self._account_of(item).id,
                    "partner_id": item._name == "account.move.line"
                    and item.partner_id.id,
                    "currency_id": currency.id,
                    "amount_currency": -part,
                    "balance": -value(part),
                }
                for item, part in parts
            ]
            if rest:
                left = {"amount_currency": -rest, "balance": -value(rest)}
                left |= {"account_id": suspense.account_id.id, "partner_id": False}
                rows.append({**rows[0], **left})
            commands = [Command.create(row) for row in rows]
            line.with_context(force_delete=True, skip_readonly_check=True).write(
                {"line_ids": [Command.delete(suspense.id), *commands]}
            )
            for item, part in parts:
                if item._name == "account.move.line":
                    made = line._seek_for_lines()[2].filtered(
                        lambda row, item=item, part=part: (
                            row.account_id == item.account_id
                            and row.amount_currency == -part
                        )
                    )
                    (made + item).reconcile()
            lines |= line
        return lines

    def _book_by_us(self, lives, are_there):
        """All lives in one go.

        :param are_there: the bank lines exist, made by somebody else
        """
        # Receipts and proposals are made by imports and by the matcher, never by hand.
        receipts_sudo = self.env["matching.receipt"].sudo()
        proposals_sudo = self.env["matching.proposal"].sudo()
        decisions = []
        for number, (journal, amount, parts) in enumerate(lives):
            receipt = receipts_sudo.create(
                {
                    "company_id": self.company.id,
                    "source": "bank",
                    "fingerprint": f"as core {are_there} {number}",
                    "name": "Betaling",
                    "description": "Betaling",
                    "payer_name": self.jan.name,
                    "journal_id": journal.id,
                    "date": DAY,
                    "amount": amount,
                    "currency_id": (journal.currency_id or self.company.currency_id).id,
                }
            )
            if are_there:
                receipt.statement_line_id = self.env[
                    "account.bank.statement.line"
                ].create(
                    {**self._line_values(journal, amount), "partner_id": self.jan.id}
                )
            proposal = proposals_sudo.create(
                {
                    "receipt_id": receipt.id,
                    "line_ids": [
                        Command.create(
                            {
                                "move_line_id": item.id
                                if item._name == "account.move.line"
                                else False,
                                "account_id": item.id
                                if item._name == "account.account"
                                else False,
                                "amount": part,
                            }
                        )
                        for item, part in parts
                    ],
                }
            )
            decisions.append((receipt, proposal))
        receipts_sudo._book(decisions, is_automatic=True)
        receipts = receipts_sudo.union(*(receipt for receipt, _proposal in decisions))
        return receipts.statement_line_id.sudo(False)

    @staticmethod
    def _account_of(item):
        return item.account_id if item._name == "account.move.line" else item

    # --- Comparing --------------------------------------------------------------------

    def _values(self, record):
        """Every stored field of a record that both ways must agree on."""
        values = {}
        for name, field in record._fields.items():
            if name in OWN or not field.store or field.type in ("one2many", "json"):
                continue
            value = record[name]
            if field.relational:
                is_other = field.comodel_name in OTHERS
                value = len(value) if is_other else sorted(value.ids)
            values[name] = value
        return values

    def _books(self, line, parts):
        """A bank line, its entry, what was reconciled, and what became of the items."""
        move = line.move_id
        partials = move.line_ids.matched_debit_ids | move.line_ids.matched_credit_ids
        items = [item for item, _part in parts if item._name == "account.move.line"]
        exchange = partials.exchange_move_id.line_ids
        return {
            "line": self._values(line),
            "entry": self._values(move),
            "entry lines": [self._values(row) for row in move.line_ids.sorted("id")],
            "partials": [self._values(row) for row in partials.sorted("id")],
            "numbers": [item.matching_number[:1] == "P" for item in items],
            "items": [self._values(item) for item in items],
            "documents": [self._values(item.move_id) for item in items],
            "exchange": [self._values(row) for row in exchange.sorted("id")],
        }

    def _compare(self, are_there):
        by_core, by_us = self._lives(), self._lives()
        lines = self._book_by_us(by_us, are_there)
        expected = self._book_by_core(by_core)
        self.env.flush_all()
        self.env.invalidate_all()
        self.maxDiff = None
        rows = zip(lines, by_us, expected, by_core, strict=True)
        for number, (line, life, core, core_life) in enumerate(rows):
            found, wanted = self._books(line, life[2]), self._books(core, core_life[2])
            for part, values in wanted.items():
                with self.subTest(life=number, part=part):
                    self.assertEqual(found[part], values)
        numbers = [
            line.move_id.sequence_number
            for line in lines
            if line.journal_id == self.bank
        ]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_lines_of_a_file_are_booked_as_core_books_them(self):
        """C7, C10: amounts, partials, residuals, payment states, currency."""
        self._compare(are_there=False)

    def test_lines_that_are_there_are_booked_as_core_books_them(self):
        """C7, C10: the suspense of many lines moved at once."""
        self._compare(are_there=True)
