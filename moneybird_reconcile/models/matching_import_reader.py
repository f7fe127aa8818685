from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.bank_formats import parse_bank_file
from ..engine.names import normalise_iban
from ..words import REASONS, tell


class MatchingImportReader(models.AbstractModel):
    """Read a bank file and check it against the books, before anything is stored."""

    _name = "matching.import.reader"
    _description = "Reader of bank files"

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

    def _check(self, bank_file):
        """Check a file that was read against the books.

        :return: journal of each account in it
        :raises UserError: it is not to be imported
        """
        journals = self._find_journals(bank_file)
        self._check_other_kinds(bank_file, journals)
        return journals

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
