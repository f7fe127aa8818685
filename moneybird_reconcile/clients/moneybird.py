"""Moneybird API v2: open items in, payments out.

Facts: https://github.com/moneybird/openapi (v2-20260821). Ids are strings of digits and
stay strings. Moneybird knows no idempotency key: a payment carries our own
``transaction_identifier`` and is looked for before it is posted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import requests

from odoo.addons.connection_base.clients.auth import BearerAuth
from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.exceptions import InvalidAnswerError, ProviderError

from ..engine.facts import FactError, to_amount
from ..exceptions import PeriodLockedError, PlanLimitError, ScopeError

API = "/api/v2"
BITE = 100
# Any filter drops the API's defaults, "this year" among them; so the period is named.
PERIOD = "period:20000101..20991231"
KINDS = {
    "sales_invoice": ("sales_invoices", "state:open|late|reminded|pending_payment"),
    "external_sales_invoice": (
        "external_sales_invoices",
        "state:new|open|late|pending_payment",
    ),
}
OPEN_STATES = {"new", "open", "late", "reminded", "pending_payment"}


@dataclass(frozen=True)
class MoneybirdItem:
    """An invoice at Moneybird in our own words; amounts as the API gives them."""

    external_id: str
    kind: str
    version: int
    number: str
    reference: str
    payment_reference: str
    short_payment_reference: str
    contact_id: str
    contact_name: str
    contact_iban: str
    currency: str
    amount_total: Decimal
    amount_open: Decimal
    state: str
    date: dt.date | None = None
    date_due: dt.date | None = None
    url: str = ""
    payments: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether something is still due."""
        return self.state in OPEN_STATES and self.amount_open != 0


@dataclass(frozen=True)
class MoneybirdPayment:
    """A payment to be posted.

    :param identifier: our own id; Moneybird keeps it as ``transaction_identifier``
    """

    date: dt.date
    amount: Decimal
    identifier: str
    ledger_account: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def to_body(self) -> dict[str, Any]:
        """The request's body, as the API wants it."""
        payment = {
            "payment_date": self.date.isoformat(),
            "price": str(self.amount),
            "transaction_identifier": self.identifier,
            **self.extra,
        }
        if self.ledger_account:
            payment["ledger_account_id"] = self.ledger_account
            payment["manual_payment_action"] = "balance_settlement"
        return {"payment": payment}


class MoneybirdClient(HttpClient):
    """Client for one administration (or none yet, while connecting)."""

    provider = "moneybird"

    def __init__(
        self, *, administration: str = "", token: str | None = None, **options: Any
    ) -> None:
        """Prepare a client.

        :param administration: id of the administration, digits only
        :param token: personal API token; without it the ``auth`` of the options is used
        """
        if token:
            options["auth"] = BearerAuth(token)
        super().__init__(**options)
        self._administration = administration

    def list_administrations(self) -> list[dict[str, Any]]:
        """The administrations the token may see."""
        rows = self._list(f"{API}/administrations.json")
        return [dict(row) for row in rows]

    def list_ledger_accounts(self) -> list[dict[str, Any]]:
        """All ledger accounts (this list has no pages)."""
        return [dict(row) for row in self._list(self._path("ledger_accounts"))]

    def list_open_versions(self, kind: str) -> dict[str, int]:
        """Id and version of everything that is open now, of any year."""
        resource, states = KINDS[kind]
        rows = self._list(
            self._path(f"{resource}/synchronization"),
            params={"filter": f"{states},{PERIOD}"},
        )
        return {str(row["id"]): int(row.get("version") or 0) for row in rows}

    def iter_items(
        self, kind: str, ids: Iterable[str]
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Raw invoices by id, at most a hundred at a time."""
        resource, _states = KINDS[kind]
        wanted = list(ids)
        for start in range(0, len(wanted), BITE):
            answer = self.post_json(
                self._path(f"{resource}/synchronization"),
                json={"ids": wanted[start : start + BITE]},
                repeatable=True,  # it only reads
            )
            yield _rows(answer)

    def get_item(self, kind: str, external_id: str) -> MoneybirdItem:
        """One invoice as it is now."""
        resource, _states = KINDS[kind]
        answer = self.get_json(self._path(f"{resource}/{_digits(external_id)}"))
        if not isinstance(answer, Mapping):
            raise InvalidAnswerError("Moneybird sent no invoice.")
        return parse_item(kind, answer)

    def find_payment(
        self, kind: str, external_id: str, identifier: str
    ) -> Mapping[str, Any] | None:
        """The payment that carries our identifier, None when there is none."""
        for payment in self.get_item(kind, external_id).payments:
            if payment.get("transaction_identifier") == identifier:
                return payment
        return None

    def create_payment(
        self, kind: str, external_id: str, payment: MoneybirdPayment
    ) -> Mapping[str, Any]:
        """Post a payment. Look with :meth:`find_payment` first: this is no safe repeat.

        :raises UnknownResultError: the answer was lost; the payment may be there
        :raises PlanLimitError: 402
        :raises ScopeError: 401 because the token lacks a scope
        :raises PeriodLockedError: the period is closed
        """
        resource, _states = KINDS[kind]
        answer = self.post_json(
            self._path(f"{resource}/{_digits(external_id)}/payments"),
            json=payment.to_body(),
        )
        if not isinstance(answer, Mapping):
            raise InvalidAnswerError("Moneybird sent no payment.")
        return answer

    def delete_payment(self, kind: str, external_id: str, payment_id: str) -> None:
        """Take a payment back."""
        resource, _states = KINDS[kind]
        self.delete(
            self._path(
                f"{resource}/{_digits(external_id)}/payments/{_digits(payment_id)}"
            ),
            repeatable=True,
        )

    def create_webhook(self, url: str, events: Iterable[str]) -> Mapping[str, Any]:
        """Register a webhook; the answer holds its secret, only now."""
        answer = self.post_json(
            self._path("webhooks"), json={"url": url, "enabled_events": list(events)}
        )
        return answer if isinstance(answer, Mapping) else {}

    def delete_webhook(self, webhook_id: str) -> None:
        """Take a webhook away."""
        self.delete(self._path(f"webhooks/{_digits(webhook_id)}"), repeatable=True)

    # --- Hooks and inside -------------------------------------------------------

    def _parse_error(self, response: requests.Response) -> ProviderError:
        """Override of `connection_base` to know Moneybird's ways of saying no."""
        payload = self._error_payload(response)
        message = _message(payload)
        facts: dict[str, Any] = {
            "status": response.status_code,
            "code": message[:100],
            "payload": payload,
        }
        shown = self._redact(message[:200])
        if response.status_code == 401 and message.startswith("No access to"):
            return ScopeError(f"Moneybird: {shown}", **facts)
        if response.status_code == 402:
            return PlanLimitError(f"Moneybird: {shown}", **facts)
        if response.status_code in (400, 422) and _is_period_lock(message):
            return PeriodLockedError(f"Moneybird: {shown}", **facts)
        return super()._parse_error(response)

    def _path(self, resource: str) -> str:
        return f"{API}/{_digits(self._administration)}/{resource}.json"

    def _list(self, path: str, **kwargs: Any) -> list[Mapping[str, Any]]:
        return _rows(self.get_json(path, **kwargs))


def parse_item(kind: str, row: Mapping[str, Any]) -> MoneybirdItem:
    """Read a sales invoice or an external sales invoice.

    :raises FactError: an amount cannot be read
    """
    contact = row.get("contact")
    contact = contact if isinstance(contact, Mapping) else {}
    person = " ".join(
        str(contact[key]) for key in ("firstname", "lastname") if contact.get(key)
    )
    payments = row.get("payments")
    total = to_amount(row.get("total_price_incl_tax") or "0")
    return MoneybirdItem(
        external_id=_digits(str(row.get("id") or "")),
        kind=kind,
        version=int(row.get("version") or 0),
        number=str(row.get("invoice_id") or row.get("reference") or ""),
        reference=str(row.get("reference") or ""),
        payment_reference=str(row.get("payment_reference") or ""),
        short_payment_reference=str(row.get("short_payment_reference") or ""),
        contact_id=str(row.get("contact_id") or ""),
        contact_name=str(contact.get("company_name") or person),
        contact_iban=str(contact.get("sepa_iban") or contact.get("bank_account") or ""),
        currency=str(row.get("currency") or "").upper(),
        amount_total=total,
        amount_open=_amount_open(row, total),
        state=str(row.get("state") or ""),
        date=_day(row.get("invoice_date") or row.get("date")),
        date_due=_day(row.get("due_date")),
        url=str(row.get("url") or ""),
        payments=tuple(_rows(payments if isinstance(payments, list) else [])),
    )


def _amount_open(row: Mapping[str, Any], total: Decimal) -> Decimal:
    if row.get("total_unpaid") not in (None, ""):
        return to_amount(row["total_unpaid"])
    if row.get("total_paid") not in (None, ""):
        return total - to_amount(row["total_paid"])
    return total


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _rows(answer: Any) -> list[Mapping[str, Any]]:
    if not isinstance(answer, list):
        raise InvalidAnswerError("Moneybird sent something else than a list.")
    return [row for row in answer if isinstance(row, Mapping)]


def _digits(value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise FactError("id_unreadable", value=value[:40])
    return value


def _message(payload: Any) -> str:
    """``error`` is a text or a dictionary of lists; both become one line."""
    error = payload.get("error") if isinstance(payload, Mapping) else payload
    if isinstance(error, Mapping):
        return "; ".join(f"{key}: {_joined(value)}" for key, value in error.items())
    return str(error or "")


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_period_lock(message: str) -> bool:
    lowered = message.lower()
    return "period" in lowered and ("lock" in lowered or "closed" in lowered)
