"""Read CAMT.052, .053 and .054 (ISO 20022), all versions, as a stream.

053 is the statement of a day, 052 an account report during the day, 054 a notification
of single entries. The three say the same money again; what must not count twice is told
by the entry's own reference, so a 052 or 054 without one is refused.

The file is read whole or not at all: every fault raises :class:`BankFileError` with the
line. Hostile XML gets nowhere: a document type is refused before anything else is read,
entities are not resolved, nothing is fetched, size and depth are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from lxml import etree

from .bank_file import BankFile, BankFileError, BankLine, Statement
from .camt_entry import EntryReader
from .camt_xml import find, local, read_amount, read_date, text_of

MAX_BYTES = 128 * 2**20
#: element below the document → format, and the element that holds one account's entries
ROOTS = {
    "BkToCstmrStmt": ("camt.053", "Stmt"),
    "BkToCstmrAcctRpt": ("camt.052", "Rpt"),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", "Ntfctn"),
}
OPENING = ("OPBD", "PRCD")
CLOSING = ("CLBD",)


class _BoundedReader:
    """Hand out a file in pieces and refuse to hand out too much."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source = source
        self._limit = self._left = limit

    def read(self, size: int = -1) -> bytes:  # pylint: disable=method-required-super
        chunk = self._source.read(min(size, 2**16) if size > 0 else 2**16)
        self._left -= len(chunk)
        if self._left < 0:
            limit = str(self._limit // 2**20)
            raise BankFileError("unpacked_too_large", limit=limit)
        return chunk


@dataclass
class _Draft:
    """A statement while it is being read."""

    identifier: str = ""
    account: str = ""
    currency: str = ""
    line_no: int = 0
    balances: dict[str, tuple[Decimal, date | None]] = field(default_factory=dict)
    lines: list[BankLine] = field(default_factory=list)
    booked: Decimal = Decimal(0)
    entries: int = 0
    expected_entries: int | None = None
    skipped: int = 0


def parse_camt(source: BinaryIO, max_bytes: int = MAX_BYTES) -> BankFile:
    """Read a CAMT file.

    :param source: binary file, read forwards once
    :param max_bytes: the file is refused when it is larger
    :return: all statements; opening balance plus booked entries equals closing balance
    :raises BankFileError: with reason code and line; nothing of the file may be used
    """
    return _CamtReader(_BoundedReader(source, max_bytes)).parse()


class _CamtReader:
    def __init__(self, source: _BoundedReader) -> None:
        self._source = source
        self._draft: _Draft | None = None
        self._statements: list[Statement] = []
        self._identifier = ""
        self._format = ""
        self._holder = ""
        self._depth = 0

    def parse(self) -> BankFile:
        last_line = 0
        try:
            for event, element in self._events():
                last_line = element.sourceline or last_line
                if event == "start":
                    if self._depth < 3:
                        self._on_start(element)
                    self._depth += 1
                else:
                    self._depth -= 1
                    if self._depth < 4:
                        self._on_end(element)
        except etree.XMLSyntaxError as error:
            line = error.lineno or last_line
            raise BankFileError("xml_broken", line, detail=_short(error)) from error
        except (LookupError, UnicodeError) as error:
            raise BankFileError("encoding_wrong", last_line) from error
        if not self._format:
            raise BankFileError("not_camt", 1)
        if not self._statements:
            raise BankFileError("no_statement", 1)
        return BankFile(self._format, self._identifier, tuple(self._statements))

    def _events(self) -> Iterator[tuple[str, etree._Element]]:
        first = True
        for event, element in etree.iterparse(
            self._source,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if first:
                first = False
                self._check_root(element)
            if isinstance(element.tag, str):
                yield event, element

    def _check_root(self, root: etree._Element) -> None:
        if root.getroottree().docinfo.doctype:
            raise BankFileError("doctype_refused", 1)
        if local(root) != "Document":
            raise BankFileError("not_camt", root.sourceline or 1)

    def _on_start(self, element: etree._Element) -> None:
        name = local(element)
        if self._depth == 1:
            if name not in ROOTS:
                raise BankFileError("not_camt", element.sourceline or 1)
            self._format, self._holder = ROOTS[name]
        elif self._depth == 2 and name == self._holder:
            self._draft = _Draft(line_no=element.sourceline or 0)

    def _on_end(self, element: etree._Element) -> None:
        name = local(element)
        if self._depth == 2 and name == "GrpHdr":
            self._identifier = text_of(element, "MsgId")
        elif self._depth == 2 and name == self._holder and self._draft is not None:
            self._close_statement()
            _forget(element)
        elif self._depth == 3 and self._draft is not None:
            self._on_statement_part(name, element, self._draft)

    def _on_statement_part(
        self, name: str, element: etree._Element, draft: _Draft
    ) -> None:
        if name == "Id":
            draft.identifier = (element.text or "").strip()
        elif name == "Acct":
            draft.account = text_of(element, "Id/IBAN") or text_of(
                element, "Id/Othr/Id"
            )
            draft.currency = text_of(element, "Ccy").upper()
        elif name == "Bal":
            self._on_balance(element, draft)
        elif name == "TxsSummry":
            count = text_of(element, "TtlNtries/NbOfNtries")
            draft.expected_entries = int(count) if count.isdigit() else None
        elif name == "Ntry":
            self._on_entry(element, draft)
            _forget(element)

    @staticmethod
    def _on_balance(element: etree._Element, draft: _Draft) -> None:
        code = text_of(element, "Tp/CdOrPrtry/Cd").upper()
        amount_node = find(element, "Amt")
        if not code or amount_node is None:
            return
        amount = read_amount(amount_node)
        if text_of(element, "CdtDbtInd").upper() == "DBIT":
            amount = -amount
        draft.currency = draft.currency or (amount_node.get("Ccy") or "").upper()
        draft.balances.setdefault(code, (amount, read_date(find(element, "Dt"))))

    def _on_entry(self, element: etree._Element, draft: _Draft) -> None:
        draft.entries += 1
        reader = EntryReader(element, draft.currency)
        if reader.status != "BOOK":
            draft.skipped += 1
            return
        if not reader.servicer_ref and self._format != "camt.053":
            raise BankFileError(
                "entry_ref_missing", reader.line_no, format=self._format
            )
        draft.booked += reader.amount
        draft.lines.extend(reader.lines())

    def _close_statement(self) -> None:
        draft = self._draft
        self._draft = None
        if draft is None:
            return
        if not draft.account:
            raise BankFileError("account_missing", draft.line_no)
        expected = draft.expected_entries
        if expected is not None and expected != draft.entries:
            raise BankFileError(
                "entries_missing",
                draft.line_no,
                expected=str(expected),
                found=str(draft.entries),
            )
        opening, closing = self._check_balances(draft)
        self._statements.append(
            Statement(
                identifier=draft.identifier,
                account=draft.account,
                currency=draft.currency,
                date=self._statement_date(draft),
                opening=opening,
                closing=closing,
                lines=tuple(draft.lines),
                skipped=draft.skipped,
            )
        )

    @staticmethod
    def _statement_date(draft: _Draft) -> date | None:
        for code in CLOSING:
            if code in draft.balances and draft.balances[code][1]:
                return draft.balances[code][1]
        return max((line.date for line in draft.lines), default=None)

    @staticmethod
    def _check_balances(draft: _Draft) -> tuple[Decimal | None, Decimal | None]:
        def first(codes: tuple[str, ...]) -> Decimal | None:
            return next(
                (draft.balances[code][0] for code in codes if code in draft.balances),
                None,
            )

        opening, closing = first(OPENING), first(CLOSING)
        if opening is None or closing is None:
            return opening, closing
        if opening + draft.booked != closing:
            raise BankFileError(
                "balance_wrong",
                draft.line_no,
                opening=str(opening),
                booked=str(draft.booked),
                closing=str(closing),
            )
        return opening, closing


def _forget(element: etree._Element) -> None:
    """Free what was read, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _short(error: Exception) -> str:
    return str(error).split(", line")[0][:120]
