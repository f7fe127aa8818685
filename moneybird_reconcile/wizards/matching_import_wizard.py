import base64
import hashlib
import io
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import DEFAULT_MAX_CONTENT_LENGTH

from ..engine.bank_file import BankFileError
from ..engine.bank_formats import parse_bank_file
from ..engine.fingerprint import fingerprint_lines
from ..engine.names import normalise_iban
from ..engine.unpack import unpack
from ..models.account_bank_statement_line import OWN_LINES
from ..words import REASONS, tell

#: the kinds of file that are a whole day of an account, with its balances
STATEMENT_FORMATS = ("camt.053", "mt940")
#: what travels in a request beside the file
ENVELOPE = 64 * 2**10


class MatchingImportWizard(models.TransientModel):
    """Bring in a bank file: whole or not at all, each line once."""

    _name = "matching.import.wizard"
    _description = "Import a bank file"

    data = fields.Binary("File", required=True, attachment=False)
    filename = fields.Char()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Bank journal",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        help="Leave empty: the journal is found by the account number in the file.",
    )

    mapping_id = fields.Many2one(
        "matching.csv.mapping",
        "Columns of a CSV file",
        domain="[('company_id', '=', company_id)]",
        help="Only for a CSV file: which column holds what.",
    )
    # A client's screen cannot work this out: its expressions know no `endswith`.
    is_table = fields.Boolean(compute="_compute_is_table")

    @api.depends("filename")
    def _compute_is_table(self):
        for wizard in self:
            name = (wizard.filename or "").lower()
            wizard.is_table = name.endswith((".csv", ".txt", ".zip", ".gz"))

    size_hint = fields.Char("Largest file", compute="_compute_size_hint")

    @api.depends_context("lang")
    def _compute_size_hint(self):
        limit = self._get_limit() // 2**20
        self.size_hint = self.env._(
            "Up to %(limit)s MB. Pack a larger file as ZIP: it is unpacked here.",
            limit=limit,
        )

    def action_import(self):
        """Read the upload, make the bank lines, match them, and show what came of it.

        :raises UserError: one of its files is refused; nothing was imported
        """
        self.ensure_one()
        self.env["matching.import"].check_access("create")
        content = base64.b64decode(self.data or b"")
        # All files are read before the first is stored.
        parsed = self._parse(content)
        records = self.env["matching.import"]
        for name, checksum, bank_file in parsed:
            journals = self._find_journals(bank_file)
            self._check_other_kinds(bank_file, journals)
            # The user may import; statements and entries follow from it.
            records |= self.sudo()._store(name, checksum, bank_file, journals)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Imported bank file"),
            "res_model": "matching.import",
            "view_mode": "form",
        }
        if len(records) == 1:
            return {**action, "res_id": records.id}
        domain = [("id", "in", records.ids)]
        return {**action, "view_mode": "list,form", "domain": domain}

    def _get_limit(self):
        """Largest upload in bytes: what Odoo takes in, and it travels as base64."""
        # A setting of the database that every user is bound by.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        limit = parameters_sudo.get_param("web.max_file_upload_size")
        size = int(limit) if (limit or "").isdigit() else DEFAULT_MAX_CONTENT_LENGTH
        return max(size - ENVELOPE, 0) * 3 // 4

    def _parse(self, content):
        """Read all files of an upload.

        :return: list of (name, checksum, :class:`BankFile`)
        """
        limit = self._get_limit()
        if len(content) > limit:
            values = {"limit": limit // 2**20}
            raise UserError(tell(self.env, REASONS, "upload_too_large", values))
        name, parsed = "", []
        try:
            for name, file in unpack(io.BytesIO(content)):
                checksum = hashlib.sha256()
                while piece := file.read(2**16):
                    checksum.update(piece)
                file.seek(0)
                bank_file = self._read_file(file)
                parsed.append((name, checksum.hexdigest(), bank_file))
        except BankFileError as error:
            raise UserError(self._tell_refusal(name, error)) from error
        return parsed

    def _tell_refusal(self, name, error):
        """Why nothing was imported: the file of an archive, the line, the reason."""
        words = tell(self.env, REASONS, error.code, error.values)
        if error.line:
            words = self.env._(
                "Nothing was imported. Line %(line)s: %(reason)s",
                line=error.line,
                reason=words,
            )
        return f"{name}: {words}" if name else words

    def _read_file(self, source):
        journal = self.journal_id or self.mapping_id.journal_id
        currency = journal.currency_id or self.company_id.currency_id
        return parse_bank_file(
            source,
            mapping=self.mapping_id._to_engine() if self.mapping_id else None,
            account=journal.bank_account_id.acc_number or "",
            currency=currency.name,
        )

    def _find_journals(self, bank_file):
        """The journal of each account in the file.

        :raises UserError: an account is unknown, or its journal has another currency
        """
        journals = {}
        accounts = {statement.account for statement in bank_file.statements}
        candidates = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company_id.id)]
        )
        by_iban = {
            normalise_iban(journal.bank_account_id.acc_number or ""): journal
            for journal in candidates
            if journal.bank_account_id
        }
        for statement in bank_file.statements:
            account = statement.account
            journal = by_iban.get(normalise_iban(account))
            if not journal and self.journal_id and len(accounts) == 1:
                journal = self._adopt_journal(account)
            if not journal:
                raise UserError(
                    self.env._(
                        "No bank journal has account %(account)s. Choose the journal.",
                        account=account,
                    )
                )
            currency = journal.currency_id or journal.company_id.currency_id
            if statement.currency and statement.currency != currency.name:
                raise UserError(
                    self.env._(
                        "Account %(account)s is kept in %(currency)s; the journal "
                        "is not.",
                        account=account,
                        currency=statement.currency,
                    )
                )
            journals[account] = journal
        return journals

    def _adopt_journal(self, account):
        """Use the journal the user chose, unless it belongs to another account."""
        journal = self.journal_id
        own = journal.bank_account_id.acc_number
        if own and normalise_iban(own) != normalise_iban(account):
            raise UserError(
                self.env._(
                    "The file is of account %(account)s, journal %(journal)s is not.",
                    account=account,
                    journal=journal.name,
                )
            )
        if not own:
            # Naming the account is part of the import, not of accounting setup.
            journal.sudo().set_bank_account(account)
        return journal

    def _check_other_kinds(self, bank_file, journals):
        """Refuse days that came in from a file that tells lines apart differently.

        An MT940 and a CAMT of the same day say the same money in other words; nothing
        in them shows that it is the same.

        :raises UserError: such a day is in the file
        """
        family = bank_file.format.split(".")[0]
        for statement in bank_file.statements:
            days = [line.date for line in statement.lines]
            if not days:
                continue
            other = self.env["matching.receipt"].search(
                [
                    ("journal_id", "=", journals[statement.account].id),
                    ("date", "in", sorted(set(days))),
                    ("import_id", "!=", False),
                    ("import_id.format", "not =like", f"{family}%"),
                ],
                limit=1,
            )
            if other:
                raise UserError(
                    self.env._(
                        "Nothing was imported: %(date)s of this account came in from "
                        "a %(format)s file already. Go on with files of that kind.",
                        date=other.date,
                        format=other.import_id.format,
                    )
                )

    # --- Storing ------------------------------------------------------------------

    def _store(self, name, checksum, bank_file, journals):
        rows = list(fingerprint_lines(bank_file.statements))
        known = self._find_known({fingerprint for _stmt, _line, fingerprint in rows})
        known |= self._find_known_entries(rows, bank_file.format)
        record = self.env["matching.import"].create(
            {
                "name": name
                or self.filename
                or bank_file.identifier
                or bank_file.format,
                "company_id": self.company_id.id,
                "checksum": checksum,
                "format": bank_file.format,
                "user_id": self.env.user.id,
                "count_lines": len(rows),
                "count_skipped": sum(stmt.skipped for stmt in bank_file.statements),
            }
        )
        new = defaultdict(dict)
        for statement, line, fingerprint in rows:
            if fingerprint not in known:
                known.add(fingerprint)
                new[id(statement)][fingerprint] = line
        receipts = self.env["matching.receipt"]
        for statement in bank_file.statements:
            lines = new.get(id(statement))
            if lines:
                journal = journals[statement.account]
                receipts |= self._create_receipts(record, journal, statement, lines)
        record.count_known = len(rows) - len(receipts)
        receipts._match()
        self._create_missing_lines(receipts)
        self._create_statements(record, bank_file, new, receipts)
        return record

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

    def _create_receipts(self, record, journal, statement, lines):
        currency = journal.currency_id or journal.company_id.currency_id
        return self.env["matching.receipt"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "source": "bank",
                    "import_id": record.id,
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
                    "state": "open",
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

    def _create_statements(self, record, bank_file, new, receipts):
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
            record.statement_ids |= self.env["account.bank.statement"].create(
                {
                    "name": statement.identifier or record.name,
                    "reference": record.name,
                    "date": statement.date,
                    "balance_start": float(statement.closing - booked),
                    "balance_end_real": closing,
                    "line_ids": [fields.Command.set(st_lines.ids)],
                }
            )
