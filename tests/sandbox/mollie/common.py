"""Shapes that all of Mollie's objects share: ids, amounts, links, lists, errors."""

import re
import secrets
import string
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug import Request

from ..service import Refusal

if TYPE_CHECKING:
    from .service import MollieService

DOCS = "https://docs.mollie.com/"
PROFILE = "pfl_SandboxClub"
BALANCE = "bal_SandboxBalance"
ORGANIZATION = "org_1234567"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
LETTERS = string.ascii_letters + string.digits
METHODS = {
    "ideal": "iDEAL | Wero",
    "creditcard": "Card",
    "bancontact": "Bancontact",
    "banktransfer": "Bank transfer",
    "directdebit": "SEPA Direct Debit",
    "paypal": "PayPal",
}
LOCALES = frozenset(
    [
        "ca_ES",
        "cs_CZ",
        "da_DK",
        "de_AT",
        "de_CH",
        "de_DE",
        "de_LU",
        "en_BE",
        "en_GB",
        "en_NL",
        "en_US",
        "es_ES",
        "fi_FI",
        "fr_BE",
        "fr_FR",
        "fr_LU",
        "hu_HU",
        "is_IS",
        "it_IT",
        "lt_LT",
        "lv_LV",
        "nb_NO",
        "nl_BE",
        "nl_NL",
        "pl_PL",
        "pt_PT",
        "sk_SK",
        "sv_SE",
    ]
)


def new_id(prefix: str) -> str:
    """:return: e.g. ``tr_7UhSN1zuXS``"""
    return prefix + "_" + "".join(secrets.choice(LETTERS) for _ in range(10))


def money(value: Any, currency: str = "EUR") -> dict[str, str]:
    """:return: an amount with two decimals; an amount stays as it is"""
    if isinstance(value, dict):
        return value
    return {"currency": currency, "value": f"{Decimal(str(value)):.2f}"}


def cents(amount: dict | None) -> Decimal:
    """:return: an amount's value, 0 for none"""
    return Decimal(amount["value"]) if amount else Decimal()


def error(
    status: int, detail: str, field: str | None = None, title: str | None = None
) -> dict:
    """:return: the error body"""
    body: dict[str, Any] = {
        "status": status,
        "title": title or TITLES.get(status, "Error"),
        "detail": detail,
    }
    if field:
        body["field"] = field
    href = f"{DOCS}errors"
    body["_links"] = {"documentation": {"href": href, "type": "text/html"}}
    return body


def invalid(field: str, detail: str) -> Refusal:
    """:return: 422 about one field of the body"""
    return Refusal(422, error(422, detail, field))


def missing(kind: str, key: str) -> Refusal:
    """:return: 404 in the vendor's words"""
    return Refusal(404, error(404, f"No {kind} exists with token {key}."))


def check_amount(data: dict, field: str = "amount") -> dict[str, str]:
    """:return: the amount
    :raise Refusal: 422 when it is absent or not written as the API wants it
    """
    amount = data.get(field)
    if not isinstance(amount, dict) or set(amount) != {"currency", "value"}:
        raise invalid(field, f"The {field} contains an invalid value")
    if not re.fullmatch(r"[A-Z]{3}", str(amount["currency"])):
        raise invalid(f"{field}.currency", "The currency is not supported")
    if not isinstance(amount["value"], str) or not re.fullmatch(
        r"\d+\.\d{2}", amount["value"]
    ):
        raise invalid(field, f"The {field} contains an invalid value")
    return amount


def check_url(data: dict, field: str) -> None:
    value = data.get(field)
    if value is not None and not re.match(r"https?://[^\s/]+", str(value)):
        raise invalid(field, f"The {field} is not a valid URL")


def check_known(data: dict, allowed: set[str]) -> None:
    """:raise Refusal: 422 on a key that the endpoint does not have"""
    for key in data:
        if key not in allowed:
            raise invalid(
                key, f'Non-existent body parameter "{key}" for this API call.'
            )


def link(href: str, kind: str = "application/hal+json") -> dict[str, str]:
    return {"href": href, "type": kind}


def docs_link(page: str) -> dict[str, str]:
    return link(f"{DOCS}reference/{page}", "text/html")


def listing(
    service: "MollieService", request: Request, name: str, items: list[dict]
) -> dict:
    """One page of a list, newest first; ``from`` is the first id of the page.

    :param items: ready to show, oldest first
    :raise Refusal: 400 on a limit or cursor that is not valid
    """
    limit_text = request.args.get("limit", "50")
    if not limit_text.isdigit() or not 1 <= int(limit_text) <= 250:
        raise Refusal(400, error(400, "The limit must be between 1 and 250", "limit"))
    limit = int(limit_text)
    rows = items if request.args.get("sort") == "asc" else items[::-1]
    start = 0
    if request.args.get("from"):
        ids = [row["id"] for row in rows]
        if request.args["from"] not in ids:
            raise Refusal(400, error(400, "The cursor does not exist", "from"))
        start = ids.index(request.args["from"])
    shown = rows[start : start + limit]

    def to(index: int) -> dict[str, str]:
        query = {**request.args.to_dict(), "from": rows[index]["id"], "limit": limit}
        return link(f"{service.url(request.path)}?{urlencode(query)}")

    more = start + limit < len(rows)
    return {
        "count": len(shown),
        "_embedded": {name: shown},
        "_links": {
            "self": link(f"{service.url(request.path)}?{urlencode(request.args)}"),
            "previous": to(max(start - limit, 0)) if start else None,
            "next": to(start + limit) if more else None,
            "documentation": docs_link(f"list-{name}"),
        },
    }
