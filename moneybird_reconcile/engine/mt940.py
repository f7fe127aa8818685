"""Read MT940 (SWIFT customer statement) with the library ``mt-940``.

The library reads the fields; it drops what it does not understand without a word and
checks no balance. So each statement is handed to it alone, its transactions are counted
against the fields 61 in the file, and opening plus transactions must be closing.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import mt940

from .bank_file import BankFile, BankFileError, BankLine, Statement
from .mt940_details import NO_REFERENCE, read_details
from .names import normalise_iban

MAX_BYTES = 64 * 2**20
ENCODINGS = ("utf-8", "cp1252")
_FIELD = re.compile(r":(\d{2})([A-Z]?):")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")

# What it logs on damaged files is told by our own refusal.
logging.getLogger("mt940").setLevel(logging.CRITICAL)


@dataclass
class _Block:
    """The lines of one statement."""

    line_no: int
    lines: list[tuple[int, str]]


def parse_mt940(source: BinaryIO, max_bytes: int = MAX_BYTES) -> BankFile:
    """Read an MT940 file.

    :param source: binary file, read once
    :return: all statements; opening balance plus transactions equals closing balance
    :raises BankFileError: with reason code and line; nothing of the file may be used
    """
    content = source.read(max_bytes + 1)
    if len(content) > max_bytes:
        limit = str(max_bytes // 2**20)
        raise BankFileError("unpacked_too_large", limit=limit)
    statements = tuple(_read_block(block) for block in _blocks(_decode(content)))
    if not statements:
        raise BankFileError("no_statement", 1)
    return BankFile("mt940", statements[0].identifier, statements)


def _decode(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text.removeprefix("\ufeff")
    raise BankFileError("encoding_wrong", 1)


def _blocks(text: str) -> Iterator[_Block]:
    """Statements begin with field 20; the envelope of the network is left out."""
    block: _Block | None = None
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        clean = re.sub(r"^(\{[^{}]*\})*\{4:\s*", "", line.rstrip())
        if clean.startswith(":20:"):
            if block:
                yield block
            block = _Block(number, [])
        if block and clean not in ("-", "-}"):
            block.lines.append((number, clean))
    if block:
        yield block


def _read_block(block: _Block) -> Statement:
    places = [number for number, line in block.lines if line.startswith(":61:")]
    parsed = _reader()
    try:
        rows = parsed.parse("\n".join(line for _number, line in block.lines))
    except Exception as error:  # the library raises what it likes
        raise BankFileError("mt940_broken", _last_good(block)) from error
    rows = [row for row in rows if row.data.get("amount") is not None]
    if len(rows) != len(places):
        raise BankFileError(
            "entries_missing",
            block.line_no,
            expected=str(len(places)),
            found=str(len(rows)),
        )
    account, currency = _account(str(parsed.data.get("account_identification") or ""))
    if not account:
        raise BankFileError("account_missing", block.line_no)
    opening = _balance(parsed.data, "opening", block.line_no)
    closing = _balance(parsed.data, "closing", block.line_no)
    currency = currency or _currency(parsed.data)
    lines = tuple(
        _line(row.data, place, currency)
        for row, place in zip(rows, places, strict=True)
    )
    booked = sum((line.amount for line in lines), Decimal(0))
    if opening + booked != closing:
        raise BankFileError(
            "balance_wrong",
            block.line_no,
            opening=str(opening),
            booked=str(booked),
            closing=str(closing),
        )
    number = parsed.data.get("statement_number") or ""
    return Statement(
        identifier="/".join(
            filter(None, (str(parsed.data.get("transaction_reference") or ""), number))
        ),
        account=account,
        currency=currency,
        date=_day(_balance_field(parsed.data, "closing").date),
        opening=opening,
        closing=closing,
        lines=lines,
    )


def _reader() -> Any:
    """The library's reader; field 86 is left as it is, our own dialects read it."""
    return mt940.models.Transactions(
        processors={"post_transaction_details": []}, options=mt940.Options.all()
    )


def _last_good(block: _Block) -> int:
    """Line of the first field that the library cannot read, as near as can be told."""
    for end in range(1, len(block.lines) + 1):
        number, line = block.lines[end - 1]
        if not _FIELD.match(line):
            continue
        try:
            _reader().parse(line)
        except Exception:  # noqa: BLE001 - the same as above
            return number
    return block.line_no


def _account(text: str) -> tuple[str, str]:
    """Account and currency out of field 25.

    >>> _account("NL91ABNA0417164300EUR"), _account("NL54RABO0123456789 EUR")
    (('NL91ABNA0417164300', 'EUR'), ('NL54RABO0123456789', 'EUR'))
    >>> _account("417164300"), _account("20050550/1234567890EUR")
    (('417164300', ''), ('20050550/1234567890', 'EUR'))
    """
    clean = re.sub(r"\s", "", text).upper()
    match = re.fullmatch(r"(.*?\d)([A-Z]{3})?", clean)
    return (match.group(1), match.group(2) or "") if match else ("", "")


def _balance_field(data: dict[str, Any], which: str) -> Any:
    return next(
        (
            data[name]
            for name in (f"final_{which}_balance", f"intermediate_{which}_balance")
            if data.get(name) is not None
        ),
        None,
    )


def _balance(data: dict[str, Any], which: str, line_no: int) -> Decimal:
    balance = _balance_field(data, which)
    if balance is None or balance.amount is None:
        raise BankFileError("balance_missing", line_no)
    return Decimal(balance.amount.amount)


def _currency(data: dict[str, Any]) -> str:
    return str(_balance_field(data, "closing").amount.currency or "").upper()


def _day(value: Any) -> date | None:
    return date(value.year, value.month, value.day) if value is not None else None


def _line(data: dict[str, Any], line_no: int, currency: str) -> BankLine:
    told = read_details(str(data.get("transaction_details") or ""))
    extra = str(data.get("extra_details") or "")
    iban = _IBAN.search(normalise_iban(extra))
    if iban and not told.get("counterparty_iban"):
        told["counterparty_iban"] = iban.group()
    reference = str(data.get("bank_reference") or "").strip()
    entry_ref = str(data.get("customer_reference") or "").strip()
    value, booked = _day(data.get("date")), _day(data.get("entry_date"))
    if value is None and booked is None:
        raise BankFileError("date_missing", line_no)
    return BankLine(
        line_no=line_no,
        amount=Decimal(data["amount"].amount),
        currency=currency,
        date=booked or value,  # type: ignore[arg-type]
        date_value=value,
        servicer_ref="" if reference.upper() in NO_REFERENCE else reference,
        entry_ref="" if entry_ref.upper() in NO_REFERENCE else entry_ref,
        transaction_code=str(data.get("id") or ""),
        is_reversal=str(data.get("status") or "").startswith("R"),
        **told,  # type: ignore[arg-type]
    )
