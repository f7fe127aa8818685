"""What all of Moneybird's resources share: ids, money, errors, filters, pages."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from werkzeug import Request, Response

from ..clock import CLOCK
from ..service import Refusal
from ..store import Book

SCOPES = (
    "sales_invoices",
    "documents",
    "estimates",
    "bank",
    "time_entries",
    "settings",
)
LIMIT = Decimal(10) ** 9


def new_id(book: Book) -> str:
    """:return: the next id: a number of 18 digits, as text"""
    return str(496_100_000_000_000_000 + book.number("id") * 1_048_583)


def money(value: Any) -> str:
    """
    >>> money(Decimal("363")), money(Decimal("10.95"))
    ('363.0', '10.95')
    """
    text = f"{Decimal(value):.2f}"
    return text.removesuffix("0")


def number(value: Any) -> Decimal | None:
    """:return: an amount as a request may write it, None if it is none"""
    try:
        found = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) <= LIMIT else None


def parse_date(value: Any) -> str | None:
    """:return: the date part of a date or timestamp, None if it is none"""
    try:
        return date.fromisoformat(str(value or "")[:10]).isoformat()
    except ValueError:
        return None


def truth(value: Any) -> bool:
    return value in (True, "true", "1", 1)


def version(old: int | None = None) -> int:
    """:return: a number like the time that grows with each change"""
    return max(CLOCK.epoch(), (old or 0) + 1)


# === ERRORS === #


def bad(text: str, **symbolic: str) -> Refusal:
    """:return: 400"""
    return Refusal(400, {"error": text, "symbolic": symbolic})


def missing(field: str = "id", text: str = "record not found") -> Refusal:
    """:return: 404"""
    return Refusal(404, {"error": text, "symbolic": {field: "not_found"}})


def invalid(**fields: list[tuple[str, str]]) -> Refusal:
    """:param fields: per field (message, code), e.g. ("can't be blank", "blank")
    :return: 422
    """
    return Refusal(
        422,
        {
            "error": {
                key: [text for text, _code in rows] for key, rows in fields.items()
            },
            "details": {
                key: [{"error": code} for _text, code in rows]
                for key, rows in fields.items()
            },
        },
    )


BLANK = ("can't be blank", "blank")


# === FILTERS === #


def parse_filter(request: Request, default: str) -> dict[str, str]:
    """Any filter at all drops the default one.

    :raise Refusal: 400 when it is not written as key:value
    """
    text = request.args.get("filter") or default
    found = {}
    for part in filter(None, text.split(",")):
        key, colon, value = part.partition(":")
        if not colon:
            raise bad("filter does not have a valid value")
        found[key.strip()] = value.strip()
    if "period" in found:
        period_bounds(found["period"])
    return found


def period_bounds(text: str) -> tuple[str, str]:
    """
    :return: first and last day of ``this_year``, ``202401``, ``20240101..20241231`` …
    :raise Refusal: 400 when it is none of them
    """
    today = date.fromisoformat(CLOCK.today())
    year, month = today.year, today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    names = {
        "this_year": (f"{year}01", f"{year}12"),
        "prev_year": (f"{year - 1}01", f"{year - 1}12"),
        "next_year": (f"{year + 1}01", f"{year + 1}12"),
        "this_month": (f"{month:%Y%m}", f"{month:%Y%m}"),
        "prev_month": (f"{before:%Y%m}", f"{before:%Y%m}"),
    }
    start, end = names.get(text) or (text.split("..") * 2)[:2]
    if not all(re.fullmatch(r"\d{6}(\d\d)?", part) for part in (start, end)):
        raise bad("filter does not have a valid value", filter="invalid")
    try:
        first = date(int(start[:4]), int(start[4:6]), int(start[6:] or 1))
        last = date(int(end[:4]), int(end[4:6]), int(end[6:] or 1))
    except ValueError:
        raise bad("filter does not have a valid value", filter="invalid") from None
    if len(end) == 6:
        last = (last + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.isoformat(), last.isoformat()


def filtered(
    rows: list[dict],
    filters: dict[str, str],
    tests: dict[str, Callable[[dict, str], bool]],
) -> list[dict]:
    """:param tests: per key whether a row fits the value
    :raise Refusal: 400 on a key that the resource does not have
    """
    for key, value in filters.items():
        if key not in tests:
            raise bad("filter does not have a valid value", filter="invalid")
        rows = [row for row in rows if tests[key](row, value)]
    return rows


def one_of(field: str) -> Callable[[dict, str], bool]:
    """:return: test for ``a|b|c`` (``all`` fits everything)"""

    def fits(row: dict, value: str) -> bool:
        return value == "all" or str(row.get(field)) in value.split("|")

    return fits


def in_period(field: str) -> Callable[[dict, str], bool]:
    """:return: test on a date; a row without one counts as of today"""

    def fits(row: dict, value: str) -> bool:
        first, last = period_bounds(value)
        return first <= (row.get(field) or CLOCK.today()) <= last

    return fits


def after(field: str) -> Callable[[dict, str], bool]:
    """:return: test for a moment later than the given one"""

    def fits(row: dict, value: str) -> bool:
        return row[field][:19] > value.replace(" ", "T")[:19]

    return fits


# === PAGES === #


def page(request: Request, rows: list[dict], url: str, default: int = 50) -> list[dict]:
    """:return: the rows of one page; ``request`` remembers the Link header
    :raise Refusal: 400 on a page or page size that is not valid
    """
    values = {"page": 1, "per_page": default}
    for name, highest in (("page", 10**9), ("per_page", 100)):
        text = request.args.get(name)
        if text is None:
            continue
        if not text.isdigit() or not 1 <= int(text) <= highest:
            raise bad(f"{name} does not have a valid value")
        values[name] = int(text)
    start = (values["page"] - 1) * values["per_page"]
    links = []
    near = []
    if start + values["per_page"] < len(rows):
        near.append(("next", values["page"] + 1))
    if values["page"] > 1:
        near.append(("prev", values["page"] - 1))
    for name, target in near:
        query = {**request.args.to_dict(), **values, "page": target}
        links.append(f'<{url}?{urlencode(query)}>; rel="{name}"')
    if links:
        request.environ["sandbox.link"] = ", ".join(links)
    return rows[start : start + values["per_page"]]


def add_link(request: Request, response: Response) -> None:
    """Put the remembered Link header on the answer."""
    if "sandbox.link" in request.environ:
        response.headers["Link"] = request.environ["sandbox.link"]
