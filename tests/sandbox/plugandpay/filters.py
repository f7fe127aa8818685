"""Filters of the lists; several values come with commas, unknown names are ignored."""

from .shapes import invalid, moment_of


def truth(value):
    """A boolean of the query.

    >>> truth("1"), truth("true"), truth("0")
    (True, True, False)
    """
    return str(value).lower() in ("1", "true", "yes")


def _many(value):
    return value.split(",")


def _contact(record):
    return record["billing"]["contact"]


def _searched(record, words):
    contact = _contact(record)
    places = [str(record["id"]), record.get("invoice_number"), record.get("reference")]
    places += [contact.get(name) for name in ("company", "email", "firstname",
                                              "lastname")]  # fmt: skip
    places += record.get("tags") or []
    text = " ".join(str(place or "") for place in places).lower().replace("-", " ")
    return all(word in text for word in words.lower().replace("-", " ").split())


def _products(order):
    return {str(item["product_id"]) for item in order["items"]}


def _has_item(order, kind):
    return any(item["type"] == kind for item in order["items"])


def _paid_at(order):
    return order["payment"]["paid_at"] or ""


def _invoiced(order):
    return order.get("_invoice_date") or ""


def _subscriptions(order):
    return {str((item.get("subscription") or {}).get("id")) for item in order["items"]}


def _contract_type(order):
    one_off = _subscriptions(order) == {"None"}
    return "one_off" if one_off else "subscription"


def _codes(order):
    return {discount["code"] for discount in order["total_discounts"]}


ORDERS = {
    "affiliate_id": lambda o, v: str(o.get("_affiliate_id")) in _many(v),
    "checkout_id": lambda o, v: str(o.get("_checkout_id")) in _many(v),
    "contract_id": lambda o, v: bool(_subscriptions(o) & set(_many(v))),
    "contract_type": lambda o, v: _contract_type(o) in _many(v),
    "country": lambda o, v: o["billing"]["address"]["country"] in _many(v),
    "discount_code": lambda o, v: bool(_codes(o) & set(_many(v))),
    "email": lambda o, v: (_contact(o)["email"] or "").lower() == v.lower(),
    "has_bump": lambda o, v: _has_item(o, "order-bump") == truth(v),
    "has_tax": lambda o, v: (o["amount"] != o["amount_with_tax"]) == truth(v),
    "invoice_status": lambda o, v: o["invoice_status"] in _many(v),
    "is_first": lambda o, v: o["is_first"] == truth(v),
    "is_hidden": lambda o, v: o["is_hidden"] == truth(v),
    "is_upsell": lambda o, v: _has_item(o, "upsell") == truth(v),
    "mode": lambda o, v: o["mode"] in _many(v),
    "payment_status": lambda o, v: o["payment"]["status"] in _many(v),
    "product_id": lambda o, v: bool(_products(o) & set(_many(v))),
    "product_group": lambda o, v: o["product_group"] in _many(v),
    "product_tag": lambda o, v: bool(set(o.get("_product_tags", [])) & set(_many(v))),
    "q": _searched,
    "since_invoice_date": lambda o, v: _invoiced(o) >= v[:10],
    "until_invoice_date": lambda o, v: "" < _invoiced(o) <= v[:10],
    "since_paid_at": lambda o, v: _paid_at(o) >= moment_of(v),
    "until_paid_at": lambda o, v: "" < _paid_at(o) <= moment_of(v),
    "source": lambda o, v: o["source"] in _many(v),
}
SUBSCRIPTIONS = {
    "billing_schedule_interval": lambda s, v: _schedule(s, "interval") in _many(v),
    "billing_schedule_latest_at": lambda s, v: _schedule(s, "latest_at") == v[:10],
    "billing_schedule_next_at": lambda s, v: _schedule(s, "next_at") == v[:10],
    "country": lambda s, v: s["billing"]["address"]["country"] in _many(v),
    "has_orders": lambda s, v: bool(s.get("_orders")) == truth(v),
    "is_trial": lambda s, v: s["trial"]["is_active"] == truth(v),
    "is_first": lambda s, v: (s.get("_orders", 0) <= 1) == truth(v),
    "mode": lambda s, v: s["mode"] in _many(v),
    "product_id": lambda s, v: str(s["product"]["id"]) in _many(v),
    "q": _searched,
    "since_created_at": lambda s, v: s["created_at"] >= moment_of(v),
    "until_created_at": lambda s, v: s["created_at"] <= moment_of(v),
    "status": lambda s, v: s["status"] in _many(v),
    "tag": lambda s, v: bool(set(s["tags"]) & set(_many(v))),
    "type": lambda s, v: s["product"]["type"] in _many(v),
}
PRODUCTS = {
    "has_limited_stock": lambda p, v: p["stock"]["is_enabled"] == truth(v),
    "q": lambda p, v: v.lower().replace("-", " ") in p["title"].lower(),
    "tag": lambda p, v: bool(set(p.get("_tags", [])) & set(_many(v))),
    "type": lambda p, v: p["type"] in _many(v),
    "product_ids": lambda p, v: str(p["id"]) in _many(v),
}
RULES = {
    "driver": lambda r, v: r["driver"] in _many(v),
    "group": lambda r, v: r["trigger_type"].split("_")[0] in [
        "order" if group == "product" else group for group in _many(v)
    ],
    "product_id": lambda r, v: bool(
        set(_many(v))
        & {str(key) for key in (r["condition_data"] or {}).get("product_id", [])}
    ),
}  # fmt: skip
ORDER_SORTS = {
    "paid_at": _paid_at,
    "invoice_number": lambda order: order["invoice_number"] or "",
    "invoice_date": _invoiced,
}


def _schedule(record, name):
    return record["billing"]["schedule"][name]


def select(records, args, table):
    """Records that pass every filter of the query; soft-deleted ones only on demand."""
    deleted = truth(args.get("is_deleted", "0"))
    found = [record for record in records if bool(record["deleted_at"]) == deleted]
    for name, test in table.items():
        value = args.get(name)
        if value in (None, ""):
            continue
        try:
            found = [record for record in found if test(record, value)]
        except ValueError:
            words = f"The {name.replace('_', ' ')} field is not valid."
            raise invalid({name: [words]}) from None
    return found


def ordered(records, args):
    """Orders as ``sort`` and ``direction`` say; newest first by default."""
    sort = args.get("sort")
    if sort and sort not in ORDER_SORTS:
        raise invalid({"sort": ["The selected sort is invalid."]})
    backwards = args.get("direction", "desc") == "desc"
    key = ORDER_SORTS[sort] if sort else (lambda record: record["id"])
    return sorted(records, key=key, reverse=backwards)
