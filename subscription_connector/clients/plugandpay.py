"""Plug&Pay API v2, as far as subscriptions and their orders need it.

Source: the official PHP SDK (commit 4360d6e8, 2026-03-12). Answers are wrapped in
``{"data": …}``; lists carry ``meta.last_page``; amounts are decimal strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import requests

from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.exceptions import (
    InvalidAnswerError,
    ProviderError,
    RejectedError,
)

PAGE_SIZE = 25
SUBSCRIPTION_INCLUDES = "billing,pricing,product"
ORDER_INCLUDES = "billing,items,payment,subscriptions,taxes"


@dataclass(frozen=True)
class Page:
    """One page of a list; ``total`` is 0 where the service does not say."""

    rows: list[dict[str, Any]]
    number: int
    last: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return self.number >= self.last or not self.rows


class PlugAndPayClient(HttpClient):
    """Thin client; every method is one call and returns the parsed ``data``."""

    provider = "plugandpay"

    def get_tenant(self) -> dict[str, Any]:
        """Return the account (id, name) that the token belongs to."""
        return self._data(self.get_json("/v2/auth/tenants/me"))

    def list_subscriptions(self, page: int, status: str | None = None) -> Page:
        """Return a page of subscriptions, oldest first."""
        params: dict[str, Any] = {
            "include": SUBSCRIPTION_INCLUDES,
            "limit": PAGE_SIZE,
            "page": page,
        }
        if status:
            params["status"] = status
        return self._page(self.get_json("/v2/subscriptions", params=params), page)

    def get_subscription(self, subscription_id: str) -> dict[str, Any]:
        """Return one subscription with contact, schedule and price."""
        return self._data(
            self.get_json(
                f"/v2/subscriptions/{int(subscription_id)}",
                params={"include": SUBSCRIPTION_INCLUDES},
            )
        )

    def list_orders(self, page: int, since: date) -> Page:
        """Return a page of orders invoiced on or after ``since``."""
        params = {
            "include": ORDER_INCLUDES,
            "limit": PAGE_SIZE,
            "page": page,
            "since_invoice_date": since.isoformat(),
            "sort": "invoice_date",
        }
        return self._page(self.get_json("/v2/orders", params=params), page)

    def get_order(self, order_id: str) -> dict[str, Any]:
        """Return one order with contact, items and payment."""
        return self._data(
            self.get_json(
                f"/v2/orders/{int(order_id)}", params={"include": ORDER_INCLUDES}
            )
        )

    def end_subscription(self, subscription_id: str, day: date) -> dict[str, Any]:
        """Let a subscription end on ``day``.

        The SDK has no call of its own for this; it can write the schedule's
        ``termination_at``. Repeating the call changes nothing, so it may be
        repeated when its answer is lost. Not seen against a live account.
        """
        return self._data(
            self.patch_json(
                f"/v2/subscriptions/{int(subscription_id)}",
                json={"billing": {"schedule": {"termination_at": day.isoformat()}}},
                repeatable=True,
            )
        )

    def change_subscription(
        self, subscription_id: str, amount: str, next_at: date
    ) -> dict[str, Any]:
        """Set the price of one piece, without tax, and the day of the next payment.

        The SDK writes both; not seen against a live account. The values are what
        shall be, so repeating the call changes nothing.
        """
        return self._data(
            self.patch_json(
                f"/v2/subscriptions/{int(subscription_id)}",
                json={
                    "pricing": {"amount": amount},
                    "billing": {"schedule": {"next_at": next_at.isoformat()}},
                },
                repeatable=True,
            )
        )

    def create_rule(self, name: str, trigger: str, url: str) -> dict[str, Any]:
        """Ask to be called at ``url`` when ``trigger`` happens."""
        return self._data(
            self.post_json(
                "/v2/rules",
                json={
                    "name": name,
                    "trigger_type": trigger,
                    "condition_data": {},
                    "action_type": "call_webhook",
                    "action_data": {"hook_url": url},
                    "driver": "webhook",
                },
            )
        )

    def delete_rule(self, rule_id: str) -> None:
        """Stop being called."""
        self.delete(f"/v2/rules/{int(rule_id)}", repeatable=True)

    # --- Parsing ------------------------------------------------------------------

    def _data(self, answer: Any) -> dict[str, Any]:
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
            raise InvalidAnswerError("Plug&Pay sent an answer without data.")
        data: dict[str, Any] = answer["data"]
        return data

    def _page(self, answer: Any, number: int) -> Page:
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise InvalidAnswerError("Plug&Pay sent an answer without a list.")
        meta = answer.get("meta") or {}
        return Page(
            rows=answer["data"],
            number=number,
            last=int(meta.get("last_page") or number),
            total=int(meta.get("total") or 0),
        )

    def _parse_error(self, response: requests.Response) -> ProviderError:
        """Read Laravel's 422: a map of field names to sentences."""
        error = super()._parse_error(response)
        payload = getattr(error, "payload", None)
        if not isinstance(error, RejectedError) or not isinstance(payload, dict):
            return error
        fields = payload.get("errors")
        if not isinstance(fields, dict) or not fields:
            return error
        return RejectedError(
            f"Plug&Pay refused the value of: {', '.join(sorted(fields))}.",
            status=error.status,
            code=error.code,
            payload=payload,
        )

    def _name(self) -> str:
        return "Plug&Pay"
