"""Customers and their mandates."""

from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from ..clock import CLOCK
from ..service import Refusal
from . import common

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object

FIELDS = {"name", "email", "locale", "metadata", "testmode"}
MANDATE_FIELDS = {
    "method", "consumerName", "consumerAccount", "consumerBic", "consumerEmail",
    "signatureDate", "mandateReference", "paypalBillingAgreementId", "testmode",
}  # fmt: skip


class CustomersMixin(Base):
    """``/v2/customers`` and ``/v2/customers/{id}/mandates``."""

    def customer_routes(self) -> list:
        one = "/v2/customers/<key>"
        return [
            ("POST", "/v2/customers", self.create_customer),
            ("GET", "/v2/customers", self.list_customers),
            ("GET", one, self.get_customer),
            ("PATCH", one, self.update_customer),
            ("DELETE", one, self.delete_customer),
            ("POST", f"{one}/payments", self.create_customer_payment),
            ("GET", f"{one}/payments", self.list_customer_payments),
            ("POST", f"{one}/mandates", self.create_mandate),
            ("GET", f"{one}/mandates", self.list_mandates),
            ("GET", f"{one}/mandates/<mandate>", self.get_mandate),
            ("DELETE", f"{one}/mandates/<mandate>", self.revoke_mandate),
        ]

    # === CUSTOMERS === #

    def make_customer(self, data: dict, mode: str) -> dict:
        customer = {
            "resource": "customer",
            "id": data.get("id") or common.new_id("cst"),
            "mode": mode,
            "name": data.get("name"),
            "email": data.get("email"),
            "locale": data.get("locale"),
            "metadata": data.get("metadata"),
            "createdAt": CLOCK.iso(),
        }
        return self.book.put("customer", customer)

    def show_customer(self, customer: dict) -> dict:
        own = self.url(f"/v2/customers/{customer['id']}")
        dashboard = self.url(f"/dashboard/customers/{customer['id']}")
        return {
            **customer,
            "_links": {
                "self": common.link(own),
                "dashboard": common.link(dashboard, "text/html"),
                "payments": common.link(f"{own}/payments"),
                "mandates": common.link(f"{own}/mandates"),
                "documentation": common.docs_link("get-customer"),
            },
        }

    def customer(self, request: Request, key: str) -> dict:
        """:raise Refusal: 404 unknown or of the other mode, 410 deleted"""
        customer = self.book.get("customer", key)
        if self.book.get("_deleted_customer", key):
            raise Refusal(410, common.error(410, "The customer is no longer available"))
        if not customer or customer["mode"] != self.mode(request):
            raise common.missing("customer", key)
        return customer

    def create_customer(self, request: Request) -> tuple[dict, int]:
        data = self.data(request)
        self._check_customer(data)
        customer = self.make_customer(data, self.mode(request))
        return self.show_customer(customer), 201

    @staticmethod
    def _check_customer(data: dict) -> None:
        common.check_known(data, FIELDS)
        if data.get("locale") and data["locale"] not in common.LOCALES:
            raise common.invalid("locale", "The locale is invalid")
        if data.get("email") and "@" not in data["email"]:
            raise common.invalid("email", "The email address is invalid")

    def list_customers(self, request: Request) -> dict:
        found = self.book.all("customer", mode=self.mode(request))
        rows = [self.show_customer(customer) for customer in found]
        return common.listing(self, request, "customers", rows)

    def get_customer(self, request: Request, key: str) -> dict:
        return self.show_customer(self.customer(request, key))

    def update_customer(self, request: Request, key: str) -> dict:
        data = self.data(request)
        self._check_customer(data)
        self.customer(request, key)
        data.pop("testmode", None)
        return self.show_customer(self.book.update("customer", key, **data))

    def delete_customer(self, request: Request, key: str) -> Response:
        self.customer(request, key)
        for mandate in self.book.all("mandate", customerId=key):
            self.book.update("mandate", mandate["id"], status="invalid")
        self.book.remove("customer", key)
        self.book.put("_deleted_customer", {"id": key})
        return Response(status=204)

    def create_customer_payment(self, request: Request, key: str) -> tuple[dict, int]:
        self.customer(request, key)
        return self.create_payment(request, customerId=key)

    def list_customer_payments(self, request: Request, key: str) -> dict:
        self.customer(request, key)
        rows = self.shown_payments(request, customerId=key)
        return common.listing(self, request, "payments", rows)

    # === MANDATES === #

    def make_mandate(self, customer: dict, data: dict) -> dict:
        method = data.get("method", "directdebit")
        names = ("consumerName", "consumerAccount", "consumerBic")
        details: dict[str, Any] = {name: data.get(name) for name in names}
        if method == "creditcard":
            details = {
                "cardHolder": data.get("consumerName"),
                "cardNumber": data.get("cardNumber", "6787"),
                "cardLabel": data.get("cardLabel", "Mastercard"),
                "cardExpiryDate": data.get("cardExpiryDate", "2030-12-31"),
            }
        mandate = {
            "resource": "mandate",
            "id": data.get("id") or common.new_id("mdt"),
            "mode": customer["mode"],
            "status": data.get("status", "valid"),
            "method": method,
            "details": details,
            "mandateReference": data.get("mandateReference"),
            "signatureDate": data.get("signatureDate") or CLOCK.today(),
            "customerId": customer["id"],
            "createdAt": CLOCK.iso(),
        }
        return self.book.put("mandate", mandate)

    def show_mandate(self, mandate: dict) -> dict:
        customer = self.url(f"/v2/customers/{mandate['customerId']}")
        return {
            **mandate,
            "_links": {
                "self": common.link(f"{customer}/mandates/{mandate['id']}"),
                "customer": common.link(customer),
                "documentation": common.docs_link("get-mandate"),
            },
        }

    def mandate(self, request: Request, key: str, mandate: str) -> dict:
        self.customer(request, key)
        found = self.book.get("mandate", mandate)
        if not found or found["customerId"] != key:
            raise common.missing("mandate", mandate)
        return found

    def create_mandate(self, request: Request, key: str) -> tuple[dict, int]:
        customer = self.customer(request, key)
        data = self.data(request)
        common.check_known(data, MANDATE_FIELDS)
        if data.get("method") not in ("directdebit", "paypal"):
            raise common.invalid("method", "The method is invalid")
        if not data.get("consumerName"):
            raise common.invalid("consumerName", "The consumer name is required")
        account = str(data.get("consumerAccount") or "").replace(" ", "")
        if data["method"] == "directdebit" and not is_iban(account):
            raise common.invalid("consumerAccount", "The consumer account is invalid")
        mandate = self.make_mandate(customer, {**data, "consumerAccount": account})
        return self.show_mandate(mandate), 201

    def list_mandates(self, request: Request, key: str) -> dict:
        self.customer(request, key)
        found = self.book.all("mandate", customerId=key)
        rows = [self.show_mandate(mandate) for mandate in found]
        return common.listing(self, request, "mandates", rows)

    def get_mandate(self, request: Request, key: str, mandate: str) -> dict:
        return self.show_mandate(self.mandate(request, key, mandate))

    def revoke_mandate(self, request: Request, key: str, mandate: str) -> Response:
        self.mandate(request, key, mandate)
        self.book.update("mandate", mandate, status="invalid")
        return Response(status=204)


def is_iban(text: str) -> bool:
    """:return: whether the check digits are right

    >>> is_iban("NL55INGB0000000000"), is_iban("NL56INGB0000000000")
    (True, False)
    """
    if not text.isalnum() or not 15 <= len(text) <= 34 or not text[2:4].isdigit():
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1
