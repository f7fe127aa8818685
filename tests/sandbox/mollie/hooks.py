"""Webhooks: the classic ones with an id, and subscribed events with a signature."""

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from .. import webhooks
from ..clock import CLOCK
from . import common

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object

CLASSIC = {
    "payment.paid", "payment.authorized", "payment.expired", "payment.failed",
    "payment.canceled", "refund.processing", "refund.refunded", "refund.failed",
    "chargeback.received", "chargeback.reversed",
}  # fmt: skip
EVENTS = {
    "payment.paid", "payment.authorized", "payment.failed", "payment.canceled",
    "payment.expired", "payment.pending", "refund.queued", "refund.pending",
    "refund.processing", "refund.refunded", "refund.failed", "refund.canceled",
    "chargeback.received", "chargeback.reversed",
}  # fmt: skip
FIELDS = {"name", "url", "eventTypes", "testmode"}


class HooksMixin(Base):
    """``/v2/webhooks``, ``/v2/events`` and sending."""

    def hook_routes(self) -> list:
        one = "/v2/webhooks/<key>"
        return [
            ("POST", "/v2/webhooks", self.create_hook),
            ("GET", "/v2/webhooks", self.list_hooks),
            ("GET", one, self.get_hook),
            ("PATCH", one, self.update_hook),
            ("DELETE", one, self.delete_hook),
            ("POST", f"{one}/ping", self.ping_hook),
            ("GET", "/v2/events/<key>", self.get_event),
        ]

    # === SENDING === #

    def announce(self, payment: dict, event: str, part: dict | None = None) -> None:
        """Send what belongs to a change.

        :param part: the refund or chargeback that changed, else the payment itself
        """
        if payment.get("webhookUrl") and event in CLASSIC:
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "User-Agent": "Mollie HTTP client/1.0",
            }
            url = payment["webhookUrl"]
            webhooks.enqueue(self, event, url, f"id={payment['id']}", headers)
        for hook in self.book.all("webhook", status="enabled"):
            if hook["mode"] == payment["mode"] and event in hook["eventTypes"]:
                self._send_event(hook, event, part or payment)

    def _send_event(self, hook: dict, event: str, entity: dict | None) -> None:
        shows = {
            "payment": self.show_payment,
            "refund": self.show_refund,
            "chargeback": self.show_chargeback,
        }
        shown = shows[entity["resource"]](entity) if entity else {}
        key = common.new_id("event")
        body = {
            "resource": "event",
            "id": key,
            "type": event,
            "entityId": shown.get("id", hook["id"]),
            "createdAt": CLOCK.iso(),
            "_embedded": {"entity": shown} if shown else None,
            "_links": {
                "self": common.link(self.url(f"/v2/events/{key}")),
                "documentation": common.docs_link("webhooks-events"),
            },
        }
        if shown:
            body["_links"]["entity"] = shown["_links"]["self"]
        self.book.put("event", body)
        secret = (self.book.get("_hook_secret", hook["id"]) or {}).get("secret")
        headers = {"Content-Type": "application/json"}
        webhooks.enqueue(self, event, hook["url"], json.dumps(body), headers, secret)

    def sign_webhook(self, secret: str | None, body: bytes) -> dict[str, str]:
        if not secret:
            return {}
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"X-Mollie-Signature": f"sha256={digest}"}

    def forge_webhook(
        self, body: bytes, secret: str | None
    ) -> tuple[bytes, str | None]:
        if secret:
            return body, "forged"
        return f"id={common.new_id('tr')}".encode(), None

    # === ENDPOINTS === #

    def show_hook(self, hook: dict) -> dict:
        own = self.url(f"/v2/webhooks/{hook['id']}")
        documentation = common.docs_link("get-webhook")
        links = {"self": common.link(own), "documentation": documentation}
        return {**hook, "_links": links}

    def hook(self, request: Request, key: str, right: str = "webhooks.read") -> dict:
        self.need(request, right)
        hook = self.book.get("webhook", key)
        if not hook or hook["mode"] != self.mode(request):
            raise common.missing("webhook", key)
        return hook

    def create_hook(self, request: Request) -> tuple[dict, int]:
        self.need(request, "webhooks.write")
        data = self.data(request)
        self._check_hook(data, needed=("name", "url", "eventTypes"))
        key = common.new_id("hook")
        secret = secrets.token_hex(16)
        hook = {
            "resource": "webhook",
            "id": key,
            "url": data["url"],
            "profileId": None,
            "createdAt": CLOCK.iso(),
            "name": data["name"],
            "eventTypes": self._types(data["eventTypes"]),
            "status": "enabled",
            "mode": self.mode(request),
        }
        self.book.put("_hook_secret", {"id": key, "secret": secret})
        self.book.put("webhook", hook)
        return {**self.show_hook(hook), "webhookSecret": secret}, 201

    @staticmethod
    def _types(value: list | str) -> list[str]:
        if value == "*":
            return sorted(EVENTS)
        return value if isinstance(value, list) else value.split(",")

    def _check_hook(self, data: dict, needed: tuple[str, ...] = ()) -> None:
        common.check_known(data, FIELDS)
        for field in needed:
            if not data.get(field):
                raise common.invalid(field, f"The {field} is required")
        common.check_url(data, "url")
        unknown = set(self._types(data.get("eventTypes") or [])) - EVENTS
        if unknown:
            text = f"The event type {min(unknown)} does not exist"
            raise common.invalid("eventTypes", text)

    def list_hooks(self, request: Request) -> dict:
        self.need(request, "webhooks.read")
        found = self.book.all("webhook", mode=self.mode(request))
        rows = [self.show_hook(hook) for hook in found]
        return common.listing(self, request, "webhooks", rows)

    def get_hook(self, request: Request, key: str) -> dict:
        return self.show_hook(self.hook(request, key))

    def update_hook(self, request: Request, key: str) -> dict:
        self.hook(request, key, "webhooks.write")
        data = self.data(request)
        self._check_hook(data)
        data.pop("testmode", None)
        if "eventTypes" in data:
            data["eventTypes"] = self._types(data["eventTypes"])
        return self.show_hook(self.book.update("webhook", key, **data))

    def delete_hook(self, request: Request, key: str) -> Response:
        self.hook(request, key, "webhooks.write")
        self.book.remove("webhook", key)
        return Response(status=204)

    def ping_hook(self, request: Request, key: str) -> Response:
        hook = self.hook(request, key, "webhooks.write")
        self._send_event(hook, "hook.ping", None)
        return Response(status=202)

    def get_event(self, request: Request, key: str) -> dict:
        self.need(request, "webhooks.read")
        event = self.book.get("event", key)
        if not event:
            raise common.missing("event", key)
        return event
