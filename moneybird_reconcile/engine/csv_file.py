"""Read a bank's CSV with a mapping that somebody saved: no bank writes it like another.

>>> import io
>>> mapping = CsvMapping(date="Datum", amount="Bedrag", texts=("Omschrijving",),
...     direction="Af Bij", negative="Af", date_format="%Y%m%d")
>>> content = b"Datum;Bedrag;Af Bij;Omschrijving\\n20261120;15,00;Bij;Factuur 42\\n"
>>> parsed = parse_csv(io.BytesIO(content), mapping, account="NL91ABNA0417164300")
>>> [(line.amount, line.texts) for line in parsed.statements[0].lines]
[(Decimal('15.00'), ('Factuur 42',))]
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from .bank_file import BankFile, BankFileError, BankLine, Statement
from .facts import FactError, to_amount
from .names import normalise_iban

MAX_BYTES = 64 * 2**20
MAX_FIELD = 2**16


@dataclass(frozen=True)
class CsvMapping:
    """Which column holds what; a column is its heading, or its number from 1.

    :param skip: lines above the headings (or above the first line, without headings)
    :param direction: column that says whether money came in; the sign when empty
    :param negative: what stands there when money went out
    :param debit: column of money out, when the file has one column a direction
    """

    date: str
    amount: str
    texts: tuple[str, ...] = ()
    direction: str = ""
    negative: str = ""
    debit: str = ""
    name: str = ""
    iban: str = ""
    account: str = ""
    currency: str = ""
    reference: str = ""
    delimiter: str = ";"
    encoding: str = "utf-8"
    decimal_comma: bool = True
    date_format: str = "%d-%m-%Y"
    skip: int = 0
    has_headings: bool = True


def parse_csv(
    source: BinaryIO,
    mapping: CsvMapping,
    account: str = "",
    currency: str = "EUR",
    max_bytes: int = MAX_BYTES,
) -> BankFile:
    """Read a CSV file.

    :param account: account of the file, when it has no column for it
    :param currency: currency of the account, when the file has no column for it
    :raises BankFileError: with reason code and line; nothing of the file may be used
    """
    content = source.read(max_bytes + 1)
    if len(content) > max_bytes:
        limit = str(max_bytes // 2**20)
        raise BankFileError("unpacked_too_large", limit=limit)
    lines: dict[str, list[BankLine]] = {}
    for number, row in _rows(content, mapping):
        reader = _RowReader(number, row, mapping)
        own = reader.text(mapping.account) or account
        if not own:
            raise BankFileError("account_missing", number)
        lines.setdefault(own, []).append(reader.line(currency))
    if not lines:
        raise BankFileError("no_statement", 1)
    statements = tuple(
        Statement(
            identifier="",
            account=own,
            currency=currency,
            date=max(line.date for line in rows),
            opening=None,
            closing=None,
            lines=tuple(rows),
        )
        for own, rows in lines.items()
    )
    return BankFile("csv", "", statements)


def _rows(content: bytes, mapping: CsvMapping) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode(mapping.encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        raise BankFileError("encoding_wrong", 1) from error
    if "\x00" in text:
        raise BankFileError("encoding_wrong", 1)
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True
    )
    headings: list[str] = []
    try:
        for row in reader:
            if reader.line_num <= mapping.skip or not any(row):
                continue
            if mapping.has_headings and not headings:
                headings = [cell.strip() for cell in row]
                continue
            names = headings or [str(place) for place in range(1, len(row) + 1)]
            if len(row) != len(names):
                raise BankFileError("columns_wrong", reader.line_num)
            numbered = {str(place): cell for place, cell in enumerate(row, start=1)}
            yield reader.line_num, numbered | dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise BankFileError("csv_broken", reader.line_num) from error


class _RowReader:
    """One row of the file."""

    def __init__(self, number: int, row: dict[str, str], mapping: CsvMapping) -> None:
        self._number = number
        self._row = row
        self._mapping = mapping

    def text(self, column: str) -> str:
        """What stands in a column; empty when the mapping names none."""
        if not column:
            return ""
        if column not in self._row:
            raise BankFileError("column_missing", self._number, column=column)
        return self._row[column].strip()

    def line(self, currency: str) -> BankLine:
        """The row as a bank line."""
        mapping = self._mapping
        own = self.text(mapping.currency).upper() or currency
        if own != currency:
            raise BankFileError(
                "currency_mixed", self._number, entry=own, account=currency
            )
        return BankLine(
            line_no=self._number,
            amount=self._amount(),
            currency=currency,
            date=self._date(),
            counterparty_name=self.text(mapping.name),
            counterparty_iban=normalise_iban(self.text(mapping.iban)),
            servicer_ref=self.text(mapping.reference),
            texts=tuple(filter(None, map(self.text, mapping.texts))),
        )

    def _amount(self) -> Decimal:
        mapping = self._mapping
        if mapping.debit:
            came, went = self._number_in(mapping.amount), self._number_in(mapping.debit)
            if (came is None) == (went is None):
                raise BankFileError("direction_missing", self._number)
            return came if came is not None else -abs(went or Decimal(0))
        amount = self._number_in(mapping.amount)
        if amount is None:
            raise BankFileError("amount_unreadable", self._number, value="")
        if not mapping.direction:
            return amount
        word = self.text(mapping.direction)
        if not word:
            raise BankFileError("direction_missing", self._number)
        is_out = word.casefold() == mapping.negative.casefold()
        return -abs(amount) if is_out else abs(amount)

    def _number_in(self, column: str) -> Decimal | None:
        text = self.text(column).replace(" ", "").replace("\xa0", "").lstrip("+")
        if not text:
            return None
        shape = r"-?\d{1,3}(\.\d{3})*(,\d+)?|-?\d+(,\d+)?"
        if not self._mapping.decimal_comma:
            shape = r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?"
        if not re.fullmatch(shape, text):
            raise BankFileError("amount_unreadable", self._number, value=text[:40])
        thousands, comma = (".", ",") if self._mapping.decimal_comma else (",", ".")
        try:
            return to_amount(text.replace(thousands, "").replace(comma, "."))
        except FactError as error:
            raise BankFileError(
                "amount_unreadable", self._number, **error.values
            ) from error

    def _date(self) -> date:
        text = self.text(self._mapping.date)
        try:
            moment = datetime.strptime(text, self._mapping.date_format)  # noqa: DTZ007
        except ValueError as error:
            raise BankFileError(
                "date_unreadable", self._number, value=text[:40]
            ) from error
        return moment.date()
