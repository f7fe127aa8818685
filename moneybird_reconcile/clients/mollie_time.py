"""Moments as Mollie writes them: ISO 8601 with their zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..engine.facts import FactError


def parse_time(value: object) -> datetime | None:
    """Read a moment; nothing when it is none or names no zone.

    >>> parse_time("2026-11-25T10:00:00+00:00").hour, parse_time("soon")
    (10, None)
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def moment_of(row: Mapping[str, Any]) -> datetime:
    """When a payment was paid, or else made.

    :raises FactError: no moment can be read
    """
    for key in ("paidAt", "authorizedAt", "createdAt"):
        moment = parse_time(row.get(key))
        if moment is not None:
            return moment
    raise FactError("field_missing", field="createdAt")
