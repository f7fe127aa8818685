"""Money that Mollie takes back: refunds and chargebacks.

Facts: https://github.com/mollie/openapi (specs.yaml of 2026-08-21). Both are lists over
all payments of the profile (``/v2/refunds``, ``/v2/chargebacks``), newest first, and
name their payment in ``paymentId``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from .mollie_time import moment_of

#: Lists of the API by what one row of them is.
LISTS = {"refund": "refunds", "chargeback": "chargebacks"}
REFUND_STAGES = {
    "queued": STAGE_WAITING,
    "pending": STAGE_WAITING,
    "processing": STAGE_WAITING,
    "refunded": STAGE_PAID,
    "failed": STAGE_LOST,
    "canceled": STAGE_LOST,
}


def kind_of(row: Mapping[str, Any]) -> str:
    """What a row is: ``refund``, ``chargeback`` or, for all else, ``payment``."""
    resource = str(row.get("resource") or "payment")
    return resource if resource in LISTS else "payment"


def parse_return(row: Mapping[str, Any]) -> ReceiptFacts:
    """Read one refund or chargeback; its amount is negative, money that leaves.

    A chargeback has no status of its own: it is there, or it was reversed.

    :raises FactError: id, payment, amount or date cannot be read
    """
    kind = kind_of(row)
    amount = row.get("amount")
    if not isinstance(amount, Mapping):
        raise FactError("field_missing", field="amount")
    for key in ("id", "paymentId"):
        if not row.get(key):
            raise FactError("field_missing", field=key)
    if kind == "refund":
        status = str(row.get("status") or "")
        stage = REFUND_STAGES.get(status, STAGE_UNKNOWN)
    else:
        status = "reversed" if row.get("reversedAt") else "charged back"
        stage = STAGE_LOST if row.get("reversedAt") else STAGE_PAID
    return ReceiptFacts(
        provider="mollie",
        external_id=str(row["id"]),
        kind=kind,
        amount=-abs(to_amount(amount.get("value"))),
        currency=str(amount.get("currency") or "").upper(),
        moment=moment_of(row),
        status=status,
        stage=stage,
        description=_description(row),
        raw=redact(row),  # type: ignore[arg-type]
    )


def _description(row: Mapping[str, Any]) -> str:
    reason = row.get("reason")
    if isinstance(reason, Mapping):
        return str(reason.get("description") or reason.get("code") or "")
    return str(row.get("description") or "")
