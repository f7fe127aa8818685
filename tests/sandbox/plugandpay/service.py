"""Plug&Pay: orders and subscriptions of web shops, several tenants in one account.

``/oauth/authorize`` belongs to the vendor's admin host, the rest to its API; one prefix
serves both. Scenes: ``scenes.py``.
"""

import json
import re
from urllib.parse import urlencode

from werkzeug import Response
from werkzeug.utils import redirect

from ..clock import CLOCK
from ..limits import Limits
from ..service import Refusal, Service
from ..webhooks import enqueue
from . import checks, filters, shapes
from .auth import TenantOAuth
from .scenes import Scenes
from .shop import Shop

OPEN_PATHS = ("/oauth/", "/pay/")
KINDS = {
    "orders": (shapes.order, shapes.ORDER_INCLUDES, filters.ORDERS),
    "subscriptions": (
        shapes.subscription, shapes.SUBSCRIPTION_INCLUDES, filters.SUBSCRIPTIONS,
    ),
    "products": (shapes.product, shapes.PRODUCT_INCLUDES, filters.PRODUCTS),
    "rules": (shapes.rule, {}, filters.RULES),
}  # fmt: skip
ANY = "<any(orders, subscriptions, products, rules):kind>"


class PlugAndPay(Scenes, Service):
    """Routes of the vendor's API."""

    name = "plugandpay"
    title = "Plug&Pay"
    colour = "#5b3df5"

    def __init__(self, book, sandbox):
        self.oauth = TenantOAuth(self)
        self.limits = Limits(book)
        self.shop = Shop(book, self.fire, self.url)
        self._day_done = None
        super().__init__(book, sandbox)

    def routes(self):
        return [
            ("GET POST", "/oauth/authorize", self.oauth.authorize),
            ("POST", "/oauth/token", self.oauth.token),
            ("POST", "/v2/auth/oauth/revoke", self.revoke),
            ("GET", "/v2/auth/tenants/me", self.tenant_me),
            ("GET", f"/v2/{ANY}", self.records),
            ("GET", f"/v2/{ANY}/<int:key>", self.record),
            ("DELETE", f"/v2/{ANY}/<int:key>", self.delete),
            ("POST", "/v2/orders", self.order_create),
            ("PATCH", "/v2/orders/<int:key>", self.order_change),
            ("GET", "/v2/orders/<int:key>/payment", self.payment),
            ("PATCH", "/v2/orders/<int:key>/payment", self.payment_change),
            ("POST", "/v2/subscriptions", self.subscription_create),
            ("PATCH", "/v2/subscriptions/<int:key>", self.subscription_change),
            ("POST", "/v2/products", self.product_create),
            ("PATCH", "/v2/products/<int:key>", self.product_change),
            ("POST", "/v2/rules", self.rule_create),
            ("PATCH", "/v2/rules/<int:key>", self.rule_change),
            ("DELETE", "/v2/rules", self.rules_delete),
            ("GET", "/v2/tax-rates", self.tax_rates),
            ("GET", "/v2/checkouts", self.checkouts),
            ("PUT", "/v2/portal/settings", self.portal_settings),
            ("GET POST", "/pay/<reference>", self.pay_page),
        ]

    # === AROUND EVERY REQUEST === #

    def before(self, request):
        """User-Agent where that is switched on, token, limit of the tenant."""
        self.tick()
        if request.path.startswith(OPEN_PATHS):
            return
        wanted = self.book.setting("user_agent")
        if wanted and request.headers.get("User-Agent") != wanted:
            raise Refusal(403, {"message": "Forbidden."})
        token = self.oauth.token_of(request)
        if token is None:
            raise Refusal(401, {"message": "Unauthenticated."})
        wait = self.limits.count(request, token["tenant_id"], per_route=False)
        if wait:
            headers = {"Retry-After": str(wait)}
            raise Refusal(429, {"message": "Too Many Attempts."}, headers)

    def after(self, request, response):
        headers = self.limits.headers(request)
        if response.status_code != 429:
            headers.pop("X-RateLimit-Reset", None)
        response.headers.extend(headers)

    def error_body(self, status, text):
        words = {401: "Unauthenticated.", 429: "Too Many Attempts."}
        return {"message": words.get(status, text)}

    def tick(self):
        """Once a day, cancelled subscriptions whose date has come end."""
        if self._day_done == CLOCK.today():
            return
        with self.book.transaction():
            self.shop.end_what_is_over()
        self._day_done = CLOCK.today()

    def _tenant(self, request):
        return self.oauth.token_of(request)["tenant_id"]

    def _found(self, request, kind, key):
        record = self.book.get(kind, key)
        if (
            record is None
            or record["_tenant"] != self._tenant(request)
            or record["deleted_at"]
        ):
            words = f"No query results for model [{kind[:-1].title()}] {key}"
            raise Refusal(404, {"message": words})
        return record

    def _shown(self, request, kind, record):
        serialize, known, _table = KINDS[kind]
        return {"data": serialize(record, shapes.asked_includes(request, known))}

    # === ACCOUNT === #

    def revoke(self, request):
        self.oauth.revoke(self.oauth.token_of(request)["access_token"])
        return Response(status=204)

    def tenant_me(self, request):
        return {"data": self.book.get("tenants", self._tenant(request))}

    def tax_rates(self, request):
        rates = self.book.all("tax_rates")
        return shapes.page(rates, request, self.url("/v2/tax-rates"), lambda rate: rate)

    def checkouts(self, request):
        own = self.book.all("checkouts", _tenant=self._tenant(request))
        return shapes.page(own, request, self.url("/v2/checkouts"), _public)

    def portal_settings(self, request):
        tenant = self._tenant(request)
        known = self.book.get("portal_settings", tenant) or {}
        settings = {**known, **self.data(request), "id": tenant}
        self.book.put("portal_settings", settings, tenant)
        return {"data": {k: v for k, v in settings.items() if k != "id"}}

    # === ALL KINDS === #

    def records(self, request, kind):
        serialize, known, table = KINDS[kind]
        includes = shapes.asked_includes(request, known)
        own = self.book.all(kind, _tenant=self._tenant(request))
        found = filters.select(own, request.args, table)
        if kind == "orders":
            found = filters.ordered(found, request.args)
        url = self.url(f"/v2/{kind}")
        return shapes.page(
            found, request, url, lambda record: serialize(record, includes)
        )

    def record(self, request, kind, key):
        return self._shown(request, kind, self._found(request, kind, key))

    def delete(self, request, kind, key):
        record = self._found(request, kind, key)
        if kind == "subscriptions":
            self._may_cancel()
        self.shop.delete(kind, record)
        return Response(status=204)

    def _may_cancel(self):
        if self.book.setting("refuse_cancel"):
            raise Refusal(403, {"message": "This action is unauthorized."})

    # === ORDERS === #

    def order_create(self, request):
        data = self.data(request)
        checks.new_order(data, self.book)
        order = self.shop.new_order(self._tenant(request), data)
        return self._shown(request, "orders", order), 201

    def order_change(self, request, key):
        order = self._found(request, "orders", key)
        return self._shown(
            request, "orders", self.shop.change_order(order, self.data(request))
        )

    def payment(self, request, key):
        return {"data": self._found(request, "orders", key)["payment"]}

    def payment_change(self, request, key):
        order = self._found(request, "orders", key)
        data = self.data(request)
        problems = checks.Problems()
        checks.payment(problems, data, "")
        problems.refuse()
        given = {name: data[name] for name in ("type", "status") if name in data}
        return {"data": self.shop.set_payment(order, given)["payment"]}

    def pay_page(self, request, reference):
        """What the customer sees behind the payment link."""
        order = self.book.first("orders", reference=reference)
        if order is None:
            raise Refusal(404, {"message": "Not Found"})
        if request.method == "POST" and order["payment"]["status"] == "open":
            self.shop.set_payment(order, {"status": "paid"})
            return redirect(request.base_url, 303)
        html = self.sandbox.pages.render("pay.html", service=self, order=order)
        return Response(html, mimetype="text/html")

    # === SUBSCRIPTIONS, PRODUCTS === #

    def subscription_create(self, request):
        data = self.data(request)
        checks.new_subscription(data, self.book)
        made = self.shop.new_subscription(self._tenant(request), data)
        return self._shown(request, "subscriptions", made), 201

    def subscription_change(self, request, key):
        subscription = self._found(request, "subscriptions", key)
        data = self.data(request)
        checks.changed_subscription(data)
        if "termination_at" in ((data.get("billing") or {}).get("schedule") or {}):
            self._may_cancel()
        changed = self.shop.change_subscription(subscription, data)
        return self._shown(request, "subscriptions", changed)

    def product_create(self, request):
        data = self.data(request)
        checks.product(data)
        product = self.shop.product(self._tenant(request), data)
        return self._shown(request, "products", product), 201

    def product_change(self, request, key):
        product = self._found(request, "products", key)
        data = self.data(request)
        checks.product(data, new=False)
        changed = self.shop.product(product["_tenant"], data, product)
        return self._shown(request, "products", changed)

    # === RULES === #

    def rule_create(self, request):
        data = self.data(request)
        checks.rule(data)
        now = shapes.stamp()
        rule = {
            "condition_data": {}, "readonly": False, "deleted_at": None,
            **{name: data[name] for name in shapes.RULE_FIELDS if name in data},
            "id": self.book.number("rule", 41), "_tenant": self._tenant(request),
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        return {"data": shapes.rule(self.book.put("rules", rule))}, 201

    def rule_change(self, request, key):
        rule = self._found(request, "rules", key)
        data = self.data(request)
        checks.rule(data, new=False)
        for name in ("name", "trigger_type", "condition_data", "action_data"):
            if name in data:
                rule[name] = data[name]
        rule["updated_at"] = shapes.stamp()
        return {"data": shapes.rule(self.book.put("rules", rule))}

    def rules_delete(self, request):
        keys = self.data(request).get("ids")
        if not isinstance(keys, list) or not keys:
            raise shapes.invalid({"ids": ["The ids field is required."]})
        for key in keys:
            self.shop.delete("rules", self._found(request, "rules", key))
        return Response(status=204)

    def fire(self, trigger, record, kind):
        """Call the rules that wait for this; the body names ids, nothing else."""
        rules = self.book.all("rules", _tenant=record["_tenant"], trigger_type=trigger)
        for rule in rules:
            if rule["deleted_at"] or not _meets(rule["condition_data"] or {}, record):
                continue
            event = {"trigger_type": trigger, "triggerable_id": record["id"],
                     "triggerable_type": kind}  # fmt: skip
            more = {"rule_id": rule["id"], "sent_at": shapes.stamp(),
                    "tenant_id": record["_tenant"]}  # fmt: skip
            url = rule["action_data"]["hook_url"]
            if self.book.setting("webhook_format") == "form":
                body = urlencode({**event, **more})
                mimetype = "application/x-www-form-urlencoded"
            else:
                body = json.dumps({"event": event, **more})
                mimetype = "application/json"
            headers = {"Content-Type": mimetype, "User-Agent": "Plug&Pay"}
            enqueue(self, trigger, url, body, headers)

    def forge_webhook(self, body, secret):
        """About an order that is not there."""
        wrong = re.sub(rb'(triggerable_id"?[:=] ?)\d+', rb"\g<1>999999", body)
        return wrong, secret


def _public(record):
    return {name: value for name, value in record.items() if name[0] != "_"}


def _meets(condition, order):
    """Whether an order fulfils a rule's condition.

    >>> order = {"items": [{"product_id": 1}], "is_first": False}
    >>> _meets({"product_id": [1, 2]}, order), _meets({"is_first": True}, order)
    (True, False)
    """
    wanted = condition.get("product_id")
    if wanted and not {item["product_id"] for item in order["items"]} & set(wanted):
        return False
    first = condition.get("is_first")
    return first is None or first == order["is_first"]


SERVICE = PlugAndPay
