"""CCV Online Payments (CCV Payment API v1).

Facts: https://developer.myccv.eu/documentation/payment_api (seen 2026-11). HTTP Basic
with the API key and no password; epoch milliseconds; lower-case currencies in answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from odoo.addons.connection_base.clients.auth import ApiKeyBasicAuth
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

API = "/api/v1"
# https://developer.myccv.eu/documentation/payment_api: pending becomes success or
# failed; manualintervention means "call the helpdesk, do not book".
STAGES = {
    "pending": STAGE_WAITING,
    "success": STAGE_PAID,
    "failed": STAGE_LOST,
    "manualintervention": STAGE_UNKNOWN,
}
KINDS = {"sale": "payment", "capture": "payment", "refund": "refund"}
# Steps on the way to a sale, and what is stored for later: no money moves.
NO_MONEY = {"authorise", "reversal", "validate", "token", "vault"}
LANDING_PAGE = "landingpage"
MAX_PAGES = 500


class CcvClient(HttpClient):
    """Reads transactions; writes nothing."""

    provider = "ccv"

    def __init__(self, *, api_key: str, **options: Any) -> None:
        """Prepare a client for one account of CCV.

        :param api_key: starts with ``t_`` (test) or ``l_`` (live)
        """
        options["auth"] = ApiKeyBasicAuth(api_key)
        super().__init__(**options)

    def list_methods(self) -> list[str]:
        """Names of the enabled payment methods; the cheap way to check a key."""
        answer = self.get_json(f"{API}/method")
        return [str(row.get("method", "")) for row in _rows(answer)]

    def get_transaction(self, reference: str) -> ReceiptFacts | None:
        """One transaction as it is now; of a landing page the payment made on it.

        :return: nothing while no money moves by it
        """
        row = self._read_transaction(reference)
        if child := row.get("childReferenceId"):
            row = self._read_transaction(str(child))
        return parse_transaction(row) if moves_money(row) else None

    def _read_transaction(self, reference: str) -> Mapping[str, Any]:
        answer = self.get_json(f"{API}/transaction", params={"reference": reference})
        if isinstance(answer, list):
            answer = answer[0] if answer else None
        if not isinstance(answer, Mapping):
            raise InvalidAnswerError("CCV sent no transaction for the reference.")
        return answer

    def iter_transactions(
        self, created_after: datetime
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Pages of raw transactions made after a moment.

        Paged with ``referenceAfter`` until a page is empty; a page that brings nothing
        new ends it too, so that a server that ignores the cursor cannot hold us.
        """
        seen: set[str] = set()
        params: dict[str, Any] = {"createdAfter": int(created_after.timestamp() * 1000)}
        for _page in range(MAX_PAGES):
            rows = _rows(self.get_json(f"{API}/transaction", params=params))
            fresh = [row for row in rows if str(row.get("reference")) not in seen]
            if not fresh:
                return
            seen.update(str(row.get("reference")) for row in fresh)
            yield fresh
            params["referenceAfter"] = str(rows[-1].get("reference") or "")


def moves_money(row: Mapping[str, Any]) -> bool:
    """Tell whether a transaction is a payment, a refund or a kind we do not know.

    A landing page is listed next to the payment that was made on it, with the same
    amount: the money is the child's alone (``childReferenceId`` of the page).
    """
    is_page = row.get("method") == LANDING_PAGE and row.get("status") != "success"
    if is_page or row.get("childReferenceId"):
        return False
    return str(row.get("type") or "sale") not in NO_MONEY


def parse_transaction(row: Mapping[str, Any]) -> ReceiptFacts:
    """Read one transaction.

    :raises FactError: amount or date cannot be read
    """
    kind = KINDS.get(str(row.get("type") or "sale"), str(row.get("type")))
    amount = to_amount(row.get("amount"))
    status = str(row.get("status") or "")
    details = row.get("details")
    details = details if isinstance(details, Mapping) else {}
    holder = (details.get("cardholderFirstName"), details.get("cardholderLastName"))
    return ReceiptFacts(
        provider="ccv",
        external_id=_required(row, "reference"),
        kind=kind,
        amount=-abs(amount) if kind == "refund" else amount,
        currency=str(row.get("currency") or "").upper(),
        moment=_moment(row),
        status=status,
        stage=STAGES.get(status, STAGE_UNKNOWN),
        method=str(row.get("brand") or row.get("method") or ""),
        payer_name=str(
            details.get("consumerName")
            or " ".join(str(part) for part in holder if part)
        ),
        payer_iban=str(details.get("iban") or details.get("consumerAccount") or ""),
        description=str(row.get("description") or ""),
        order_reference=str(row.get("merchantOrderReference") or ""),
        raw=redact(row),  # type: ignore[arg-type]
    )


def _rows(answer: Any) -> list[Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        answer = [answer]
    if not isinstance(answer, list):
        raise InvalidAnswerError("CCV sent something else than a list.")
    return [row for row in answer if isinstance(row, Mapping)]


def _required(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not value:
        raise FactError("field_missing", field=key)
    return str(value)


def _moment(row: Mapping[str, Any]) -> datetime:
    """When the transaction became final, or was made."""
    for key in ("statusFinalDate", "lastUpdate", "created"):
        value = row.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return datetime.fromtimestamp(value / 1000, timezone.utc)
            except (OverflowError, OSError, ValueError) as error:
                raise FactError("date_unreadable", value=str(value)[:40]) from error
    raise FactError("field_missing", field="created")
