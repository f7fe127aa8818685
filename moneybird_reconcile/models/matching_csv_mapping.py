import codecs

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.csv_file import CsvMapping

# Odoo makes an identifier of each value in lower case, so signs cannot be the values.
DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
DATE_FORMATS = {
    "dmy_dash": "%d-%m-%Y",
    "dmy_slash": "%d/%m/%Y",
    "dmy_dot": "%d.%m.%Y",
    "dmy_dot_short": "%d.%m.%y",
    "ymd_dash": "%Y-%m-%d",
    "ymd": "%Y%m%d",
}


class MatchingCsvMapping(models.Model):
    """Which column of a bank's CSV holds what: by its heading or its number."""

    _name = "matching.csv.mapping"
    _description = "Columns of a CSV file"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Bank journal",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        check_company=True,
        help="For a file that does not say of which account it is.",
    )
    delimiter = fields.Selection(
        [
            ("semicolon", "Semicolon"),
            ("comma", "Comma"),
            ("tab", "Tab"),
            ("bar", "Bar"),
        ],
        "Between columns",
        default="semicolon",
        required=True,
    )
    encoding = fields.Char(default="utf-8", required=True)
    date_format = fields.Selection(
        [
            ("dmy_dash", "31-12-2026"),
            ("dmy_slash", "31/12/2026"),
            ("dmy_dot", "31.12.2026"),
            ("dmy_dot_short", "31.12.26"),
            ("ymd_dash", "2026-12-31"),
            ("ymd", "20261231"),
        ],
        "Dates look like",
        default="dmy_dash",
        required=True,
    )
    decimal_comma = fields.Boolean(
        "Comma before the cents", default=True, help="1.234,56 and not 1,234.56"
    )
    skip = fields.Integer("Lines to skip", help="Lines above the headings.")
    has_headings = fields.Boolean("First line holds headings", default=True)
    column_date = fields.Char("Date", required=True)
    column_amount = fields.Char("Amount (or money in)", required=True)
    column_debit = fields.Char("Money out", help="When it has a column of its own.")
    column_direction = fields.Char("In or out")
    negative = fields.Char("Word for money out", help="For example Af, D or Debit.")
    column_texts = fields.Char(
        "Remittance", help="One column, or several with a comma between them."
    )
    column_name = fields.Char("Name of payer")
    column_iban = fields.Char("Account of payer")
    column_account = fields.Char("Own account")
    column_currency = fields.Char("Currency")
    column_reference = fields.Char("Reference of the bank")

    @api.constrains("encoding", "column_direction", "negative", "column_debit")
    def _check_columns(self):
        for mapping in self:
            try:
                codecs.lookup(mapping.encoding)
            except LookupError as error:
                raise ValidationError(
                    mapping.env._("%(name)s is no encoding.", name=mapping.encoding)
                ) from error
            if bool(mapping.column_direction) != bool(mapping.negative):
                raise ValidationError(
                    mapping.env._("Say which word stands for money out, and where.")
                )
            if mapping.column_direction and mapping.column_debit:
                raise ValidationError(
                    mapping.env._(
                        "Either a column says in or out, or money out has its own."
                    )
                )

    def _to_engine(self):
        """The mapping as the parser wants it."""
        self.ensure_one()
        texts = (self.column_texts or "").split(",")
        return CsvMapping(
            date=self.column_date.strip(),
            amount=self.column_amount.strip(),
            texts=tuple(filter(None, (text.strip() for text in texts))),
            direction=(self.column_direction or "").strip(),
            negative=(self.negative or "").strip(),
            debit=(self.column_debit or "").strip(),
            name=(self.column_name or "").strip(),
            iban=(self.column_iban or "").strip(),
            account=(self.column_account or "").strip(),
            currency=(self.column_currency or "").strip(),
            reference=(self.column_reference or "").strip(),
            delimiter=DELIMITERS[self.delimiter],
            encoding=self.encoding,
            decimal_comma=self.decimal_comma,
            date_format=DATE_FORMATS[self.date_format],
            skip=self.skip,
            has_headings=self.has_headings,
        )
