"""Reading Plug&Pay's records: from their JSON to our values.

Only what the product uses is read, amounts become :class:`~decimal.Decimal`
and dates become dates. A record that lacks what is needed raises ``KeyError``,
``TypeError`` or ``ValueError``; the caller keeps that one record back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .schedule import Interval

_INTERVALS = {
    "monthly": Interval(1, "month"),
    "quarterly": Interval(1, "quarter"),
    "yearly": Interval(1, "year"),
}


@dataclass(frozen=True)
class Contact:
    """Who the record is about; empty strings for what is not known."""

    name: str
    email: str
    company: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True)
class OutsideSubscription:
    """A subscription that Plug&Pay bills."""

    ref: str
    status: str
    contact: Contact
    product_ref: str
    product_name: str
    interval: Interval
    amount_untaxed: Decimal
    amount_total: Decimal
    date_start: date
    date_next: date | None
    date_end: date | None
    method: str

    @property
    def runs_on(self) -> bool:
        """Cancelled there, but not over yet."""
        return self.status == "cancelled" and self.date_end is not None


@dataclass(frozen=True)
class OutsideLine:
    """A line of an outside invoice."""

    name: str
    quantity: Decimal
    amount_untaxed: Decimal
    amount_total: Decimal
    #: None where the service names no rate
    tax_percent: Decimal | None = None
    tax_country: str = ""


@dataclass(frozen=True)
class OutsideOrder:
    """An order of Plug&Pay with the invoice it carries."""

    ref: str
    number: str
    is_final: bool
    created: datetime
    contact: Contact
    amount_untaxed: Decimal
    amount_total: Decimal
    payment_state: str
    payment_method: str
    url: str
    subscription_ref: str
    lines: tuple[OutsideLine, ...]


def amount(value: Any) -> Decimal:
    """Read a decimal string.

    >>> amount("75.00")
    Decimal('75.00')

    :raises ValueError: when it is none
    """
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error


def price_of_one(total: float | str, quantity: int) -> Decimal:
    """Return the price of one piece in cents that makes the total.

    >>> price_of_one(20.0, 1), price_of_one(25.0, 2)
    (Decimal('20.00'), Decimal('12.50'))

    :raises ValueError: when no price to the cent makes it
    """
    whole = Decimal(str(total)).quantize(Decimal("0.01"))
    price = (whole / quantity).quantize(Decimal("0.01"))
    if price * quantity != whole:
        raise ValueError("the total is no multiple of the quantity to the cent")
    return price


def moment(value: str) -> datetime:
    """Read a timestamp as UTC without zone, the way Odoo keeps it.

    >>> moment("2019-01-16T00:00:00.000000Z")
    datetime.datetime(2019, 1, 16, 0, 0)
    """
    return datetime.fromisoformat(value[:19])


def day(value: str | None) -> date | None:
    """Read the day of a date or timestamp, None for nothing.

    >>> day("2026-03-01")
    datetime.date(2026, 3, 1)
    """
    return date.fromisoformat(value[:10]) if value else None


def parse_contact(billing: Mapping[str, Any]) -> Contact:
    """Read name and address from an order's or subscription's ``billing``."""
    contact = billing.get("contact") or {}
    address = billing.get("address") or {}
    names = (contact.get("firstname"), contact.get("lastname"))
    name = " ".join(part.strip() for part in names if part and part.strip())
    street = (address.get("street"), address.get("housenumber"))
    email = (contact.get("email") or "").strip().lower()
    return Contact(
        name=name or contact.get("company") or email,
        email=email,
        company=contact.get("company") or "",
        street=" ".join(str(part) for part in street if part),
        zip=address.get("zipcode") or "",
        city=address.get("city") or "",
        country=(address.get("country") or "").upper(),
        phone=contact.get("telephone") or "",
    )


def parse_subscription(row: Mapping[str, Any]) -> OutsideSubscription:
    """Read a subscription with its includes billing, pricing and product."""
    billing = row["billing"]
    schedule = billing.get("schedule") or {}
    pricing = row["pricing"]
    product = row.get("product") or {}
    interval = _INTERVALS[schedule.get("interval") or "monthly"]
    quantity = int(pricing.get("quantity") or 1)
    start = day(row["created_at"])
    if start is None:
        raise ValueError("a subscription without a day of creation")
    return OutsideSubscription(
        ref=str(row["id"]),
        status=row["status"],
        contact=parse_contact(billing),
        product_ref=str(product.get("id") or row["id"]),
        product_name=product.get("public_title") or product.get("title") or "Plug&Pay",
        interval=interval,
        amount_untaxed=amount(pricing["amount"]) * quantity,
        amount_total=amount(pricing["amount_with_tax"]) * quantity,
        date_start=start,
        date_next=day(schedule.get("next_at")),
        date_end=day(schedule.get("termination_at")),
        method=_method(billing.get("payment_options") or {}),
    )


def _method(options: Mapping[str, Any]) -> str:
    """Name the method by its last four digits only.

    >>> _method({"type": "mandate", "iban": "NL91ABNA0417164300"})
    '•••• 4300'
    """
    iban = str(options.get("iban") or "").replace(" ", "")
    return f"•••• {iban[-4:]}" if iban else ""


def parse_order(row: Mapping[str, Any]) -> OutsideOrder:
    """Read an order with its includes billing, items and payment."""
    payment = row.get("payment") or {}
    items = row.get("items") or []
    subscriptions = [
        str(item["subscription"]["id"])
        for item in items
        if (item.get("subscription") or {}).get("id")
    ]
    return OutsideOrder(
        ref=str(row["id"]),
        number=row.get("invoice_number") or "",
        is_final=row.get("invoice_status") == "final",
        created=moment(row["created_at"]),
        contact=parse_contact(row["billing"]),
        amount_untaxed=amount(row["amount"]),
        amount_total=amount(row["amount_with_tax"]),
        payment_state=payment.get("status") or "open",
        payment_method=payment.get("method") or "",
        url=payment.get("url") or "",
        subscription_ref=subscriptions[0] if subscriptions else "",
        lines=tuple(
            OutsideLine(
                name=item.get("label") or "",
                quantity=amount(item.get("quantity") or 1),
                amount_untaxed=amount(item["amount"]),
                amount_total=amount(item["amount_with_tax"]),
                tax_percent=_percent(item),
                tax_country=str(_rate(item).get("country") or "").upper(),
            )
            for item in items
        ),
    )


def _rate(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return (item.get("tax") or {}).get("rate") or {}


def _percent(item: Mapping[str, Any]) -> Decimal | None:
    """Read the rate of a line.

    >>> _percent({"tax": {"rate": {"percentage": "21.0"}}})
    Decimal('21.0')
    >>> _percent({}) is None
    True
    """
    value = _rate(item).get("percentage")
    return None if value is None else amount(value)
