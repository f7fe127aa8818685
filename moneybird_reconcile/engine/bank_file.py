"""What a bank file says, whatever its format."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


class BankFileError(Exception):
    """The file is refused as a whole.

    :param code: reason code (the addon makes words of it)
    :param line: line of the file, 0 when there is none to name
    :param values: what the sentence needs
    """

    def __init__(self, code: str, line: int = 0, **values: str) -> None:
        super().__init__(f"{code} (line {line})")
        self.code = code
        self.line = line
        self.values = values


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement on an account.

    :param amount: signed, money in is positive
    :param texts: unstructured remittance information, in order
    :param structured: structured creditor references as delivered
    :param return_code: reason code of a returned payment (R-transaction), or empty
    :param is_remainder: true for the part of a batch that its details do not explain
    :param entry_key: what the bank calls the entry this line is (part) of, the same in
        every kind of file; empty when the bank gives it no reference of its own
    :param fee: charges that were taken off on the way
    :param amount_original: what the payer paid, when that was in another currency
    """

    line_no: int
    amount: Decimal
    currency: str
    date: dt.date
    date_value: dt.date | None = None
    counterparty_name: str = ""
    counterparty_iban: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    servicer_ref: str = ""
    entry_ref: str = ""
    transaction_code: str = ""
    texts: tuple[str, ...] = ()
    structured: tuple[str, ...] = ()
    return_code: str = ""
    return_text: str = ""
    is_reversal: bool = False
    is_remainder: bool = False
    entry_key: str = ""
    fee: Decimal = Decimal(0)
    amount_original: Decimal | None = None
    currency_original: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one account.

    :param opening: balance before the first line, None when the bank gives none
    :param closing: balance after the last line, None when the bank gives none
    """

    identifier: str
    account: str
    currency: str
    date: dt.date | None
    opening: Decimal | None
    closing: Decimal | None
    lines: tuple[BankLine, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class BankFile:
    """A whole file: all its statements, checked."""

    format: str
    identifier: str
    statements: tuple[Statement, ...] = ()

    @property
    def count_lines(self) -> int:
        """Lines of all statements."""
        return sum(len(statement.lines) for statement in self.statements)
