"""How stored records look in an answer: base fields, and includes only when asked."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from ..clock import CLOCK
from ..service import Refusal

CENT = Decimal("0.01")
ORDER_FIELDS = (
    "id", "amount", "amount_with_tax", "created_at", "updated_at", "deleted_at",
    "customer_id", "invoice_number", "invoice_status", "is_first", "is_hidden", "mode",
    "reference", "source", "product_group",
)  # fmt: skip
ORDER_INCLUDES = {
    "billing": "billing", "comments": "comments", "discounts": "total_discounts",
    "items": "items", "payment": "payment", "tags": "tags", "taxes": "taxes",
    "products": "products", "subscriptions": "", "shipping": "shipping", "utm": "utm",
}  # fmt: skip
SUBSCRIPTION_FIELDS = ("id", "status", "mode", "source", "created_at", "updated_at",
                       "cancelled_at", "deleted_at")  # fmt: skip
SUBSCRIPTION_INCLUDES = {
    name: name for name in ("billing", "meta", "pricing", "product", "tags", "trial")
}
PRODUCT_FIELDS = (
    "id", "title", "public_title", "description", "sku", "slug", "ledger",
    "is_physical", "stock", "type", "created_at", "updated_at", "deleted_at",
)  # fmt: skip
PRODUCT_INCLUDES = {
    name: name for name in ("pricing", "shipping", "tax", "tax_rates", "trial")
}
RULE_FIELDS = (
    "id", "name", "trigger_type", "condition_data", "action_type", "action_data",
    "driver", "readonly", "created_at", "updated_at", "deleted_at",
)  # fmt: skip


def stamp(moment=None):
    """A moment as the vendor writes it: ``2019-01-16T00:00:00.000000Z``."""
    return (moment or CLOCK.now()).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(value):
    """A date or moment of a scene or filter as text that can be compared.

    >>> moment_of("2026-01-31"), moment_of("2026-01-31 10:00:00")
    ('2026-01-31T00:00:00.000000Z', '2026-01-31T10:00:00.000000Z')
    """
    return stamp(datetime.fromisoformat(value.replace("Z", "")))


def money(value):
    """A decimal string with two decimals.

    >>> money("75"), money(Decimal("10.005"))
    ('75.00', '10.01')
    """
    return str(Decimal(str(value)).quantize(CENT, rounding=ROUND_HALF_UP))


def with_tax(amount, percentage):
    """:rtype: str

    >>> with_tax("75.00", "21.0")
    '90.75'
    """
    return money(Decimal(str(amount)) * (1 + Decimal(str(percentage)) / 100))


def without_tax(amount, percentage):
    """:rtype: str

    >>> without_tax("90.75", "21.0")
    '75.00'
    """
    return money(Decimal(str(amount)) / (1 + Decimal(str(percentage)) / 100))


def asked_includes(request, known):
    """Names in ``include``.

    :raises Refusal: 400 on a name that is not known
    """
    asked = [name for name in request.args.get("include", "").split(",") if name]
    wrong = [name for name in asked if name not in known]
    if wrong:
        words = (
            f"Requested include(s) `{', '.join(wrong)}` are not allowed. "
            f"Allowed include(s) are `{', '.join(known)}`."
        )
        raise Refusal(400, {"message": words})
    return asked


def order(record, includes=()):
    shown = _with_includes(record, ORDER_FIELDS, ORDER_INCLUDES, includes)
    if "items" in shown and "subscriptions" not in includes:
        shown["items"] = [
            {name: value for name, value in item.items() if name != "subscription"}
            for item in shown["items"]
        ]
    return shown


def subscription(record, includes=()):
    return _with_includes(record, SUBSCRIPTION_FIELDS, SUBSCRIPTION_INCLUDES, includes)


def product(record, includes=()):
    return _with_includes(record, PRODUCT_FIELDS, PRODUCT_INCLUDES, includes)


def rule(record, _includes=()):
    return {name: record.get(name) for name in RULE_FIELDS}


def _with_includes(record, fields, known, includes):
    shown = {name: record.get(name) for name in fields}
    for name in includes:
        if known[name]:
            shown[known[name]] = record.get(known[name])
    return shown


def page(records, request, url, serialize):
    """One page of a list in the vendor's (Laravel's) envelope.

    :param list records: all that match, in order
    :param callable serialize: record → JSON
    """
    number = max(1, _whole(request, "page", 1))
    limit = min(100, max(1, _whole(request, "limit", 25)))
    last = max(1, -(-len(records) // limit))
    start = (number - 1) * limit
    part = records[start : start + limit]

    def link(target):
        return f"{url}?page={target}" if 1 <= target <= last else None

    return {
        "data": [serialize(record) for record in part],
        "links": {"first": link(1), "last": link(last), "prev": link(number - 1),
                  "next": link(number + 1)},
        "meta": {
            "current_page": number,
            "from": start + 1 if part else None,
            "last_page": last,
            "path": url,
            "per_page": limit,
            "to": start + len(part) if part else None,
            "total": len(records),
        },
    }  # fmt: skip


def _whole(request, name, default):
    value = request.args.get(name, default)
    try:
        return int(value)
    except ValueError:
        words = f"The {name} field must be an integer."
        raise invalid({name: [words]}) from None


def invalid(errors):
    """A 422 as Laravel answers it.

    :param dict errors: dotted field → list of sentences
    :rtype: Refusal
    """
    sentences = [text for texts in errors.values() for text in texts]
    message = sentences[0]
    if len(sentences) > 1:
        more = len(sentences) - 1
        message += f" (and {more} more error{'s' if more > 1 else ''})"
    return Refusal(422, {"message": message, "errors": errors})
