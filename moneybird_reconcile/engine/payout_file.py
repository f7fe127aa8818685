"""A payout report as a table of text: one line a transaction, with its fee and VAT."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from .facts import FactError
from .payout import PayoutPart

#: Headings in the languages of the services, in lower case, by what the column means.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        *("transaction", "transaction id", "reference", "id", "ccv reference"),
        *("transactie", "transactie-id", "referentie", "kenmerk", "referenz"),
    ),
    "amount": ("amount", "gross", "bedrag", "bruto", "betrag", "montant"),
    "fee": ("fee", "fees", "costs", "kosten", "gebühr", "frais"),
    "vat": ("vat", "btw", "mwst", "tva"),
    "kind": ("type", "kind", "soort", "art"),
}
KINDS = {
    "refund": ("refund", "terugbetaling", "erstattung", "remboursement"),
    "chargeback": ("chargeback", "storno", "stornering", "rückbuchung"),
    "reserve": ("reserve", "rolling reserve", "reservering"),
}
MAX_LINES = 100_000


def parse_payout_file(data: bytes) -> list[PayoutPart]:
    """Read a payout report.

    The separator is found by itself; fees are positive or negative, they always go off.

    >>> parts = parse_payout_file(b"Reference;Amount;Fee\\nC1.G;15,00;0,29\\n")
    >>> [(part.kind, str(part.amount)) for part in parts]
    [('payment', '15.00'), ('fee', '-0.29')]

    :raises FactError: a column is missing or a line cannot be read (with its number)
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    columns = _find_columns(next(rows, []))
    parts: list[PayoutPart] = []
    for number, row in enumerate(rows, 2):
        if number > MAX_LINES:
            raise FactError("file_too_large")
        if any(cell.strip() for cell in row):
            parts += _read_line(row, columns, number)
    return parts


def _find_columns(heading: list[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in heading]
    found = {
        meaning: names.index(name)
        for meaning, known in HEADINGS.items()
        for name in known[::-1]
        if name in names
    }
    for needed in ("external_id", "amount"):
        if needed not in found:
            raise FactError("column_missing", column=HEADINGS[needed][0])
    return found


def _read_line(
    row: list[str], columns: Mapping[str, int], number: int
) -> list[PayoutPart]:
    cells = {
        meaning: row[place].strip() if place < len(row) else ""
        for meaning, place in columns.items()
    }
    amount = _number(cells["amount"], number)
    fee = abs(_number(cells.get("fee", ""), number))
    vat = abs(_number(cells.get("vat", ""), number))
    kind = _kind(cells.get("kind", ""), amount)
    signed = -abs(amount) if kind != "payment" else amount
    parts = [PayoutPart(kind, signed, cells["external_id"])] if amount else []
    if fee:
        parts.append(
            PayoutPart(
                "fee",
                -fee,
                amount_vat=-vat,
                name=cells["external_id"],
                returns=int(kind == "chargeback"),
            )
        )
    return parts


def _kind(word: str, amount: Decimal) -> str:
    for kind, words in KINDS.items():
        if word.lower() in words:
            return kind
    return "payment" if amount >= 0 else "refund"


def _number(text: str, line: int) -> Decimal:
    """Read 1.234,56 and 1,234.56; the last mark is the decimal one."""
    cleaned = text.replace("\u20ac", "").replace("\u00a0", "").replace(" ", "")
    if not cleaned:
        return Decimal(0)
    if cleaned.rfind(",") > cleaned.rfind("."):
        cleaned = cleaned.replace(".", "").replace(",", ".")
    else:
        cleaned = cleaned.replace(",", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation as error:
        raise FactError("line_unreadable", line=str(line), value=text[:40]) from error
    if not value.is_finite():
        raise FactError("line_unreadable", line=str(line), value=text[:40])
    return value.quantize(Decimal("0.01"))
