from collections import defaultdict

from odoo import models
from odoo.fields import Command

from ..engine.fingerprint import fingerprint_lines
from .account_bank_statement_line import OWN_LINES

#: the kinds of file that are a whole day of an account, with its balances
STATEMENT_FORMATS = ("camt.053", "mt940")


class MatchingImport(models.Model):
    """Store what a file says: receipts, bank lines, statements; each line once."""

    _inherit = "matching.import"

    def _store(self, bank_file, journals):
        """Store a file in one go and match it."""
        self.ensure_one()
        new = self._find_new(bank_file)
        receipts = self.env["matching.receipt"]
        for statement in bank_file.statements:
            lines = new.get(id(statement))
            if lines:
                journal = journals[statement.account]
                receipts |= self._create_receipts(journal, statement, lines)
        self.count_known = self.count_lines - len(receipts)
        self._book(receipts)
        self._create_statements(bank_file, new, receipts)

    def _book(self, receipts):
        """Match receipts and give each its place on the bank journal."""
        receipts._match()
        self._create_missing_lines(receipts)

    def _find_new(self, bank_file):
        """What of a file is not here yet, and how many lines it has.

        :return: id of a statement → {fingerprint: line}
        """
        rows = list(fingerprint_lines(bank_file.statements))
        known = self._find_known({fingerprint for _stmt, _line, fingerprint in rows})
        known |= self._find_known_entries(rows, bank_file.format)
        new = defaultdict(dict)
        for statement, line, fingerprint in rows:
            if fingerprint not in known:
                known.add(fingerprint)
                new[id(statement)][fingerprint] = line
        self.count_lines = len(rows)
        return new

    def _find_known(self, fingerprints):
        receipts = self.env["matching.receipt"].search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("fingerprint", "in", list(fingerprints)),
            ],
            ["fingerprint"],
        )
        return set(receipts.mapped("fingerprint"))

    def _find_known_entries(self, rows, file_format):
        """Fingerprints of lines whose entry another kind of file brought before.

        A statement may have one line where the notification of the day had twenty.
        """
        by_entry = defaultdict(set)
        for statement, line, fingerprint in rows:
            if line.entry_key:
                by_entry[f"{statement.account}|{line.entry_key}"].add(fingerprint)
        receipts = self.env["matching.receipt"].search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("entry_key", "in", list(by_entry)),
                ("import_id.format", "!=", file_format),
            ],
            ["entry_key"],
        )
        found = set(receipts.mapped("entry_key"))
        return set().union(*(by_entry[key] for key in found))

    def _create_receipts(self, journal, statement, lines, state="open"):
        currency = journal.currency_id or journal.company_id.currency_id
        return self.env["matching.receipt"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "source": "bank",
                    "import_id": self.id,
                    "journal_id": journal.id,
                    "fingerprint": fingerprint,
                    "currency_id": currency.id,
                    "currency_code": line.currency,
                    "date": line.date,
                    "amount": float(line.amount),
                    "entry_key": line.entry_key
                    and f"{statement.account}|{line.entry_key}",
                    "kind": "return" if line.return_code else "payment",
                    "method": line.transaction_code,
                    "state": state,
                    **self._prepare_line_vals(line),
                }
                for fingerprint, line in lines.items()
            ]
        )

    @staticmethod
    def _prepare_line_vals(line):
        texts = [*line.structured, *line.texts]
        names = (*texts, line.counterparty_name, line.servicer_ref)
        return {
            "name": next(filter(None, names), line.date.isoformat()),
            "payer_name": line.counterparty_name,
            "payer_iban": line.counterparty_iban,
            "description": "\n".join(texts),
            "end_to_end_id": line.end_to_end_id,
            "return_reason": " ".join(
                filter(None, (line.return_code, line.return_text))
            ),
            "facts": {
                "line": line.line_no,
                "servicer_ref": line.servicer_ref,
                "entry_ref": line.entry_ref,
                "mandate": line.mandate_id,
                "transaction_code": line.transaction_code,
                "value_date": line.date_value and line.date_value.isoformat(),
                "remainder_of_batch": line.is_remainder,
                "reversal": line.is_reversal,
                "fee": str(line.fee) if line.fee else None,
                "original_amount": line.amount_original is not None
                and str(line.amount_original)
                or None,
                "original_currency": line.currency_original or None,
            },
        }

    def _create_missing_lines(self, receipts):
        """Money on the bank is in the books: what is not matched is on suspense."""
        missing = receipts.filtered(lambda receipt: not receipt.statement_line_id)
        vals_list = [receipt._prepare_statement_line_vals() for receipt in missing]
        own_lines = {OWN_LINES: True}
        st_lines_model = self.env["account.bank.statement.line"]
        st_lines = st_lines_model.with_context(**own_lines).create(vals_list)
        for receipt, st_line in zip(missing, st_lines, strict=True):
            receipt.statement_line_id = st_line

    def _create_statements(self, bank_file, new, receipts):
        """One statement of Odoo for each in the file that brought something new.

        Its opening balance is the closing balance minus what is new, so that files that
        overlap give statements that follow each other.
        """
        if bank_file.format not in STATEMENT_FORMATS:
            return
        by_print = {receipt.fingerprint: receipt for receipt in receipts}
        for statement in bank_file.statements:
            fingerprints = new.get(id(statement))
            if not fingerprints or statement.closing is None:
                continue
            st_lines = receipts.browse(
                [by_print[fingerprint].id for fingerprint in fingerprints]
            ).statement_line_id
            booked = sum(line.amount for line in fingerprints.values())
            closing = float(statement.closing)
            self.statement_ids |= self.env["account.bank.statement"].create(
                {
                    "name": statement.identifier or self.name,
                    "reference": self.name,
                    "date": statement.date,
                    "balance_start": float(statement.closing - booked),
                    "balance_end_real": closing,
                    "line_ids": [Command.set(st_lines.ids)],
                }
            )
