"""Reading a list of subscriptions from a CSV or XLSX file.

Each line becomes a :class:`Row`; what cannot be read is named on the line, and nothing
is guessed. Headers may be in English, Dutch, German or French:

>>> rows = read("a.csv", b"Name;Plan;Start\\nMieke;M;1-2-2026")
>>> rows[0].name, rows[0].start
('Mieke', datetime.date(2026, 2, 1))
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zipfile import BadZipFile

MAX_ROWS = 10_000
HEADERS = {
    "name": ("name", "customer", "naam", "klant", "kunde", "nom", "client"),
    "email": ("email", "e-mail", "mail", "e-mailadres", "courriel"),
    "ref": ("reference", "number", "referentie", "nummer", "referenz", "référence"),
    "plan": ("plan", "abonnement", "tarif", "formule"),
    "start": ("start", "start date", "begin", "startdatum", "beginn", "début"),
    "paid_to": ("next billing", "volgende factuur", "nächste rechnung", "prochaine"),
    "quantity": ("quantity", "aantal", "menge", "anzahl", "quantité"),
    "price": ("price", "prijs", "preis", "prix"),
    "street": ("street", "straat", "straße", "strasse", "rue"),
    "zip": ("zip", "postcode", "postleitzahl", "plz", "code postal"),
    "city": ("city", "plaats", "ort", "stadt", "ville"),
    "country": ("country", "land", "pays"),
}
_KEYS = {alias: key for key, aliases in HEADERS.items() for alias in aliases}
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")


class FileError(ValueError):
    """The file as a whole cannot be read; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Row:
    """One line of the file; ``problems`` holds (code, value) of what was not read."""

    number: int
    name: str = ""
    email: str = ""
    ref: str = ""
    plan: str = ""
    start: date | None = None
    paid_to: date | None = None
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)


def parse_date(value: object) -> date | None:
    """Return the day that a cell names, day before month where it is unclear.

    >>> parse_date("3/4/2026")
    datetime.date(2026, 4, 3)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = (_try_date(str(value).strip(), pattern) for pattern in _DATES)
    return next(filter(None, found), None)


def _try_date(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day)
    except ValueError:
        return None


def parse_number(value: object) -> Decimal | None:
    """Return the number that a cell holds, with a decimal comma or point.

    >>> parse_number("€ 1.234,50")
    Decimal('1234.50')
    >>> parse_number("12.5")
    Decimal('12.5')
    """
    text = str(value).replace("€", "").replace("\u00a0", "").replace(" ", "")
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read(filename: str, content: bytes) -> list[Row]:
    """Return the lines of a file.

    :raises FileError: ``format``, ``empty``, ``header`` or ``long``
    """
    is_sheet = filename.lower().endswith((".xlsx", ".xlsm"))
    table = _read_sheet(content) if is_sheet else _read_csv(content)
    if len(table) < 2:
        raise FileError("empty")
    keys = [_KEYS.get(str(cell or "").strip().lower()) for cell in table[0]]
    if "plan" not in keys or "name" not in keys:
        raise FileError("header")
    if len(table) > MAX_ROWS + 1:
        raise FileError("long")
    return [
        _read_row(number, dict(zip(keys, cells, strict=False)))
        for number, cells in enumerate(table[1:], 2)
        if any(str(cell or "").strip() for cell in cells)
    ]


def _read_csv(content: bytes) -> list[list[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def _read_sheet(content: bytes) -> list[list[object]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise FileError("format") from error
    sheet = book.worksheets[0]
    return [
        list(row) for row in sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2)
    ]


def _read_row(number: int, cells: dict[str | None, object]) -> Row:
    row = Row(number)
    for key in ("name", "email", "ref", "plan", "street", "zip", "city", "country"):
        setattr(row, key, _to_text(cells.get(key)))
    for key in ("start", "paid_to"):
        if _to_text(cells.get(key)):
            day = parse_date(cells[key])
            setattr(row, key, day)
            if day is None:
                row.problems.append(("date", _to_text(cells[key])))
    for key in ("quantity", "price"):
        if _to_text(cells.get(key)):
            amount = parse_number(cells[key])
            if amount is None or amount < 0 or (key == "quantity" and not amount):
                row.problems.append(("number", _to_text(cells[key])))
            else:
                setattr(row, key, amount)
    return row


def _to_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value if value is not None else "").strip()
