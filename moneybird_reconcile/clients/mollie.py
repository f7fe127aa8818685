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
from .mollie_returns import LISTS, kind_of, parse_return
from .mollie_time import moment_of, parse_time

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

    def get_return(self, payment_id: str, return_id: str) -> ReceiptFacts:
        """One refund or chargeback of a payment as it is now."""
        kind = "chargebacks" if return_id.startswith("chb_") else "refunds"
        path = f"{API}/payments/{_safe_id(payment_id)}/{kind}/{_safe_id(return_id)}"
        answer = self.get_json(path)
        if not isinstance(answer, Mapping):
            raise InvalidAnswerError("Mollie sent no refund or chargeback.")
        return parse_return(answer)

    def list_returns(self, payment_id: str) -> list[ReceiptFacts]:
        """Refunds and chargebacks of one payment."""
        found = []
        for kind in LISTS.values():
            path = f"{API}/payments/{_safe_id(payment_id)}/{kind}"
            rows = _embedded(self.get_json(path, params={"limit": PAGE}), kind)
            found += [parse_return(row) for row in rows]
        return found

    def iter_payments(
        self, created_after: datetime
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Pages of raw payments, newest first, back to a moment."""
        return self._iter_list("payments", created_after)

    def iter_all(self, created_after: datetime) -> Iterator[list[Mapping[str, Any]]]:
        """Pages of raw payments, then of refunds and chargebacks made since."""
        for kind in ("payments", *LISTS.values()):
            yield from self._iter_list(kind, created_after)

    def _iter_list(
        self, kind: str, after: datetime | None, under: str = ""
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Pages of a list of the API.

        :param after: rows made before are not wanted, nor are later pages
        :param under: path of the record that the list belongs to
        """
        params: dict[str, Any] = {"limit": PAGE}
        for _page in range(MAX_PAGES):
            answer = self.get_json(f"{API}/{under}{kind}", params=params)
            rows = _embedded(answer, kind)
            fresh = [row for row in rows if not after or not _is_older(row, after)]
            if fresh:
                yield fresh
            following = _next_id(answer)
            if len(fresh) < len(rows) or not following:
                return
            params["from"] = following


def parse_row(row: Mapping[str, Any]) -> ReceiptFacts:
    """Read a row of any list: a payment, a refund or a chargeback.

    :raises FactError: it cannot be read
    """
    return parse_payment(row) if kind_of(row) == "payment" else parse_return(row)


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
        moment=moment_of(row),
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


def _embedded(answer: Any, kind: str = "payments") -> list[Mapping[str, Any]]:
    embedded = answer.get("_embedded") if isinstance(answer, Mapping) else None
    rows = embedded.get(kind) if isinstance(embedded, Mapping) else None
    if not isinstance(rows, list):
        raise InvalidAnswerError(f"Mollie sent no list of {kind}.")
    return [row for row in rows if isinstance(row, Mapping)]


def _next_id(answer: Mapping[str, Any]) -> str:
    """Cursor of the next page; only the id is used, the address stays our own."""
    links = answer.get("_links")
    following = links.get("next") if isinstance(links, Mapping) else None
    href = following.get("href") if isinstance(following, Mapping) else None
    values = parse_qs(urlsplit(str(href or "")).query).get("from", [""])
    return values[0]


def _is_older(row: Mapping[str, Any], moment: datetime) -> bool:
    created = parse_time(row.get("createdAt"))
    return created is not None and created < moment


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
