"""Read one entry (``Ntry``) of a CAMT statement into bank lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from .bank_file import BankFileError, BankLine
from .camt_xml import find, read_amount, read_date, text_of

NO_REFERENCE = {"NOTPROVIDED", "NOTAVAILABLE", "NONREF", "EREF"}


def _texts(element: etree._Element, path: str) -> tuple[str, ...]:
    nodes = element.findall("/".join("{*}" + name for name in path.split("/")))
    values = ((node.text or "").strip() for node in nodes)
    return tuple(value for value in values if value)


def _fee(detail: etree._Element) -> Decimal:
    """Charges that were taken off before the money came (``Chrgs``)."""
    nodes = detail.findall("{*}Chrgs/{*}Rcrd/{*}Amt") or detail.findall(
        "{*}Chrgs/{*}Amt"
    )
    return sum(map(read_amount, nodes), Decimal(0))


class EntryReader:
    """One entry and its details.

    A batch whose details carry amounts becomes one line a detail; whatever those do not
    explain (charges) becomes a line of its own, so that the sum is always the entry's.
    A batch without amounts in its details stays one line.

    :raises BankFileError: when amount, direction or date cannot be read
    """

    def __init__(self, element: etree._Element, currency: str) -> None:
        self.element = element
        self.line_no = element.sourceline or 0
        amount_node = find(element, "Amt")
        if amount_node is None:
            raise BankFileError("amount_unreadable", self.line_no, value="")
        self.currency = (amount_node.get("Ccy") or currency).upper()
        if currency and self.currency != currency:
            raise BankFileError(
                "currency_mixed", self.line_no, entry=self.currency, account=currency
            )
        self.amount = self._signed(element, read_amount(amount_node))
        self.status = self._status()
        self.servicer_ref = text_of(element, "AcctSvcrRef")

    def _status(self) -> str:
        status = find(self.element, "Sts")
        if status is None:
            return "BOOK"
        return (text_of(status, "Cd") or (status.text or "")).strip().upper()

    def _signed(self, element: etree._Element, amount: Decimal) -> Decimal:
        direction = text_of(element, "CdtDbtInd").upper()
        if direction not in ("CRDT", "DBIT"):
            raise BankFileError("direction_missing", element.sourceline or self.line_no)
        return amount if direction == "CRDT" else -amount

    def lines(self) -> list[BankLine]:
        """Bank lines of this entry; their amounts add up to the entry's amount."""
        details = self.element.findall("{*}NtryDtls/{*}TxDtls")
        if len(details) <= 1:
            return [self._line(details[0] if details else None, self.amount)]
        amounts = [self._detail_amount(detail) for detail in details]
        if any(amount is None for amount in amounts):
            return [self._joined(details)]
        lines = [
            self._line(detail, amount)
            for detail, amount in zip(details, amounts, strict=True)
            if amount is not None
        ]
        rest = self.amount - sum((line.amount for line in lines), Decimal(0))
        if rest:
            lines.append(self._line(None, rest, is_remainder=True))
        return lines

    def _detail_amount(self, detail: etree._Element) -> Decimal | None:
        node = find(detail, "Amt")
        if node is None:
            node = find(detail, "AmtDtls/TxAmt/Amt")
        if node is None or (node.get("Ccy") or self.currency).upper() != self.currency:
            return None
        amount = read_amount(node)
        if find(detail, "CdtDbtInd") is not None:
            return self._signed(detail, amount)
        return amount if self.amount >= 0 else -amount

    def _joined(self, details: list[etree._Element]) -> BankLine:
        """A batch that cannot be split: one line that keeps every text."""
        texts: list[str] = []
        structured: list[str] = []
        for detail in details:
            line = self._line(detail, self.amount)
            texts.extend(line.texts)
            structured.extend(line.structured)
        line = self._line(None, self.amount)
        return self._replace(line, tuple(texts) or line.texts, tuple(structured))

    @staticmethod
    def _replace(
        line: BankLine, texts: tuple[str, ...], structured: tuple[str, ...]
    ) -> BankLine:
        return BankLine(
            line_no=line.line_no,
            amount=line.amount,
            currency=line.currency,
            date=line.date,
            date_value=line.date_value,
            servicer_ref=line.servicer_ref,
            entry_key=line.entry_key,
            entry_ref=line.entry_ref,
            transaction_code=line.transaction_code,
            texts=texts,
            structured=structured,
        )

    def _line(
        self,
        detail: etree._Element | None,
        amount: Decimal,
        is_remainder: bool = False,
    ) -> BankLine:
        entry = self.element
        booked = read_date(find(entry, "BookgDt"))
        value = read_date(find(entry, "ValDt"))
        if booked is None and value is None:
            raise BankFileError("date_missing", self.line_no)
        facts = self._detail_facts(detail, amount) if detail is not None else {}
        texts = facts.pop("texts", ()) or self._entry_texts()
        return BankLine(
            line_no=(detail.sourceline if detail is not None else None) or self.line_no,
            amount=amount,
            currency=self.currency,
            date=booked or value,  # type: ignore[arg-type]
            date_value=value,
            entry_ref=text_of(entry, "NtryRef"),
            entry_key=self._entry_key(booked or value),
            servicer_ref=facts.pop("servicer_ref", "") or self.servicer_ref,
            transaction_code=self._transaction_code(),
            texts=texts,
            is_reversal=text_of(entry, "RvslInd").lower() in ("true", "1"),
            is_remainder=is_remainder,
            **facts,
        )

    def _entry_key(self, day: date | None) -> str:
        """What this entry is in every file of the bank, split into details or not.

        Empty when the bank gives the entry no reference of its own.
        """
        if not self.servicer_ref or self.servicer_ref.upper() in NO_REFERENCE:
            return ""
        return f"{day}|{self.amount}|{self.currency}|{self.servicer_ref}"

    def _entry_texts(self) -> tuple[str, ...]:
        return _texts(self.element, "AddtlNtryInf")

    def _transaction_code(self) -> str:
        code = find(self.element, "BkTxCd")
        if code is None:
            return ""
        own = text_of(code, "Prtry/Cd")
        parts = ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")
        return own or "-".join(filter(None, (text_of(code, p) for p in parts)))

    def _detail_facts(self, detail: etree._Element, amount: Decimal) -> dict[str, Any]:
        party = "Dbtr" if amount >= 0 else "Cdtr"
        end_to_end = text_of(detail, "Refs/EndToEndId")
        if end_to_end.replace(" ", "").upper() in NO_REFERENCE:
            end_to_end = ""
        return {
            "counterparty_name": self._party_name(detail, party),
            "counterparty_iban": self._party_account(detail, party),
            "end_to_end_id": end_to_end,
            "mandate_id": text_of(detail, "Refs/MndtId"),
            "servicer_ref": text_of(detail, "Refs/AcctSvcrRef"),
            "texts": _texts(detail, "RmtInf/Ustrd") or _texts(detail, "AddtlTxInf"),
            **self._original(detail),
            "fee": _fee(detail),
            "structured": _texts(detail, "RmtInf/Strd/CdtrRefInf/Ref"),
            "return_code": text_of(detail, "RtrInf/Rsn/Cd")
            or text_of(detail, "RtrInf/Rsn/Prtry"),
            "return_text": " ".join(_texts(detail, "RtrInf/AddtlInf")),
        }

    def _original(self, detail: etree._Element) -> dict[str, Any]:
        """What the payer paid, when that was another currency."""
        node = find(detail, "AmtDtls/InstdAmt/Amt")
        code = (node.get("Ccy") or "").upper() if node is not None else ""
        if node is None or not code or code == self.currency:
            return {}
        amount = read_amount(node)
        signed = amount if self.amount >= 0 else -amount
        return {"amount_original": signed, "currency_original": code}

    @staticmethod
    def _party_name(detail: etree._Element, party: str) -> str:
        for path in (f"{party}/Nm", f"{party}/Pty/Nm", f"Ultmt{party}/Nm"):
            name = text_of(detail, f"RltdPties/{path}")
            if name:
                return name
        return ""

    @staticmethod
    def _party_account(detail: etree._Element, party: str) -> str:
        for path in ("Id/IBAN", "Id/Othr/Id"):
            account = text_of(detail, f"RltdPties/{party}Acct/{path}")
            if account:
                return account
        return ""
