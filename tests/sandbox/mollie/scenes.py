"""Scenes that control can set, and what the book page shows and does."""

from typing import TYPE_CHECKING, Any

from . import common, payments, refunds

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object


class ScenesMixin(Base):
    """Methods ``scene_<key>`` and the buttons of the page."""

    # === SCENES === #

    def scene_oauth(self, values: dict) -> dict:
        return self.oauth.scene(values)

    def scene_customers(self, rows: list[dict]) -> list[dict]:
        """``name``, ``email``, ``mode`` (default test), ``mandates`` (a list)."""
        made = []
        for row in rows:
            customer = self.make_customer(row, row.get("mode", "test"))
            found = [self.make_mandate(customer, m) for m in row.get("mandates", [])]
            made.append({"id": customer["id"], "mandates": [m["id"] for m in found]})
        return made

    def scene_payments(self, rows: list[dict]) -> list[str]:
        """Payments as they would be after some days: ``amount`` (text or object),
        ``description``, ``status`` (default paid), ``method`` (default ideal),
        ``consumerName``, ``consumerAccount``, ``paidAt``, ``mode`` (default test) and
        any field of a payment; with ``announce`` true its webhooks are sent.
        """
        made = []
        for row in rows:
            values = {"method": "ideal", "redirectUrl": None, **row}
            payment = self.make_payment(values, row.get("mode", "test"))
            details = {
                name: row[name]
                for name in ("consumerName", "consumerAccount", "consumerBic")
                if name in row
            }
            if details:
                payment["details"] = details
            payment = self.set_status(
                payment,
                row.get("status", "paid"),
                row.get("reason", ""),
                silent=not row.get("announce"),
            )
            for name in ("paidAt", "failedAt", "expiredAt", "canceledAt"):
                if name in row and name in payment:
                    payment[name] = row[name]
            self.book.put("payment", payment)
            made.append(payment["id"])
        return made

    def scene_status(self, rows: list[dict]) -> list[str]:
        """Move payments on: ``id``, ``status``, ``reason``; webhooks are sent."""
        for row in rows:
            payment = self.book.get("payment", row["id"])
            if not payment:
                raise common.missing("payment", row["id"])
            self.set_status(payment, row["status"], row.get("reason", ""))
        return [row["id"] for row in rows]

    def scene_outcomes(self, rows: list[dict]) -> list[str]:
        """What becomes of coming recurring payments: ``status``, and on which:
        ``customerId``, ``description`` (regular expression), ``times`` (default 1).
        """
        made = []
        for row in rows:
            key = f"out_{self.book.number('outcome')}"
            self.book.put("outcome", {"times": 1, **row, "id": key})
            made.append(key)
        return made

    def scene_refunds(self, rows: list[dict]) -> list[str]:
        """``paymentId``, ``amount``, ``description``, ``status`` (default refunded)."""
        made = []
        for row in rows:
            payment = self.book.get("payment", row["paymentId"]) or {}
            refund = self.make_refund(payment, {"amount": payment["amount"], **row})
            made.append(self.move_refund(refund, row.get("status", "refunded"))["id"])
        return made

    def scene_chargebacks(self, rows: list[dict]) -> list[str]:
        """``paymentId``, ``amount`` (default all), ``reason``, ``description``."""
        made = []
        for row in rows:
            payment = self.book.get("payment", row["paymentId"])
            if not payment:
                raise common.missing("payment", row["paymentId"])
            made.append(self.make_chargeback(payment, row)["id"])
        return made

    # === BOOK PAGE === #

    def page_context(self) -> dict[str, Any]:
        kinds = ("payment", "refund", "chargeback", "settlement", "customer", "mandate")
        found = {f"{kind}s": self.book.all(kind, newest_first=True) for kind in kinds}
        names = {row["id"]: row["name"] for row in found["customers"]}
        return {**found, "names": names, "next": payments.NEXT, "onward": refunds.NEXT}

    def page_action(self, action: str, form: dict[str, str]) -> None:
        if action == "status":
            payment = self.book.get("payment", form["id"])
            self.set_status(payment or {}, form["status"])
        elif action == "refund":
            refund = self.book.get("refund", form["id"])
            self.move_refund(refund or {}, form["status"])
        elif action == "chargeback":
            self.scene_chargebacks([{"paymentId": form["id"]}])
        elif action == "settle":
            self.scene_settle({})
        else:
            super().page_action(action, form)
