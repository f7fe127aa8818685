"""Subscriptions: made, changed, cancelled, renewed."""

from datetime import date
from decimal import Decimal

from ..clock import CLOCK
from . import shapes
from .calendar import add_interval
from .shapes import money, stamp


class Contracts:
    """Part of the shop; needs ``book``, ``billing``, ``tax`` and ``new_order``."""

    def new_subscription(self, tenant, data, source="api", created=None, mode="live"):
        """A subscription from the fields of a request or a scene."""
        created = created or stamp()
        key = (data.get("product") or {}).get("id") or data.get("product_id")
        product = self.book.get("products", key)
        billing = data["billing"]
        subscription = {
            "id": self.book.number("subscription", 301),
            "_tenant": tenant,
            "_orders": 0,
            "_rate": product["_rate"],
            "status": "active",
            "mode": mode,
            "source": source,
            "created_at": created,
            "updated_at": created,
            "cancelled_at": None,
            "deleted_at": None,
            "billing": {
                **self.billing(billing),
                "schedule": self.schedule(
                    billing.get("schedule") or {}, product, created
                ),
                "payment_options": self.payment_options(
                    billing.get("payment_options") or {}
                ),
            },
            "meta": data.get("meta") or {},
            "pricing": self.pricing(data.get("pricing") or {}, product),
            "product": shapes.product(product),
            "tags": data.get("tags") or [],
            "trial": {"start": None, "end": None, "is_active": False,
                      **(data.get("trial") or {})},
        }  # fmt: skip
        return self.book.put("subscriptions", subscription)

    def schedule(self, given, product, created):
        start = {
            "interval": product["_interval"] or "monthly",
            "last": None,
            "last_at": None,
            "latest": None,
            "latest_at": None,
            "next": 1,
            "next_at": created[:10],
            "remaining": None,
            "termination_at": None,
        }
        return {**start, **{name: given[name] for name in start if name in given}}

    def payment_options(self, given):
        names = ("customer_id", "mandate_id", "provider", "iban", "name",
                 "transaction_id", "type")  # fmt: skip
        start = {"provider": "mollie", "type": "mandate"}
        return {name: given.get(name, start.get(name)) for name in names}

    def pricing(self, given, product):
        amount = money(given.get("amount") or product["_amount"])
        tax = self.tax(amount, product["_rate"])
        return {
            "amount": amount,
            "amount_with_tax": given.get("amount_with_tax") or tax["amount_with_tax"],
            "discounts": given.get("discounts") or [],
            "quantity": int(given.get("quantity") or 1),
            "is_tax_included": False,
            "tax": tax,
        }

    def change_subscription(self, subscription, data):
        """Contact, schedule, price and tags; a termination date cancels."""
        given = data.get("billing") or {}
        billing = subscription["billing"]
        billing.update(self.billing(given, billing))
        for name in ("schedule", "payment_options"):
            billing[name].update(
                {k: v for k, v in (given.get(name) or {}).items() if k in billing[name]}
            )
        if data.get("pricing"):
            product = self.book.get("products", subscription["product"]["id"])
            pricing = subscription["pricing"]
            known = {name: pricing[name] for name in ("amount", "quantity")}
            subscription["pricing"] = self.pricing(
                {**known, **data["pricing"]}, product
            )
        for name in ("tags", "meta"):
            if name in data:
                subscription[name] = data[name]
        if "termination_at" in (given.get("schedule") or {}):
            self._terminate(subscription)
        subscription["updated_at"] = stamp()
        return self.book.put("subscriptions", subscription)

    def _terminate(self, subscription):
        end = subscription["billing"]["schedule"]["termination_at"]
        if end is None:
            subscription.update(status="active", cancelled_at=None)
            return
        subscription.update(status="cancelled", cancelled_at=stamp())
        self._end_if_over(subscription)

    def _end_if_over(self, subscription):
        schedule = subscription["billing"]["schedule"]
        if schedule["termination_at"] > CLOCK.today():
            return False
        subscription["status"] = "ended"
        schedule.update(next=None, next_at=None)
        return True

    def end_what_is_over(self):
        """Cancelled subscriptions end on their date."""
        for subscription in self.book.all("subscriptions", status="cancelled"):
            if subscription["billing"]["schedule"]["termination_at"] and (
                self._end_if_over(subscription)
            ):
                self.book.put("subscriptions", subscription)

    def renew(self, subscription, paid=True, created=None):
        """The next order of a subscription, and its schedule one interval on."""
        schedule = subscription["billing"]["schedule"]
        pricing = subscription["pricing"]
        options = subscription["billing"]["payment_options"]
        amount = Decimal(pricing["amount"]) * pricing["quantity"]
        order = self.new_order(
            subscription["_tenant"],
            {
                "billing": subscription["billing"],
                "customer_id": options["customer_id"],
                "is_first": subscription["_orders"] == 0,
                "items": [
                    {
                        "product_id": subscription["product"]["id"],
                        "quantity": pricing["quantity"],
                        "amount": money(amount),
                        "subscription": {"id": subscription["id"]},
                    }
                ],
                "payment": {**options, "method": "directdebit", "type": "mandate",
                            "status": "paid" if paid else "open"},
                "paid_at": created,
            },
            "recurring" if subscription["_orders"] else "checkout",
            created,
            subscription["mode"],
        )  # fmt: skip
        due = date.fromisoformat(schedule["next_at"] or CLOCK.today())
        subscription["_orders"] += 1
        schedule.update(
            latest=schedule["next"],
            latest_at=due.isoformat(),
            last=order["id"],
            last_at=order["created_at"][:10],
            next=(schedule["next"] or 0) + 1,
            next_at=add_interval(due, schedule["interval"]).isoformat(),
        )
        if schedule["remaining"]:
            schedule["remaining"] -= 1
        self.book.put("subscriptions", subscription)
        return order
