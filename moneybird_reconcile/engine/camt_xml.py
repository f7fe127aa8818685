"""Small readers for CAMT elements; the version of the format never matters to them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from .bank_file import BankFileError
from .facts import FactError, to_amount


def local(element: etree._Element) -> str:
    """Tag without its namespace; the version of the format lives in the namespace."""
    tag = str(element.tag)
    return tag[tag.rfind("}") + 1 :]


def text_of(element: etree._Element, path: str) -> str:
    """Text at a path of local names, empty when there is none.

    >>> text_of(etree.fromstring("<a xmlns='x'><b><c> 1 </c></b></a>"), "b/c")
    '1'
    """
    found = find(element, path)
    return (found.text or "").strip() if found is not None else ""


def find(element: etree._Element, path: str) -> etree._Element | None:
    """First element at a path of local names."""
    return element.find(_in_any_namespace(path))


@lru_cache(maxsize=256)
def _in_any_namespace(path: str) -> str:
    return "/".join("{*}" + name for name in path.split("/"))


def read_amount(element: etree._Element) -> Decimal:
    """An unsigned CAMT amount.

    :raises BankFileError: when it is no amount, or below zero
    """
    try:
        amount = to_amount(element.text or "")
    except FactError as error:
        raise BankFileError(
            "amount_unreadable", element.sourceline or 0, **error.values
        ) from error
    if amount < 0:
        raise BankFileError(
            "amount_unreadable", element.sourceline or 0, value=str(amount)
        )
    return amount


def read_date(element: etree._Element | None) -> date | None:
    """Date of a ``Dt``/``DtTm`` choice (or of a plain date), None when it is absent."""
    if element is None:
        return None
    text = text_of(element, "Dt") or text_of(element, "DtTm") or (element.text or "")
    text = text.strip()
    if not text:
        return None
    try:
        if len(text) > 10 and text[10] == "T":
            return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise BankFileError(
            "date_unreadable", element.sourceline or 0, value=text[:40]
        ) from error
