"""Mollie API v2, reading only.

Facts: https://github.com/mollie/openapi (specs.yaml of 2026-08-21). Bearer key, HAL
answers, pages by ``from`` with the newest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from odoo.addons.connection_base.clients.auth import BearerAuth
from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.exceptions import InvalidAnswerError

from ..engine.facts import (
    STAGE_LOST,
    STAGE_PAID,
    STAGE_UNKNOWN,
    STAGE_WAITING,
    FactError,
    ReceiptFacts,
    to_amount,
)
from ..engine.redact import redact

API = "/v2"
PAGE = 250
MAX_PAGES = 500
STAGES = {
    "open": STAGE_WAITING,
    "pending": STAGE_WAITING,
    "authorized": STAGE_WAITING,
    "paid": STAGE_PAID,
    "canceled": STAGE_LOST,
    "expired": STAGE_LOST,
    "failed": STAGE_LOST,
}


class MollieClient(HttpClient):
    """Reads payments of one website profile (API key)."""

    provider = "mollie"

    def __init__(self, *, api_key: str | None = None, **options: Any) -> None:
        """Prepare a client.

        :param api_key: starts with ``test_`` or ``live_``; without it the ``auth`` of
            the options is used (OAuth)
        """
        if api_key:
            options["auth"] = BearerAuth(api_key)
        super().__init__(**options)

    def check_key(self) -> None:
        """Ask for one payment; a refused key raises ``AuthError``."""
        self.get_json(f"{API}/payments", params={"limit": 1})

    def get_payment(self, payment_id: str) -> ReceiptFacts:
        """One payment as it is now."""
        answer = self.get_json(f"{API}/payments/{_safe_id(payment_id)}")
        if not isinstance(answer, Mapping):
            raise InvalidAnswerError("Mollie sent no payment.")
        return parse_payment(answer)

    def iter_payments(self, created_after: datetime) -> Iterator[list[Mapping]]:
        """Pages of raw payments, newest first, back to a moment."""
        params: dict[str, Any] = {"limit": PAGE}
        for _page in range(MAX_PAGES):
            answer = self.get_json(f"{API}/payments", params=params)
            rows = _embedded(answer)
            fresh = [row for row in rows if not _is_older(row, created_after)]
            if fresh:
                yield fresh
            following = _next_id(answer)
            if len(fresh) < len(rows) or not following:
                return
            params["from"] = following


def parse_payment(row: Mapping[str, Any]) -> ReceiptFacts:
    """Read one payment.

    :raises FactError: amount, currency or date cannot be read
    """
    amount = row.get("amount")
    if not isinstance(amount, Mapping):
        raise FactError("field_missing", field="amount")
    status = str(row.get("status") or "")
    details = row.get("details")
    details = details if isinstance(details, Mapping) else {}
    return ReceiptFacts(
        provider="mollie",
        external_id=_required(row, "id"),
        kind="payment",
        amount=to_amount(amount.get("value")),
        currency=str(amount.get("currency") or "").upper(),
        moment=_moment(row),
        status=status,
        stage=STAGES.get(status, STAGE_UNKNOWN),
        method=str(row.get("method") or ""),
        payer_name=str(details.get("consumerName") or details.get("cardHolder") or ""),
        payer_iban=str(details.get("consumerAccount") or ""),
        description=str(row.get("description") or ""),
        order_reference=_order_reference(row),
        raw=redact(row),  # type: ignore[arg-type]
    )


def _order_reference(row: Mapping[str, Any]) -> str:
    """Shops keep their order number in the metadata, under one of these keys."""
    metadata = row.get("metadata")
    if isinstance(metadata, str):
        return metadata[:255]
    if isinstance(metadata, Mapping):
        for key in ("order_id", "orderId", "order", "reference", "invoice"):
            value = metadata.get(key)
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                return str(value)[:255]
    return ""


def _embedded(answer: Any) -> list[Mapping[str, Any]]:
    embedded = answer.get("_embedded") if isinstance(answer, Mapping) else None
    rows = embedded.get("payments") if isinstance(embedded, Mapping) else None
    if not isinstance(rows, list):
        raise InvalidAnswerError("Mollie sent no list of payments.")
    return [row for row in rows if isinstance(row, Mapping)]


def _next_id(answer: Mapping[str, Any]) -> str:
    """Cursor of the next page; only the id is used, the address stays our own."""
    links = answer.get("_links")
    following = links.get("next") if isinstance(links, Mapping) else None
    href = following.get("href") if isinstance(following, Mapping) else None
    values = parse_qs(urlsplit(str(href or "")).query).get("from", [""])
    return values[0]


def _is_older(row: Mapping[str, Any], moment: datetime) -> bool:
    created = _parse_time(row.get("createdAt"))
    return created is not None and created < moment


def _parse_time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _moment(row: Mapping[str, Any]) -> datetime:
    for key in ("paidAt", "authorizedAt", "createdAt"):
        moment = _parse_time(row.get(key))
        if moment is not None:
            return moment
    raise FactError("field_missing", field="createdAt")


def _required(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not value:
        raise FactError("field_missing", field=key)
    return str(value)


def _safe_id(payment_id: str) -> str:
    """Ids come in from webhooks: only letters, digits and ``_`` get into a path."""
    if not payment_id.isascii() or not payment_id.replace("_", "").isalnum():
        raise InvalidAnswerError("This is no id of Mollie.")
    return payment_id
