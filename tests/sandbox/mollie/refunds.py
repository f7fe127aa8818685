"""Money back: refunds and chargebacks of payments."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from ..clock import CLOCK
from ..service import Refusal
from . import common

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object

FIELDS = {
    "amount", "description", "metadata", "externalReference", "reverseRouting",
    "routingReversals", "testmode",
}  # fmt: skip
NEXT = {
    "queued": ("pending", "canceled", "failed"),
    "pending": ("processing", "refunded", "failed", "canceled"),
    "processing": ("refunded", "failed"),
}
TWIN_SECONDS = 10


class RefundsMixin(Base):
    """``/v2/payments/{id}/refunds``, ``/chargebacks`` and the lists over all."""

    def refund_routes(self) -> list:
        one = "/v2/payments/<key>"
        return [
            ("POST", f"{one}/refunds", self.create_refund),
            ("GET", f"{one}/refunds", self.list_refunds),
            ("GET", f"{one}/refunds/<refund>", self.get_refund),
            ("DELETE", f"{one}/refunds/<refund>", self.cancel_refund),
            ("GET", "/v2/refunds", self.list_all_refunds),
            ("GET", f"{one}/chargebacks", self.list_chargebacks),
            ("GET", f"{one}/chargebacks/<chargeback>", self.get_chargeback),
            ("GET", "/v2/chargebacks", self.list_all_chargebacks),
        ]

    def parts_of_payment(self, name: str, key: str) -> list[dict]:
        """:param name: refunds or chargebacks"""
        show = self.show_refund if name == "refunds" else self.show_chargeback
        return [show(part) for part in self.book.all(name[:-1], paymentId=key)]

    # === REFUNDS === #

    def show_refund(self, refund: dict) -> dict:
        payment = self.url(f"/v2/payments/{refund['paymentId']}")
        links: dict[str, Any] = {
            "self": common.link(f"{payment}/refunds/{refund['id']}"),
            "payment": common.link(payment),
            "documentation": common.docs_link("get-refund"),
        }
        if refund.get("settlementId"):
            href = self.url(f"/v2/settlements/{refund['settlementId']}")
            links["settlement"] = common.link(href)
        return {**refund, "_links": links}

    def make_refund(self, payment: dict, data: dict) -> dict:
        """Put a pending refund into the book; the payment remembers the amount."""
        amount = common.money(data["amount"])
        refund = {
            "resource": "refund",
            "id": common.new_id("re"),
            "mode": payment["mode"],
            "amount": amount,
            "description": data.get("description") or payment["description"],
            "metadata": data.get("metadata"),
            "status": "pending",
            "paymentId": payment["id"],
            "createdAt": CLOCK.iso(),
            "settlementAmount": common.money(-common.cents(amount)),
        }
        self._count_refund(payment, common.cents(amount))
        self.book.put("refund", refund)
        self.announce(payment, "refund.pending", refund)
        return refund

    def _count_refund(self, payment: dict, value: Any) -> None:
        done = common.cents(payment["amountRefunded"]) + value
        payment["amountRefunded"] = common.money(done)
        payment["amountRemaining"] = common.money(
            common.cents(payment["amount"]) - done
        )
        self.book.put("payment", payment)

    def move_refund(self, refund: dict, status: str) -> dict:
        """:raise Refusal: 422 when it cannot go there"""
        if status == refund["status"]:
            return refund
        if status not in NEXT.get(refund["status"], ()):
            text = f"A refund that is {refund['status']} cannot become {status}"
            raise common.invalid("status", text)
        refund["status"] = status
        self.book.put("refund", refund)
        payment = self.book.get("payment", refund["paymentId"]) or {}
        if status in ("failed", "canceled"):
            self._count_refund(payment, -common.cents(refund["amount"]))
        self.announce(payment, f"refund.{status}", refund)
        return refund

    def create_refund(self, request: Request, key: str) -> tuple[dict, int]:
        payment = self.payment(request, key)
        data = self.data(request)
        common.check_known(data, FIELDS)
        amount = common.check_amount(data)
        if payment["status"] != "paid":
            raise Refusal(422, common.error(422, "The payment cannot be refunded"))
        if not 0 < common.cents(amount) <= common.cents(payment["amountRemaining"]):
            raise common.invalid("amount", "The amount is higher than the maximum")
        self._refuse_twin(payment, amount, data)
        return self.show_refund(self.make_refund(payment, data)), 201

    def _refuse_twin(self, payment: dict, amount: dict, data: dict) -> None:
        since = CLOCK.iso(CLOCK.now() - timedelta(seconds=TWIN_SECONDS))
        for refund in self.book.all("refund", paymentId=payment["id"]):
            text = data.get("description") or payment["description"]
            same = refund["amount"] == amount and refund["description"] == text
            if same and refund["createdAt"] >= since:
                text = "A similar refund was just made for this payment"
                raise Refusal(409, common.error(409, text))

    def refund(self, request: Request, key: str, refund: str) -> dict:
        self.payment(request, key)
        found = self.book.get("refund", refund)
        if not found or found["paymentId"] != key:
            raise common.missing("refund", refund)
        return found

    def list_refunds(self, request: Request, key: str) -> dict:
        self.payment(request, key)
        rows = self.parts_of_payment("refunds", key)
        return common.listing(self, request, "refunds", rows)

    def list_all_refunds(self, request: Request) -> dict:
        found = self.book.all("refund", mode=self.mode(request))
        rows = [self.show_refund(refund) for refund in found]
        return common.listing(self, request, "refunds", rows)

    def get_refund(self, request: Request, key: str, refund: str) -> dict:
        return self.show_refund(self.refund(request, key, refund))

    def cancel_refund(self, request: Request, key: str, refund: str) -> Response:
        found = self.refund(request, key, refund)
        if found["status"] not in ("queued", "pending"):
            text = "The refund can no longer be canceled"
            raise Refusal(422, common.error(422, text))
        self.move_refund(found, "canceled")
        return Response(status=204)

    # === CHARGEBACKS === #

    def show_chargeback(self, chargeback: dict) -> dict:
        payment = self.url(f"/v2/payments/{chargeback['paymentId']}")
        shown = {key: value for key, value in chargeback.items() if key != "mode"}
        shown["_links"] = {
            "self": common.link(f"{payment}/chargebacks/{chargeback['id']}"),
            "payment": common.link(payment),
            "documentation": common.docs_link("get-chargeback"),
        }
        return shown

    def make_chargeback(self, payment: dict, data: dict) -> dict:
        """The customer's bank takes the money back; the payment stays paid."""
        if payment["status"] != "paid":
            raise common.invalid("paymentId", "Only a paid payment can be charged back")
        amount = common.money(data.get("amount") or payment["amount"])
        chargeback = {
            "resource": "chargeback",
            "id": common.new_id("chb"),
            "mode": payment["mode"],
            "amount": amount,
            "settlementAmount": common.money(-common.cents(amount)),
            "reason": {
                "code": data.get("reason", "AC06"),
                "description": data.get("description", "Account blocked"),
            },
            "paymentId": payment["id"],
            "createdAt": CLOCK.iso(),
            "reversedAt": None,
        }
        payment["amountChargedBack"] = amount
        payment["amountRemaining"] = common.money(0)
        self.book.put("payment", payment)
        self.book.put("chargeback", chargeback)
        self.announce(payment, "chargeback.received", chargeback)
        return chargeback

    def list_chargebacks(self, request: Request, key: str) -> dict:
        self.payment(request, key)
        rows = self.parts_of_payment("chargebacks", key)
        return common.listing(self, request, "chargebacks", rows)

    def list_all_chargebacks(self, request: Request) -> dict:
        found = self.book.all("chargeback", mode=self.mode(request))
        rows = [self.show_chargeback(chargeback) for chargeback in found]
        return common.listing(self, request, "chargebacks", rows)

    def get_chargeback(self, request: Request, key: str, chargeback: str) -> dict:
        self.payment(request, key)
        found = self.book.get("chargeback", chargeback)
        if not found or found["paymentId"] != key:
            raise common.missing("chargeback", chargeback)
        return self.show_chargeback(found)
