"""Webhooks: registered by the customer, told about letters, signed."""

import json
import uuid

from werkzeug import Response

from ..webhooks import enqueue
from . import checks, listing, states
from .signing import sign


class Hooks:
    """Part of the service; needs ``book``, ``resources`` and ``_found``."""

    def webhooks(self, request, organisation):
        owner = self._organisation(organisation)
        part, around = listing.page(
            self.book.all("webhooks", organisation=owner["id"]),
            request.args.to_dict(),
            f"{self.resources.organisation_url(owner['id'])}/webhooks",
            ("event_category", "url"),
        )
        data = [self.resources.webhook(record) for record in part]
        return {"data": data, "included": [], **around}

    def webhook_create(self, request, organisation):
        owner = self._organisation(organisation)
        attributes = checks.attributes_of(self.data(request), "webhooks")
        checks.check_webhook(attributes, states.CATEGORIES)
        names = ("event_category", "url", "signing_key")
        record = {
            "id": str(uuid.uuid4()),
            "organisation": owner["id"],
            **{name: attributes[name] for name in names},
        }
        self.book.put("webhooks", record)
        return {"data": self.resources.webhook(record), "included": []}, 201

    def webhook(self, request, organisation, key):
        record = self._found("webhooks", key, self._organisation(organisation)["id"])
        return {"data": self.resources.webhook(record), "included": []}

    def webhook_delete(self, request, organisation, key):
        record = self._found("webhooks", key, self._organisation(organisation)["id"])
        self.book.remove("webhooks", record["id"])
        return Response(status=204)

    def webhook_requests(self, request, organisation, key):
        """What was sent to one webhook, newest last."""
        record = self._found("webhooks", key, self._organisation(organisation)["id"])
        rows = self.book.execute(
            "SELECT * FROM deliveries WHERE url = ? ORDER BY id", record["url"]
        )
        data = [
            {
                "type": "webhook_requests",
                "id": str(row["id"]),
                "attributes": {"url": row["url"], "state": row["state"],
                               "attempts": row["attempts"],
                               "response_status": row["last_status"]},
            }
            for row in rows
        ]  # fmt: skip
        return {"data": data, "included": []}

    def announce(self, letter, event, category):
        """Tell every webhook of this category about an event."""
        owner = self.book.get("organisations", letter["organisation"])
        hooks = self.book.all(
            "webhooks", organisation=owner["id"], event_category=category
        )
        for hook in hooks:
            document = self.resources.notification(
                str(uuid.uuid4()), hook, letter, event, owner, category
            )
            enqueue(
                self,
                category,
                hook["url"],
                json.dumps(document),
                {"Content-Type": self.mimetype, "User-Agent": "Pingen Webhook"},
                hook["signing_key"],
            )

    def sign_webhook(self, secret, body):
        return {"Signature": sign(secret or "", body)}
