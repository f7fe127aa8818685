"""Payments: create, read, change, cancel, and the one place where the status moves."""

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from werkzeug import Request

from ..clock import CLOCK
from ..service import Refusal
from . import common

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object

FIELDS = {
    "description", "amount", "redirectUrl", "cancelUrl", "webhookUrl", "method",
    "locale", "metadata", "lines", "billingAddress", "shippingAddress", "captureMode",
    "captureDelay", "sequenceType", "customerId", "mandateId", "profileId", "dueDate",
    "issuer", "restrictPaymentMethodsToCountry", "applicationFee", "routing",
    "testmode", "terminalId", "cardToken", "applePayPaymentToken",
}  # fmt: skip
PATCHABLE = {
    "description", "redirectUrl", "cancelUrl", "webhookUrl", "metadata", "method",
    "locale", "dueDate", "restrictPaymentMethodsToCountry", "billingAddress",
    "shippingAddress", "issuer", "testmode",
}  # fmt: skip
NEXT = {
    "open": ("paid", "pending", "authorized", "failed", "canceled", "expired"),
    "pending": ("paid", "failed", "canceled"),
    "authorized": ("paid", "canceled", "expired"),
}
STAMPS = {
    "paid": "paidAt",
    "authorized": "authorizedAt",
    "canceled": "canceledAt",
    "expired": "expiredAt",
    "failed": "failedAt",
}
MAXIMUM = 50_000


class PaymentsMixin(Base):
    """``/v2/payments``."""

    def payment_routes(self) -> list:
        return [
            ("POST", "/v2/payments", self.create_payment),
            ("GET", "/v2/payments", self.list_payments),
            ("GET", "/v2/payments/<key>", self.get_payment),
            ("PATCH", "/v2/payments/<key>", self.update_payment),
            ("DELETE", "/v2/payments/<key>", self.cancel_payment),
        ]

    # === SHOWING === #

    def show_payment(self, payment: dict, embed: str = "") -> dict:
        key = payment["id"]
        own = self.url(f"/v2/payments/{key}")
        page = common.link(self.url(f"/checkout/{key}"), "text/html")
        links = {
            "self": common.link(own),
            "dashboard": common.link(
                self.url(f"/dashboard/payments/{key}"), "text/html"
            ),
            "documentation": common.docs_link("get-payment"),
        }
        if payment["status"] == "open" and payment["sequenceType"] != "recurring":
            links["checkout"] = page
        elif payment["status"] in NEXT and payment["mode"] == "test":
            links["changePaymentState"] = page
        if "amountRefunded" in payment and common.cents(payment["amountRefunded"]):
            links["refunds"] = common.link(f"{own}/refunds")
        if payment.get("amountChargedBack"):
            links["chargebacks"] = common.link(f"{own}/chargebacks")
        if payment.get("settlementId"):
            href = self.url(f"/v2/settlements/{payment['settlementId']}")
            links["settlement"] = common.link(href)
        if payment.get("customerId"):
            customer = self.url(f"/v2/customers/{payment['customerId']}")
            links["customer"] = common.link(customer)
            if payment.get("mandateId"):
                href = f"{customer}/mandates/{payment['mandateId']}"
                links["mandate"] = common.link(href)
        shown = {**payment, "_links": links}
        parts = [
            part for part in ("refunds", "chargebacks") if part in embed.split(",")
        ]
        if parts:
            shown["_embedded"] = {
                part: self.parts_of_payment(part, key) for part in parts
            }
        return shown

    def payment(self, request: Request, key: str) -> dict:
        """:raise Refusal: 404 unknown or of the other mode"""
        payment = self.book.get("payment", key)
        if not payment or payment["mode"] != self.mode(request):
            raise common.missing("payment", key)
        return payment

    def shown_payments(self, request: Request, **equal: Any) -> list[dict]:
        found = self.book.all("payment", mode=self.mode(request), **equal)
        return [self.show_payment(payment) for payment in found]

    # === MAKING === #

    def create_payment(self, request: Request, **given: Any) -> tuple[dict, int]:
        data = {**self.data(request), **given}
        self._check_payment(request, data)
        mode = self.mode(request)
        if data.get("customerId"):
            self.customer(request, data["customerId"])
        if data.get("sequenceType") == "recurring":
            data.update(self._recurring(data))
        payment = self.make_payment(data, mode)
        if payment["sequenceType"] == "recurring":
            payment = self._charge(payment)
        return self.show_payment(payment), 201

    def _check_payment(self, request: Request, data: dict) -> None:
        common.check_known(data, FIELDS)
        amount = common.check_amount(data)
        if not common.cents(amount) > 0:
            raise common.invalid("amount", "The amount is lower than the minimum")
        if common.cents(amount) > MAXIMUM:
            raise common.invalid("amount", "The amount is higher than the maximum")
        self._check_texts(data)
        sequence = data.get("sequenceType", "oneoff")
        if sequence not in ("oneoff", "first", "recurring"):
            raise common.invalid("sequenceType", "The sequence type is invalid")
        if sequence != "oneoff" and not data.get("customerId"):
            raise common.invalid("customerId", "The customer id is required")
        if sequence != "recurring" and not data.get("redirectUrl"):
            raise common.invalid("redirectUrl", "The redirect URL is required")
        for field in ("redirectUrl", "cancelUrl", "webhookUrl"):
            common.check_url(data, field)
        if self.is_organization(request) and not data.get("profileId"):
            raise common.invalid("profileId", "The profile id is required")

    @staticmethod
    def _check_texts(data: dict) -> None:
        text = data.get("description")
        if not isinstance(text, str) or not text.strip():
            raise common.invalid("description", "The description is required")
        if len(text) > 255:
            raise common.invalid("description", "The description is too long")
        if data.get("locale") and data["locale"] not in common.LOCALES:
            raise common.invalid("locale", "The locale is invalid")
        if len(json.dumps(data.get("metadata"))) > 1024:
            raise common.invalid("metadata", "The metadata is too large")
        methods = data.get("method")
        for method in methods if isinstance(methods, list) else [methods]:
            if method is not None and method not in common.METHODS:
                raise common.invalid("method", "The payment method is invalid")

    def _recurring(self, data: dict) -> dict:
        """:return: mandate and method for a charge without the customer
        :raise Refusal: 422 when no mandate is valid
        """
        found = [
            mandate
            for mandate in self.book.all("mandate", customerId=data["customerId"])
            if mandate["status"] == "valid"
            and data.get("mandateId") in (None, mandate["id"])
            and data.get("method") in (None, mandate["method"])
        ]
        if not found:
            field = "mandateId" if data.get("mandateId") else "customerId"
            raise common.invalid(field, "The customer has no valid mandate")
        return {"mandateId": found[-1]["id"], "method": found[-1]["method"]}

    def make_payment(self, data: dict, mode: str) -> dict:
        """Put an open payment into the book, without any check."""
        method = data.get("method")
        if isinstance(method, list):
            method = method[0] if len(method) == 1 else None
        now = CLOCK.now()
        payment = {
            "resource": "payment",
            "id": data.get("id") or common.new_id("tr"),
            "mode": mode,
            "createdAt": data.get("createdAt") or CLOCK.iso(now),
            "amount": common.money(data["amount"]),
            "description": data["description"],
            "method": method,
            "metadata": data.get("metadata"),
            "status": "open",
            "isCancelable": method in ("banktransfer", "directdebit"),
            "locale": data.get("locale") or "nl_NL",
            "profileId": data.get("profileId") or common.PROFILE,
            "sequenceType": data.get("sequenceType") or "oneoff",
            "redirectUrl": data.get("redirectUrl"),
        }
        for field in ("cancelUrl", "webhookUrl", "customerId", "mandateId", "dueDate"):
            if data.get(field) is not None:
                payment[field] = data[field]
        if payment["sequenceType"] != "recurring":
            days = 12 if method == "banktransfer" else 1 / 96
            payment["expiresAt"] = CLOCK.iso(now + timedelta(days=days))
        return self.book.put("payment", payment)

    def _charge(self, payment: dict) -> dict:
        """What the bank does with a recurring payment: by scene, else the usual."""
        usual = {"directdebit": "pending"}.get(payment["method"], "paid")
        for outcome in self.book.all("outcome"):
            if outcome["times"] > 0 and self._is_meant(outcome, payment):
                self.book.update("outcome", outcome["id"], times=outcome["times"] - 1)
                return self.set_status(
                    payment, outcome["status"], outcome.get("reason", "")
                )
        return self.set_status(payment, usual)

    @staticmethod
    def _is_meant(outcome: dict, payment: dict) -> bool:
        customer = outcome.get("customerId")
        return customer in (None, payment.get("customerId")) and bool(
            re.search(outcome.get("description", ""), payment["description"])
        )

    # === MOVING === #

    def set_status(
        self, payment: dict, status: str, reason: str = "", silent: bool = False
    ) -> dict:
        """Move a payment on, stamp it, make the mandate of a first one, tell the world.

        :raise Refusal: 422 when it cannot go from its status to the new one
        """
        if status == payment["status"]:
            return payment
        if status not in NEXT.get(payment["status"], ()):
            text = f"A payment that is {payment['status']} cannot become {status}"
            raise common.invalid("status", text)
        payment["status"] = status
        if status in STAMPS:
            payment[STAMPS[status]] = CLOCK.iso()
            payment.pop("expiresAt", None)
            payment["isCancelable"] = False
        if status in ("paid", "pending", "authorized") and not payment["method"]:
            payment["method"] = "ideal"
        if status in ("paid", "pending", "failed"):
            payment["details"] = self._details(payment, reason)
        if status == "paid":
            payment["amountRefunded"] = common.money(0)
            payment["amountRemaining"] = dict(payment["amount"])
            payment["settlementAmount"] = dict(payment["amount"])
            if payment["sequenceType"] == "first" and not payment.get("mandateId"):
                payment["mandateId"] = self._first_mandate(payment)["id"]
        self.book.put("payment", payment)
        if not silent:
            self.announce(payment, f"payment.{status}")
        return payment

    def _details(self, payment: dict, reason: str) -> dict:
        customer = self.book.get("customer", payment.get("customerId")) or {}
        name = customer.get("name") or "T. Test"
        old = payment.get("details") or {}
        if payment["method"] == "creditcard":
            details = {
                "cardHolder": name,
                "cardNumber": "6787",
                "cardLabel": "Mastercard",
            }
            return {**details, "failureReason": reason or None} if reason else details
        mandate = self.book.get("mandate", payment.get("mandateId")) or {}
        details = {
            "consumerName": name,
            "consumerAccount": "NL55INGB0000000000",
            "consumerBic": "INGBNL2A",
            **{k: v for k, v in mandate.get("details", {}).items() if v},
            **old,
        }
        if payment["method"] == "directdebit":
            details["transferReference"] = "SD" + payment["id"][3:].upper()
            if payment["status"] == "failed":
                details["bankReasonCode"] = reason or "AM04"
                details["bankReason"] = "Insufficient funds"
        return details

    def _first_mandate(self, payment: dict) -> dict:
        customer = self.book.get("customer", payment["customerId"])
        card = payment["method"] == "creditcard"
        values = {"method": "creditcard" if card else "directdebit"}
        return self.make_mandate(customer or {}, {**values, **payment["details"]})

    # === READING AND CHANGING === #

    def list_payments(self, request: Request) -> dict:
        rows = self.shown_payments(request)
        return common.listing(self, request, "payments", rows)

    def get_payment(self, request: Request, key: str) -> dict:
        embed = request.args.get("embed", "")
        return self.show_payment(self.payment(request, key), embed)

    def update_payment(self, request: Request, key: str) -> dict:
        payment = self.payment(request, key)
        data = self.data(request)
        common.check_known(data, PATCHABLE)
        for field in ("redirectUrl", "cancelUrl", "webhookUrl"):
            common.check_url(data, field)
        if payment["status"] not in NEXT:
            raise Refusal(
                422, common.error(422, "The payment can no longer be changed")
            )
        data.pop("testmode", None)
        return self.show_payment(self.book.update("payment", key, **data))

    def cancel_payment(self, request: Request, key: str) -> dict:
        payment = self.payment(request, key)
        if not payment["isCancelable"]:
            raise Refusal(422, common.error(422, "The payment cannot be canceled"))
        return self.show_payment(self.set_status(payment, "canceled"))
