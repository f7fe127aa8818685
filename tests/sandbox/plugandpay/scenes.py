"""The account of the first day, the scenes that control can set, and the page."""

import secrets

from ..service import Refusal
from . import shapes
from .shapes import moment_of, money, stamp, without_tax

TENANT = 101
TENANTS = ((TENANT, "Sandbox club"), (102, "Sandbox publisher"))
PERSONAL_TOKEN = "pnp-sandbox-token"
SECOND_TOKEN = "pnp-sandbox-token-102"
RATES = ((1, "NL", "21.0"), (2, "NL", "9.0"), (3, "NL", "0.0"), (4, "BE", "21.0"),
         (5, "DE", "19.0"))  # fmt: skip
SHOWN = 100


class Scenes:
    """Part of the service; needs ``book``, ``shop``, ``oauth`` and ``limits``."""

    def seed(self):
        self.limits.clear()
        self.oauth.seed()
        self.oauth.register({"client_id": "7", "client_secret": "sandbox-secret"})
        self.book.set_setting("jwt_key", secrets.token_hex(16))
        for key, country, percentage in RATES:
            rate = {"id": key, "country": country, "percentage": percentage}
            self.book.put("tax_rates", rate)
        self.scene_tenants([{"id": key, "name": name} for key, name in TENANTS])
        self.oauth.personal_token(PERSONAL_TOKEN, TENANT)
        self.oauth.personal_token(SECOND_TOKEN, TENANTS[1][0])

    # === SCENES: `tenant_id` is the first tenant unless said otherwise === #

    @property
    def scene_oauth(self):
        return self.oauth.scene

    def scene_tenants(self, values):
        for item in values:
            self.book.put("tenants", {"id": item["id"], "name": item["name"]})
        return [item["id"] for item in values]

    def scene_tokens(self, values):
        """Personal tokens, each ``{"token", "tenant_id"?}``."""
        for item in values:
            self.oauth.personal_token(item["token"], item.get("tenant_id", TENANT))
        return [item["token"] for item in values]

    def scene_products(self, values):
        """Each ``{"title", "amount" or "amount_with_tax", "interval"?, "rate_id"?,
        "sku"?, "tags"?, "description"?, "tenant_id"?}``. :return: their ids
        """
        return [self._product(item)["id"] for item in values]

    def _product(self, values):
        rate_id = values.get("rate_id", 1)
        amount = values.get("amount")
        if amount is None:
            percentage = self.book.get("tax_rates", rate_id)["percentage"]
            amount = without_tax(values["amount_with_tax"], percentage)
        interval = values.get("interval")
        data = {
            **values,
            "type": values.get("type") or ("subscription" if interval else "one_off"),
            "pricing": {
                "prices": [{"interval": interval, "regular": {"amount": amount}}]
            },
            "tax": {"rate": {"id": rate_id}},
        }
        record = self.shop.product(values.get("tenant_id", TENANT), data)
        if values.get("tags"):
            record["_tags"] = values["tags"]
            self.book.put("products", record)
        return record

    def scene_contacts(self, values):
        """People, named by their address in later scenes: ``{"email", "firstname",
        "lastname", "company"?, "street"?, "housenumber"?, "zipcode"?, "city"?,
        "country"?, "telephone"?}``.
        """
        for item in values:
            self.book.put("_contact", item, item["email"])
        return [item["email"] for item in values]

    def _billing(self, values):
        """Billing of a scene: a known address, or the contact's own fields."""
        given = values["contact"]
        contact = given if isinstance(given, dict) else self.book.get("_contact", given)
        if contact is None:
            raise Refusal(400, {"error": f"no contact {given!r}"})
        return {"address": contact, "contact": contact}

    def _product_id(self, values):
        """A product of a scene, by its id or title."""
        given = values["product"]
        tenant = values.get("tenant_id", TENANT)
        if isinstance(given, int):
            return given
        found = self.book.first("products", title=given, _tenant=tenant)
        if found is None:
            raise Refusal(400, {"error": f"no product {given!r}"})
        return found["id"]

    def scene_subscriptions(self, values):
        """Each ``{"contact", "product", "status"? (active), "created_at"?, "next_at"?,
        "interval"?, "termination_at"?, "amount"? or "amount_with_tax"?, "quantity"?,
        "mode"?, "tags"?, "iban"?, "mandate_id"?, "orders"?, "tenant_id"?}``; ``orders``
        makes that many paid orders of the past. :return: their ids
        """
        return [self._subscription(item)["id"] for item in values]

    def _subscription(self, values):
        product_id = self._product_id(values)
        rate = self.book.get("products", product_id)["_rate"]
        amount = values.get("amount")
        if amount is None and values.get("amount_with_tax") is not None:
            percentage = self.book.get("tax_rates", rate)["percentage"]
            amount = without_tax(values["amount_with_tax"], percentage)
        created = moment_of(values["created_at"]) if "created_at" in values else stamp()
        names = ("interval", "termination_at", "remaining")
        data = {
            "product_id": product_id,
            "billing": {
                **self._billing(values),
                "schedule": {name: values[name] for name in names if name in values},
                "payment_options": values,
            },
            "pricing": {"amount": amount, "quantity": values.get("quantity")},
            "tags": values.get("tags"),
            "trial": values.get("trial"),
        }
        made = self.shop.new_subscription(
            values.get("tenant_id", TENANT), data, "checkout", created,
            values.get("mode", "live"),
        )  # fmt: skip
        for _turn in range(values.get("orders", 0)):
            due = made["billing"]["schedule"]["next_at"]
            self.shop.renew(made, created=moment_of(due))
        if values.get("next_at"):
            made["billing"]["schedule"]["next_at"] = values["next_at"]
        status = values.get("status", "active")
        cancelled = created if status in ("cancelled", "ended") else None
        made.update(status=status, cancelled_at=cancelled)
        return self.book.put("subscriptions", made)

    def scene_orders(self, values):
        """Each ``{"contact", "product" or "items", "status"? (paid), "created_at"?,
        "paid_at"?, "method"?, "mode"?, "source"?, "subscription"?, "tags"?,
        "amount"?, "tenant_id"?}``. :return: their ids
        """
        return [self._order(item)["id"] for item in values]

    def _order(self, values):
        items = values.get("items")
        if items is None:
            item = {"product_id": self._product_id(values)}
            for name in ("amount", "amount_with_tax"):
                if values.get(name) is not None:
                    item[name] = money(values[name])
            item["quantity"] = values.get("quantity", 1)
            if values.get("subscription"):
                item["subscription"] = {"id": values["subscription"]}
            items = [item]
        created = moment_of(values["created_at"]) if "created_at" in values else stamp()
        paid_at = moment_of(values["paid_at"]) if "paid_at" in values else created
        data = {
            **values,
            "billing": self._billing(values),
            "items": items,
            "paid_at": paid_at,
            "payment": {"status": values.get("status", "paid"),
                        "method": values.get("method", "ideal")},
        }  # fmt: skip
        return self.shop.new_order(
            values.get("tenant_id", TENANT), data, values.get("source", "checkout"),
            created, values.get("mode", "live"),
        )  # fmt: skip

    def scene_renew(self, values):
        """The next order of each: an id, or ``{"id", "paid"?, "created_at"?}``."""
        made = []
        for item in values:
            given = item if isinstance(item, dict) else {"id": item}
            subscription = self.book.get("subscriptions", given["id"])
            if subscription is None or subscription["status"] != "active":
                raise Refusal(400, {"error": f"no active subscription {given['id']}"})
            created = given.get("created_at")
            order = self.shop.renew(
                subscription,
                given.get("paid", True),
                moment_of(created) if created else None,
            )
            made.append(order["id"])
        return made

    def scene_pay(self, values):
        """``{"order", "status"? (paid)}``, as the customer or the bank does it."""
        order = self.book.get("orders", values["order"])
        if order is None:
            raise Refusal(400, {"error": f"no order {values['order']}"})
        self.shop.set_payment(order, {"status": values.get("status", "paid")})
        return order["payment"]

    def scene_terminate(self, values):
        """A cancellation on the vendor's side: ``{"subscription", "at"}``."""
        subscription = self.book.get("subscriptions", values["subscription"])
        if subscription is None:
            raise Refusal(400, {"error": f"no subscription {values['subscription']}"})
        data = {"billing": {"schedule": {"termination_at": values["at"]}}}
        return shapes.subscription(self.shop.change_subscription(subscription, data))

    # === PAGE === #

    def page_context(self):
        self.tick()
        orders = self.book.all("orders", newest_first=True)
        subscriptions = self.book.all("subscriptions", newest_first=True)
        return {
            "tenants": self.book.all("tenants"),
            "orders": orders,
            "subscriptions": subscriptions,
            "products": self.book.all("products"),
            "rules": [r for r in self.book.all("rules") if not r["deleted_at"]],
            "shown": SHOWN,
        }

    def page_action(self, action, form):
        if action == "pay":
            self.scene_pay({"order": form.get("id")})
        elif action == "renew":
            self.scene_renew([{"id": form.get("id")}])
        elif action == "terminate":
            self.scene_terminate({"subscription": form.get("id"), "at": form.get("at")})
        else:
            raise Refusal(404, f"no action {action}")
