"""Payments on invoices: the place where a euro is booked."""

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from ..clock import CLOCK
from . import common
from .invoices import ENTITY, EXTERNAL, SALES, SCOPE

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

NEEDS = {
    "private_payment": "financial_account_id",
    "cash_payment": "financial_account_id",
    "bank_transfer": "financial_mutation_id",
    "balance_settlement": "ledger_account_id",
    "invoices_settlement": "invoice_id",
    "payment_without_proof": None,
    "rounding_error": None,
}
KINDS = {
    "financial_account_id": "financial_account",
    "financial_mutation_id": "financial_mutation",
    "ledger_account_id": "ledger_account",
}


class PaymentsMixin(Base):
    """``/sales_invoices/{id}/payments``, the same of external ones, ``/payments``."""

    def payment_routes(self) -> list:
        routes = [("GET", "/payments/<key>", self.get_payment, SCOPE)]
        for kind in (SALES, EXTERNAL):
            path = f"/{kind}s/<invoice>/payments"
            routes += [
                ("POST", path, partial(self.create_payment, kind=kind), SCOPE),
                (
                    "DELETE",
                    f"{path}/<key>",
                    partial(self.delete_payment, kind=kind),
                    SCOPE,
                ),
            ]
        return routes

    def make_payment(self, adm: dict, kind: str, invoice: dict, data: dict) -> dict:
        """Book a payment; totals, state, bank line and webhooks follow."""
        now = CLOCK.iso_ms()
        price = common.money(common.number(data["price"]) or Decimal())
        base = common.number(data.get("price_base"))
        ledger = data.get("ledger_account_id") or self.ledger(adm, "clearing")["id"]
        payment = {
            "id": common.new_id(self.book),
            "administration_id": adm["id"],
            "invoice_type": ENTITY[kind],
            "invoice_id": invoice["id"],
            "financial_account_id": _text(data.get("financial_account_id")),
            "user_id": adm["user_id"],
            "payment_transaction_id": None,
            "transaction_identifier": data.get("transaction_identifier"),
            "price": price,
            "price_base": common.money(base) if base is not None else price,
            "payment_date": common.parse_date(data["payment_date"]),
            "credit_invoice_id": None,
            "financial_mutation_id": _text(data.get("financial_mutation_id")),
            "ledger_account_id": str(ledger),
            "linked_payment_id": None,
            "manual_payment_action": data.get("manual_payment_action"),
            "created_at": now,
            "updated_at": now,
        }
        self.book.put("payment", payment)
        self.settle(adm, kind, invoice)
        self.settle_mutation(payment["financial_mutation_id"])
        self.announce(adm, "Payment", payment, "payment_registered")
        if payment["financial_mutation_id"]:
            event = "payment_linked_to_financial_mutation"
            self.announce(adm, "Payment", payment, event)
        return payment

    def _check_payment(self, adm: dict, data: dict) -> None:
        errors = {}
        day = common.parse_date(data.get("payment_date"))
        if not data.get("payment_date"):
            wrong = ("is not a valid date", "not_a_date")
            errors["payment_date"] = [common.BLANK, wrong]
        elif day is None:
            errors["payment_date"] = [("is not a valid date", "not_a_date")]
        if data.get("price") in (None, ""):
            wrong = ("is not a number", "not_a_number")
            errors["price"] = [common.BLANK, wrong]
        elif common.number(data["price"]) is None:
            errors["price"] = [("is not a number", "not_a_number")]
        action = data.get("manual_payment_action")
        if action is not None and action not in NEEDS:
            wrong = ("is not included in the list", "inclusion")
            errors["manual_payment_action"] = [wrong]
        elif NEEDS.get(action or "") and not data.get(NEEDS[action]):
            errors[NEEDS[action]] = [common.BLANK]
        if errors:
            raise common.invalid(**errors)
        self.check_open_period(adm, "payment_date", day)
        for field, kind in KINDS.items():
            if data.get(field) and not self.book.get(kind, str(data[field])):
                raise common.missing(field)

    def create_payment(
        self, request: Request, adm: dict, kind: str, invoice: str
    ) -> tuple[dict, int]:
        found = self.invoice(adm, kind, invoice, "invoice_id")
        data = self.wrapped(request, "payment")
        self._check_payment(adm, data)
        if found["state"] == "draft":
            text = "A draft cannot be paid"
            raise common.invalid(base=[(text, "draft")])
        return self.make_payment(adm, kind, found, data), 201

    def get_payment(self, request: Request, adm: dict, key: str) -> dict:
        payment = self.book.get("payment", key)
        if not payment or payment["administration_id"] != adm["id"]:
            raise common.missing("id")
        return payment

    def delete_payment(
        self, request: Request, adm: dict, kind: str, invoice: str, key: str
    ) -> Response:
        found = self.invoice(adm, kind, invoice, "invoice_id")
        payment = self.get_payment(request, adm, key)
        if payment["invoice_id"] != invoice:
            raise common.missing("id")
        self.check_open_period(adm, "payment_date", payment["payment_date"])
        self.drop_payment(adm, kind, found, payment)
        return Response(status=204)

    def drop_payment(self, adm: dict, kind: str, invoice: dict, payment: dict) -> None:
        """Take a payment back; the invoice is open or late again."""
        self.book.remove("payment", payment["id"])
        self.settle(adm, kind, invoice)
        self.settle_mutation(payment["financial_mutation_id"])
        self.announce(adm, "Payment", payment, "payment_destroyed", gone=True)


def _text(value: object) -> str | None:
    return str(value) if value else None
