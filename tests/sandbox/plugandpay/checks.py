"""Validation in the vendor's words: every wrong field with its sentence."""

from decimal import Decimal, InvalidOperation

from .shapes import invalid

PAYMENT_STATUSES = ("open", "paid", "processing", "reversed", "credited",
                    "credit_invoice")  # fmt: skip
PAYMENT_TYPES = ("mail", "mandate", "manual", "unknown")
INTERVALS = ("monthly", "quarterly", "yearly")
PRODUCT_TYPES = ("one_off", "subscription", "installments")
CONTACT_REQUIRED = ("email", "firstname", "lastname")
DRIVERS = ("webhook",)


class Problems:
    """Collects sentences per field and refuses once, with all of them."""

    def __init__(self):
        self.errors = {}

    def add(self, field, sentence):
        self.errors.setdefault(field, []).append(sentence)

    def required(self, data, path, *names):
        for name in names:
            if data.get(name) in (None, "", []):
                field = f"{path}{name}"
                self.add(field, f"The {_words(field)} field is required.")

    def choice(self, data, path, name, choices):
        if data.get(name) not in (None, *choices):
            self.add(f"{path}{name}", f"The selected {_words(path + name)} is invalid.")

    def amount(self, data, path, name):
        value = data.get(name)
        if value is None:
            return
        try:
            Decimal(str(value))
        except InvalidOperation:
            self.add(f"{path}{name}", f"The {_words(path + name)} must be a number.")

    def refuse(self):
        """:raises Refusal: 422 when there is any problem"""
        if self.errors:
            raise invalid(self.errors)


def _words(field):
    return field.replace("_", " ")


def _object(data, name):
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def billing(problems, data):
    """Contact of a new order or subscription."""
    contact = _object(_object(data, "billing"), "contact")
    problems.required(contact, "billing.contact.", *CONTACT_REQUIRED)
    email = contact.get("email")
    if email and "@" not in str(email):
        problems.add(
            "billing.contact.email",
            "The billing.contact.email must be a valid email address.",
        )
    choices = ("none", "reverse", "unknown")
    problems.choice(contact, "billing.contact.", "tax_exempt", choices)


def items(problems, data, book):
    """Items of a new order: a product of the tenant or a label, and amounts."""
    given = data.get("items")
    if not isinstance(given, list) or not given:
        problems.add("items", "The items field is required.")
        return
    for place, item in enumerate(given):
        path = f"items.{place}."
        if not item.get("product_id"):
            problems.required(item, path, "label", "amount")
        elif book.get("products", item["product_id"]) is None:
            problems.add(f"{path}product_id", "The selected product is invalid.")
        problems.amount(item, path, "amount")
        problems.amount(item, path, "amount_with_tax")
        rate = _object(_object(item, "tax"), "rate").get("id")
        if rate is not None and book.get("tax_rates", rate) is None:
            problems.add(f"{path}tax.rate.id", "The selected tax rate is invalid.")


def payment(problems, data, path="payment."):
    problems.choice(data, path, "status", PAYMENT_STATUSES)
    problems.choice(data, path, "type", PAYMENT_TYPES)


def new_order(data, book):
    """:raises Refusal: 422"""
    problems = Problems()
    billing(problems, data)
    items(problems, data, book)
    payment(problems, _object(data, "payment"))
    problems.refuse()


def new_subscription(data, book):
    """:raises Refusal: 422"""
    problems = Problems()
    billing(problems, data)
    product = _object(data, "product").get("id") or data.get("product_id")
    if product is None:
        problems.add("product.id", "The product.id field is required.")
    elif book.get("products", product) is None:
        problems.add("product.id", "The selected product.id is invalid.")
    schedule(problems, data)
    problems.refuse()


def schedule(problems, data):
    given = _object(_object(data, "billing"), "schedule")
    problems.choice(given, "billing.schedule.", "interval", INTERVALS)
    for name in ("next_at", "termination_at"):
        value = given.get(name)
        if value is not None and not _is_date(value):
            field = f"billing.schedule.{name}"
            problems.add(field, f"The {_words(field)} is not a valid date.")


def _is_date(value):
    parts = str(value).split("-")
    return [len(part) for part in parts] == [4, 2, 2] and "".join(parts).isdigit()


def changed_subscription(data):
    """:raises Refusal: 422; the status cannot be written"""
    problems = Problems()
    if "status" in data:
        problems.add("status", "The status field is prohibited.")
    schedule(problems, data)
    problems.refuse()


def product(data, new=True):
    """:raises Refusal: 422"""
    problems = Problems()
    if new:
        problems.required(data, "", "title")
    problems.choice(data, "", "type", PRODUCT_TYPES)
    problems.refuse()


def rule(data, new=True):
    """:raises Refusal: 422"""
    problems = Problems()
    if new:
        problems.required(data, "", "name", "trigger_type", "action_type", "driver")
        problems.required(_object(data, "action_data"), "action_data.", "hook_url")
    problems.choice(data, "", "driver", DRIVERS)
    problems.choice(data, "", "action_type", ("call_webhook",))
    problems.refuse()
