"""What a payer said, out of field 86 of an MT940: every bank has a dialect of its own.

Seen: ING and Rabobank (``/REMI/…/EREF/…``), ABN AMRO (the same codes, and the older one
with ``Naam:`` and ``Omschrijving:``), German banks (``?20…?32…``).
"""

from __future__ import annotations

import re

from .names import normalise_iban

NO_REFERENCE = {"NOTPROVIDED", "NOTAVAILABLE", "NONREF", ""}
_CODES = (
    *("EREF", "CNTP", "REMI", "ORDP", "BENM", "NAME", "ADDR", "IBAN", "BIC", "TRTP"),
    *("MARF", "CSID", "PREF", "RTRN", "ISDT", "PURP", "ULTD", "ULTB", "ULTC", "TRCD"),
    *("SVCL", "ID", "INIT", "OCMT", "ORGA", "TRDT", "CHGS", "EXCH", "RELADR", "IREF"),
)
_SLASHED = re.compile(rf"/({'|'.join(_CODES)})/")
_SUBFIELD = re.compile(r"\?(\d{2})")
_LABEL = re.compile(
    r"(IBAN|BIC|Naam|Omschrijving|Kenmerk|Machtiging|Incassant|Betalingskenm\.)\s*:\s*"
)
_REASON = re.compile(r"\b(A[CGM]\d\d|B[EE]\d\d|M[DS]\d\d|RC\d\d|RR\d\d|SL\d\d)\b")


def read_details(text: str) -> dict[str, object]:
    """Read one field 86.

    :param text: its lines, as they are in the file
    :return: fields of :class:`BankLine` that it tells

    >>> told = read_details("/EREF/E2E-1/CNTP/NL02INGB0123456789/INGBNL2A/J. de Vries"
    ...     "///REMI/USTD//Factuur 42/")
    >>> told["counterparty_iban"], told["counterparty_name"], told["texts"]
    ('NL02INGB0123456789', 'J. de Vries', ('Factuur 42',))
    >>> told = read_details("/TRTP/SEPA OVERBOEKING/IBAN/NL02INGB0123456789"
    ...     "/BIC/INGBNL2A/NAME/J DE VRIES/REMI/Factuur 42/EREF/NOTPROVIDED")
    >>> told["counterparty_name"], told["texts"], told["end_to_end_id"]
    ('J DE VRIES', ('Factuur 42',), '')
    >>> read_details("PASVOLGNR 012 20-11")["texts"]
    ('PASVOLGNR 012 20-11',)
    """
    if _SUBFIELD.search(text) and text[:3].isdigit():
        return _german(text)
    joined = text.replace("\r", "").replace("\n", "")
    if _SLASHED.search(joined):
        return _slashed(joined)
    if len(_LABEL.findall(text)) > 1:
        return _labelled(text)
    return {"texts": _texts(text.replace("\n", " "))}


def _slashed(text: str) -> dict[str, object]:
    values = _pairs(_SLASHED.split(text))
    party = values.get("CNTP", "").split("/")
    structured, texts = _remittance(values.get("REMI", ""))
    name = values.get("NAME") or (party[2] if len(party) > 2 else "")
    return_text = values.get("RTRN", "").strip("/ ")
    reason = _REASON.search(return_text)
    return {
        "counterparty_name": name.strip("/ "),
        "counterparty_iban": normalise_iban(values.get("IBAN") or party[0]),
        "end_to_end_id": _reference(values.get("EREF", "")),
        "mandate_id": values.get("MARF", "").strip("/ "),
        "texts": texts or _texts(values.get("TRTP", "")),
        "structured": structured,
        "return_code": reason.group() if reason else "",
        "return_text": return_text,
    }


def _remittance(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Structured reference and free text: ``USTD//text`` or ``STRD/CUR/reference``."""
    if text.startswith("STRD/"):
        reference = text.strip("/").rpartition("/")[2]
        return (reference,) if reference else (), ()
    return (), _texts(text.removeprefix("USTD//").strip("/ "))


def _german(text: str) -> dict[str, object]:
    parts = _SUBFIELD.split(text.replace("\n", ""))
    values = dict(zip(parts[1::2], parts[2::2], strict=False))
    purpose = "".join(
        values.get(str(code), "") for code in (*range(20, 30), *range(60, 64))
    )
    told = re.split(r"(EREF|KREF|MREF|CRED|SVWZ)\+", purpose)
    named = _pairs(told)
    reason = _REASON.search(values.get("34", "") + " " + purpose)
    return {
        "counterparty_name": (values.get("32", "") + values.get("33", "")).strip(),
        "counterparty_iban": normalise_iban(values.get("31", "")),
        "end_to_end_id": _reference(named.get("EREF", "")),
        "mandate_id": named.get("MREF", "").strip(),
        "texts": _texts(named.get("SVWZ", "") or told[0]),
        "return_code": reason.group() if reason and values.get("34") else "",
    }


def _labelled(text: str) -> dict[str, object]:
    values = _pairs(_LABEL.split(text.replace("\n", " ")))
    told = values.get("Omschrijving", "").strip()
    kept = values.get("Betalingskenm.", "").strip()
    return {
        "counterparty_name": values.get("Naam", "").strip(),
        "counterparty_iban": normalise_iban(values.get("IBAN", "")),
        "end_to_end_id": _reference(values.get("Kenmerk", "")),
        "mandate_id": values.get("Machtiging", "").strip(),
        "texts": _texts(told),
        "structured": (kept,) if kept else (),
    }


def _pairs(parts: list[str]) -> dict[str, str]:
    """Codes and what follows them, out of what ``re.split`` gives; first one wins."""
    values: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=False):
        values.setdefault(code, value)
    return values


def _reference(text: str) -> str:
    clean = text.strip("/ ")
    return "" if clean.replace(" ", "").upper() in NO_REFERENCE else clean


def _texts(text: str) -> tuple[str, ...]:
    clean = " ".join(text.split())
    return (clean,) if clean else ()
