"""Tell which kind of bank file this is, and read it."""

from __future__ import annotations

import re
from typing import BinaryIO

from .bank_file import BankFile, BankFileError
from .camt import parse_camt
from .csv_file import CsvMapping, parse_csv
from .mt940 import parse_mt940

CAMT = "camt"
MT940 = "mt940"
CSV = "csv"
LOOK_AT = 4096


def sniff(head: bytes) -> str:
    """Kind of a file by its first bytes.

    >>> sniff(b"<?xml version='1.0'?><Document/>"), sniff(b":20:940S\\n:25:NL91")
    ('camt', 'mt940')
    >>> sniff(b"ABNANL2A\\r\\n940\\r\\nABNANL2A\\r\\n:20:ABN"), sniff(b"Datum;Bedrag")
    ('mt940', 'csv')
    """
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if plain.startswith(b"<"):
        return CAMT
    if re.search(rb"(?m)^(\{.*)?:20:", plain):
        return MT940
    return CSV


def parse_bank_file(
    source: BinaryIO,
    mapping: CsvMapping | None = None,
    account: str = "",
    currency: str = "EUR",
) -> BankFile:
    """Read a bank file of any kind we know.

    :param source: binary file that can be rewound
    :param mapping: columns of a CSV file
    :raises BankFileError: it is none, or damaged; nothing of it may be used
    """
    kind = sniff(source.read(LOOK_AT))
    source.seek(0)
    if kind == CAMT:
        return parse_camt(source)
    if kind == MT940:
        return parse_mt940(source)
    if mapping is None:
        raise BankFileError("mapping_missing", 1)
    return parse_csv(source, mapping, account, currency)
