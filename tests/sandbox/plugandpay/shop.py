"""The vendor's shop: orders, subscriptions, products, and what they set off.

Records are objects in the book with the tenant in ``_tenant``; keys that start with an
underscore are never answered.
"""

import uuid
from decimal import Decimal

from . import shapes
from .catalogue import DEFAULT_RATE, Catalogue
from .contracts import Contracts
from .shapes import money, stamp, with_tax, without_tax

ADDRESS = ("street", "housenumber", "zipcode", "city", "country")
CONTACT = ("company", "email", "firstname", "lastname", "invoice_email", "tax_exempt",
           "telephone", "website", "vat_id_number")  # fmt: skip


class Shop(Contracts, Catalogue):
    """One book's shops, one per tenant.

    :param Book book: where everything is kept
    :param callable fire: called with (trigger type, record, kind) for the rules
    :param callable url: path → absolute address
    """

    def __init__(self, book, fire, url):
        self.book = book
        self.fire = fire
        self.url = url

    # === PARTS === #

    def billing(self, given, start=None):
        """Address and contact with all their keys."""
        start = start or {"address": {}, "contact": {}}
        address = {**start["address"], **(given.get("address") or {})}
        contact = {**start["contact"], **(given.get("contact") or {})}
        contact["tax_exempt"] = contact.get("tax_exempt") or "none"
        address["country"] = address.get("country") or "NL"
        return {
            "address": {name: address.get(name) for name in ADDRESS},
            "contact": {name: contact.get(name) for name in CONTACT},
        }

    def tax(self, amount, rate_id):
        rate = self.book.get("tax_rates", rate_id or DEFAULT_RATE)
        total = with_tax(amount, rate["percentage"])
        share = money(Decimal(total) - Decimal(money(amount)))
        shown = {name: rate[name] for name in ("id", "country", "percentage")}
        return {"amount": share, "amount_with_tax": total, "rate": shown}

    def item(self, given):
        """An order's line; amounts are the line's, not those of one piece."""
        product = self.book.get("products", given.get("product_id")) or {}
        rate = ((given.get("tax") or {}).get("rate") or {}).get("id")
        rate = rate or product.get("_rate") or DEFAULT_RATE
        percentage = self.book.get("tax_rates", rate)["percentage"]
        quantity = int(given.get("quantity") or 1)
        if given.get("amount") is not None:
            amount = money(given["amount"])
        elif given.get("amount_with_tax") is not None:
            amount = without_tax(given["amount_with_tax"], percentage)
        else:
            amount = money(Decimal(product["_amount"]) * quantity)
        tax = self.tax(amount, rate)
        return {
            "id": self.book.number("item", 5001),
            "product_id": product.get("id"),
            "label": given.get("label") or product.get("title"),
            "quantity": quantity,
            "amount": amount,
            "amount_with_tax": given.get("amount_with_tax") or tax["amount_with_tax"],
            "type": given.get("type") or "standard",
            "discounts": given.get("discounts") or [],
            "tax": tax,
            "subscription": given.get("subscription"),
        }

    # === ORDERS === #

    def new_order(self, tenant, data, source="api", created=None, mode="live"):
        """An order from the fields of a request or a scene."""
        created = created or stamp()
        items = [self.item(item) for item in data["items"]]
        number = self.book.number("order", 1001)
        found = [self.book.get("products", item["product_id"]) for item in items]
        products = [one for one in found if one]
        order = {
            "id": number,
            "_tenant": tenant,
            "_invoice_date": None,
            "_product_tags": [tag for one in products if one for tag in one["_tags"]],
            "amount": money(sum(Decimal(item["amount"]) for item in items)),
            "amount_with_tax": money(
                sum(Decimal(item["amount_with_tax"]) for item in items)
            ),
            "created_at": created,
            "updated_at": created,
            "deleted_at": None,
            "customer_id": data.get("customer_id"),
            "invoice_number": None,
            "invoice_status": "concept",
            "is_first": bool(data.get("is_first", True)),
            "is_hidden": bool(data.get("is_hidden", False)),
            "mode": mode,
            "reference": str(uuid.uuid4()),
            "source": source,
            "product_group": data.get("product_group"),
            "billing": self.billing(data["billing"]),
            "comments": [self.comment(text) for text in data.get("comments") or []],
            "items": items,
            "tags": data.get("tags") or [],
            "taxes": [item["tax"] for item in items],
            "total_discounts": data.get("discounts") or [],
            "products": [shapes.product(one) for one in products],
            "shipping": data.get("shipping"),
            "utm": data.get("utm"),
        }
        order["payment"] = self.new_payment(order, data.get("payment") or {})
        self.book.put("orders", order)
        wanted = (data.get("payment") or {}).get("status", "open")
        if wanted != "open":
            self.set_payment(order, {"status": wanted}, data.get("paid_at"))
        return order

    def comment(self, given):
        text = given["value"] if isinstance(given, dict) else given
        now = stamp()
        return {"id": self.book.number("comment"), "value": text, "created_at": now,
                "updated_at": now}  # fmt: skip

    def new_payment(self, order, given):
        return {
            "order_id": order["id"],
            "status": "open",
            "method": given.get("method"),
            "type": given.get("type") or "mail",
            "provider": given.get("provider") or "mollie",
            "customer_id": given.get("customer_id"),
            "mandate_id": given.get("mandate_id"),
            "transaction_id": given.get("transaction_id"),
            "paid_at": None,
            "url": self.url(f"/pay/{order['reference']}"),
        }

    def set_payment(self, order, given, paid_at=None):
        """Change type and status; a first payment makes the invoice final."""
        payment = order["payment"]
        before = payment["status"]
        for name in ("type", "status", "method"):
            if given.get(name):
                payment[name] = given[name]
        order["updated_at"] = stamp()
        newly_paid = payment["status"] == "paid" and before != "paid"
        if newly_paid:
            payment["paid_at"] = paid_at or stamp()
            payment["method"] = payment["method"] or "ideal"
            payment["transaction_id"] = (
                payment["transaction_id"] or f"tr_{uuid.uuid4().hex[:10]}"
            )
            self.make_invoice(order)
        self.book.put("orders", order)
        if newly_paid:
            self.fire("order_paid", order, "order")
        return order

    def make_invoice(self, order):
        """Give the order its invoice number, once."""
        if order["invoice_number"]:
            return
        day = (order["payment"]["paid_at"] or order["created_at"])[:10]
        number = self.book.number(f"invoice-{order['_tenant']}-{day[:4]}", 1)
        ending = "-T" if order["mode"] == "test" else ""
        order.update(
            invoice_number=f"{day[:4]}{number:04d}{ending}",
            invoice_status="final",
            _invoice_date=day,
        )
        self.book.put("orders", order)
        self.fire("order_invoice_created", order, "order")

    def change_order(self, order, data):
        """The parts of an order that may be changed afterwards."""
        if data.get("billing"):
            order["billing"] = self.billing(data["billing"], order["billing"])
        if "comments" in data:
            order["comments"] = [self.comment(text) for text in data["comments"]]
        for name in ("tags", "is_hidden", "product_group"):
            if name in data:
                order[name] = data[name]
        order["updated_at"] = stamp()
        if data.get("payment"):
            self.set_payment(order, data["payment"])
        return self.book.put("orders", order)

    def delete(self, kind, record):
        """Soft delete; a deleted subscription is cancelled as well."""
        record.update(deleted_at=stamp(), updated_at=stamp())
        if kind == "subscriptions" and record["status"] == "active":
            record.update(status="cancelled", cancelled_at=stamp())
        return self.book.put(kind, record)
