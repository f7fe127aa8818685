"""Synchronization lists and webhooks: two ways to learn what has changed."""

import hashlib
import hmac
import json
import re
import secrets
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from .. import webhooks
from ..clock import CLOCK
from . import common
from .bank import BANK
from .contacts import ANY
from .invoices import EXTERNAL, SALES, SCOPE

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

MOST = 100
SETTINGS = ("settings",)


class HooksMixin(Base):
    """``/{resource}/synchronization`` and ``/webhooks``."""

    def hook_routes(self) -> list:
        scopes = {
            "contact": ANY,
            SALES: SCOPE,
            EXTERNAL: SCOPE,
            "financial_mutation": BANK,
        }
        routes = []
        for kind, scope in scopes.items():
            path = f"/{kind}s/synchronization"
            routes += [
                ("GET", path, partial(self.list_versions, kind=kind), scope),
                ("POST", path, partial(self.get_many, kind=kind), scope),
            ]
        one = "/webhooks/<key>"
        return [
            *routes,
            ("GET", "/webhooks", self.list_webhooks, SETTINGS),
            ("POST", "/webhooks", self.create_webhook, SETTINGS),
            ("DELETE", one, self.delete_webhook, SETTINGS),
            (
                "PATCH",
                f"{one}/<any(activate, deactivate):to>",
                self.switch_webhook,
                SETTINGS,
            ),
        ]

    # === SYNCHRONIZATION === #

    def _sync_rows(self, request: Request, adm: dict, kind: str) -> list[dict]:
        if kind == "contact":
            return self.contact_rows(adm, request)
        if kind == "financial_mutation":
            return self.mutation_rows(adm, request)
        return self.invoice_rows(adm, kind, request)

    def list_versions(self, request: Request, adm: dict, kind: str) -> list[dict]:
        rows = self._sync_rows(request, adm, kind)
        return [{"id": row["id"], "version": row["version"]} for row in rows]

    def get_many(self, request: Request, adm: dict, kind: str) -> list[dict]:
        ids = self.data(request).get("ids")
        if not ids:
            raise common.bad("Ids is required", ids="required")
        if len(ids) > MOST:
            raise common.bad(f"At most {MOST} ids are allowed", ids="too_many")
        shows = {
            "contact": self.show_contact,
            "financial_mutation": self.show_mutation,
        }
        show = shows.get(kind, self.show_invoice)
        rows = [self.book.get(kind, str(key)) for key in ids]
        own = [row for row in rows if row and row["administration_id"] == adm["id"]]
        return [show(row) for row in own]

    # === SENDING === #

    def announce(
        self,
        adm: dict,
        entity_type: str,
        entity: dict,
        action: str,
        state: str | None = None,
        gone: bool = False,
    ) -> None:
        """Send an event to the webhooks that want it.

        :param gone: the record is no more, so the body has none
        """
        for hook in self.book.all("webhook", administration_id=adm["id"]):
            wanted = hook["enabled_events"]
            if hook["deactivated_at"] or not _wants(wanted, action):
                continue
            shown = entity
            if entity_type in ("SalesInvoice", "ExternalSalesInvoice"):
                shown = self.show_invoice(entity)
            self._send(hook, entity_type, entity["id"], action, state, shown, gone)

    def _send(self, hook: dict, *parts: object) -> None:
        body = _body(hook, *parts)
        secret = (self.book.get("_hook_secret", hook["id"]) or {}).get("secret")
        headers = _headers()
        webhooks.enqueue(self, str(parts[2]), hook["url"], body, headers, secret)

    def sign_webhook(self, secret: str | None, body: bytes) -> dict[str, str]:
        stamp = int(time.time())
        signed = f"{stamp}.".encode() + body
        digest = hmac.new((secret or "").encode(), signed, hashlib.sha256).hexdigest()
        return {"Moneybird-Signature": f"t={stamp},v1={digest}"}

    # === ENDPOINTS === #

    def show_webhook(self, hook: dict) -> dict:
        rows = self.book.execute(
            "SELECT last_status FROM deliveries WHERE url = ? AND attempts > 0 "
            "ORDER BY id DESC LIMIT 1",
            hook["url"],
        )
        return {**hook, "last_http_status": rows[0]["last_status"] if rows else None}

    def _webhook(self, adm: dict, key: str) -> dict:
        hook = self.book.get("webhook", key)
        if not hook or hook["administration_id"] != adm["id"]:
            raise common.missing("id")
        return hook

    def create_webhook(self, request: Request, adm: dict) -> tuple[dict, int]:
        data = self.data(request)
        if "events" in data:
            text = "'events' has been removed from webhooks, use 'enabled_events'"
            raise common.bad(text, events="removed")
        if not data.get("url"):
            raise common.bad("Url is required", url="required")
        events = data.get("enabled_events") or []
        unknown = [name for name in events if not re.fullmatch(r"[a-z_]+", str(name))]
        if unknown:
            text = f"{unknown[0]} is not a known event"
            raise common.bad(text, enabled_events="invalid")
        hook = {
            "id": common.new_id(self.book),
            "administration_id": adm["id"],
            "url": data["url"],
            "enabled_events": events,
            "last_http_status": None,
            "last_http_body": None,
            "token": secrets.token_urlsafe(18),
            "deactivated_at": None,
        }
        secret = secrets.token_hex(32)
        if self.book.setting("ping_webhooks", True):
            self._ping(hook, secret)
        self.book.put("webhook", hook)
        self.book.put("_hook_secret", {"id": hook["id"], "secret": secret})
        return {**hook, "secret": secret}, 201

    def _ping(self, hook: dict, secret: str) -> None:
        """:raise Refusal: 400 when the address does not answer 200"""
        body = _body(hook, None, None, "test_webhook", None, None, True).encode()
        headers = {**_headers(), **self.sign_webhook(secret, body)}
        status, _error = webhooks.post(hook["url"], body, headers)
        if status != 200:
            raise common.bad("Url did not answer with status 200", url="invalid")

    def list_webhooks(self, request: Request, adm: dict) -> list[dict]:
        rows = self.book.all("webhook", administration_id=adm["id"])
        return [self.show_webhook(row) for row in rows]

    def delete_webhook(self, request: Request, adm: dict, key: str) -> Response:
        self._webhook(adm, key)
        self.book.remove("webhook", key)
        return Response(status=204)

    def switch_webhook(self, request: Request, adm: dict, key: str, to: str) -> dict:
        self._webhook(adm, key)
        moment = None if to == "activate" else CLOCK.iso_ms()
        hook = self.book.update("webhook", key, deactivated_at=moment)
        return self.show_webhook(hook)


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}


def _wants(wanted: list[str], action: str) -> bool:
    """An event, or the group it belongs to by its first words; none named = all."""
    if not wanted:
        return True
    return any(action == name or action.startswith(f"{name}_") for name in wanted)


def _body(hook: dict, *parts: object) -> str:
    entity_type, entity_id, action, state, entity, gone = parts
    return json.dumps(
        {
            "administration_id": hook["administration_id"],
            "webhook_id": hook["id"],
            "webhook_token": hook["token"],
            "entity_type": entity_type,
            "entity_id": entity_id,
            "state": state,
            "action": action,
            "entity": None if gone else entity,
        }
    )
