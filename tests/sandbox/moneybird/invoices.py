"""Sales invoices and external sales invoices: amounts, states, filters."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from ..clock import CLOCK
from ..service import Refusal
from . import common

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

SCOPE = ("sales_invoices",)
SALES = "sales_invoice"
EXTERNAL = "external_sales_invoice"
STATES = {
    SALES: (
        "draft", "open", "scheduled", "pending_payment", "late", "reminded", "paid",
        "uncollectible",
    ),
    EXTERNAL: ("new", "open", "late", "paid", "uncollectible", "pending_payment"),
}  # fmt: skip
UNPAID = ("open", "late", "reminded", "pending_payment")
ENTITY = {SALES: "SalesInvoice", EXTERNAL: "ExternalSalesInvoice"}


class InvoicesMixin(Base):
    """What both kinds of invoice share; their endpoints are in sales.py."""

    # === AMOUNTS === #

    def details_of(self, adm: dict, data: dict) -> list[dict]:
        """:return: the lines of a request, with ids and amounts filled in"""
        given = data.get("details_attributes") or []
        rows = list(given.values()) if isinstance(given, dict) else given
        now = CLOCK.iso_ms()
        details = []
        for order, row in enumerate(rows, 1):
            price = common.number(row.get("price", 0))
            if price is None:
                raise common.invalid(price=[("is not a number", "not_a_number")])
            rate = self._tax_rate(adm, row.get("tax_rate_id"))
            count = re.match(r"-?[\d.,]+", str(row.get("amount") or "1"))
            amount = common.number(count.group(0)) if count else Decimal(1)
            total = self._line_total(data, rate, price * (amount or Decimal(1)))
            ledger = row.get("ledger_account_id") or self.ledger(adm, "revenue")["id"]
            details.append(
                {
                    "id": common.new_id(self.book),
                    "administration_id": adm["id"],
                    "tax_rate_id": rate["id"],
                    "ledger_account_id": str(ledger),
                    "project_id": None,
                    "product_id": None,
                    "amount": str(row.get("amount") or "1 x"),
                    "amount_decimal": str(amount or Decimal("1.0")),
                    "description": row.get("description") or "",
                    "price": common.money(price),
                    "period": row.get("period"),
                    "row_order": row.get("row_order", order),
                    "total_price_excl_tax_with_discount": common.money(total),
                    "total_price_excl_tax_with_discount_base": common.money(total),
                    "tax_report_reference": ["NL/1a"],
                    "mandatory_tax_text": None,
                    "created_at": now,
                    "updated_at": now,
                }
            )
        return details

    def _tax_rate(self, adm: dict, key: Any) -> dict:
        rates = self.book.all("tax_rate", administration_id=adm["id"])
        found = [rate for rate in rates if key in (None, "") or rate["id"] == str(key)]
        if not found:
            raise common.invalid(tax_rate_id=[BLANK_RATE])
        return found[0]

    @staticmethod
    def _line_total(data: dict, rate: dict, total: Decimal) -> Decimal:
        if common.truth(data.get("prices_are_incl_tax")):
            total = total / (1 + Decimal(rate["percentage"]) / 100)
        return total.quantize(Decimal("0.01"))

    def totals_of(self, adm: dict, data: dict, details: list[dict]) -> dict:
        """:return: totals and tax totals of the lines"""
        taxes: dict[str, Decimal] = {}
        for line in details:
            value = Decimal(line["total_price_excl_tax_with_discount"])
            key = line["tax_rate_id"]
            taxes[key] = taxes.get(key, Decimal()) + value
        excl = sum(taxes.values(), Decimal())
        tax_totals = []
        for key, value in taxes.items():
            rate = self._tax_rate(adm, key)
            tax = (value * Decimal(rate["percentage"]) / 100).quantize(Decimal("0.01"))
            tax_totals.append(
                {
                    "tax_rate_id": key,
                    "taxable_amount": common.money(value),
                    "taxable_amount_base": common.money(value),
                    "tax_amount": common.money(tax),
                    "tax_amount_base": common.money(tax),
                }
            )
        incl = excl + sum((Decimal(t["tax_amount"]) for t in tax_totals), Decimal())
        if common.truth(data.get("prices_are_incl_tax")):
            incl = sum(
                (Decimal(d["price"]) * Decimal(d["amount_decimal"]) for d in details),
                Decimal(),
            )
        return {
            "prices_are_incl_tax": common.truth(data.get("prices_are_incl_tax")),
            "total_price_excl_tax": common.money(excl),
            "total_price_excl_tax_base": common.money(excl),
            "total_price_incl_tax": common.money(incl),
            "total_price_incl_tax_base": common.money(incl),
            "tax_totals": tax_totals,
        }

    # === STATES === #

    def settle(self, adm: dict, kind: str, invoice: dict) -> dict:
        """Bring totals and state in line with the payments and the date, and store."""
        rows = self.book.all("payment", invoice_id=invoice["id"])
        paid = sum((Decimal(row["price_base"]) for row in rows), Decimal())
        unpaid = Decimal(invoice["total_price_incl_tax_base"]) - paid
        invoice["total_paid"] = common.money(paid)
        invoice["total_unpaid"] = invoice["total_unpaid_base"] = common.money(unpaid)
        state = invoice["state"]
        if state in (*UNPAID, "new", "paid"):
            if rows and unpaid <= 0:
                state = "paid"
            elif state == "paid":
                state = "open"
            if state == "open" and (invoice["due_date"] or "9") < CLOCK.today():
                state = "late"
        days = [row["payment_date"] for row in rows]
        invoice["paid_at"] = max(days) if state == "paid" else None
        return self.set_state(adm, kind, invoice, state)

    def set_state(self, adm: dict, kind: str, invoice: dict, state: str) -> dict:
        """Store the invoice as changed; a new state is told to the webhooks."""
        moved = state != invoice["state"]
        invoice["state"] = state
        invoice["updated_at"] = CLOCK.iso_ms()
        invoice["version"] = common.version(invoice["version"])
        self.book.put(kind, invoice)
        if moved:
            event = f"{kind}_state_changed_to_{state}"
            self.announce(adm, ENTITY[kind], invoice, event, state=state)
        return invoice

    def _refresh(self, adm: dict, kind: str) -> None:
        """Invoices whose due date has passed become late."""
        due = self.book.before(
            kind, "due_date", CLOCK.today(), administration_id=adm["id"], state="open"
        )
        for invoice in due:
            self.set_state(adm, kind, invoice, "late")

    # === READING === #

    def invoice(self, adm: dict, kind: str, key: str, field: str = "id") -> dict:
        """:raise Refusal: 404"""
        self._refresh(adm, kind)
        invoice = self.book.get(kind, key)
        if not invoice or invoice["administration_id"] != adm["id"]:
            raise common.missing(field)
        return invoice

    def show_invoice(self, invoice: dict) -> dict:
        """:return: the invoice with its contact and payments"""
        contact = self.book.get("contact", invoice["contact_id"])
        if contact:
            contact = {k: v for k, v in contact.items() if k != "events"}
        payments = self.book.all("payment", invoice_id=invoice["id"])
        shown = {}
        for key, value in invoice.items():
            if not key.startswith("_"):
                shown[key] = value
            if key == "contact_id":
                shown["contact"] = contact
        return {**shown, "payments": payments}

    def invoice_rows(self, adm: dict, kind: str, request: Request) -> list[dict]:
        """:return: what the filter (default: this year) leaves, newest first"""
        self._refresh(adm, kind)
        filters = common.parse_filter(request, "period:this_year")
        states = filters.get("state", "all").split("|")
        unknown = set(states) - {"all", *STATES[kind]}
        if unknown:
            raise common.bad("filter does not have a valid value", filter="invalid")
        tests = {
            "state": common.one_of("state"),
            "period": common.in_period("invoice_date" if kind == SALES else "date"),
            "contact_id": common.one_of("contact_id"),
        }
        if kind == SALES:
            tests |= {
                "reference": common.one_of("reference"),
                "workflow_id": common.one_of("workflow_id"),
                "recurring_sales_invoice_id": common.one_of(
                    "recurring_sales_invoice_id"
                ),
                "created_after": common.after("created_at"),
                "updated_after": common.after("updated_at"),
            }
        rows = self.book.all(kind, newest_first=True, administration_id=adm["id"])
        return common.filtered(rows, filters, tests)

    def list_invoices(self, request: Request, adm: dict, kind: str) -> list[dict]:
        rows = self.invoice_rows(adm, kind, request)
        rows = common.page(request, rows, self.url(request.path))
        return [self.show_invoice(row) for row in rows]

    # === COMMON ACTIONS === #

    def check_open_period(self, adm: dict, field: str, day: str | None) -> None:
        """:raise Refusal: 422 when the administration's books of that day are closed"""
        locked = adm["period_locked_until"]
        if locked and day and day <= locked:
            text = f"must be after {locked}: the period is locked"
            raise common.invalid(**{field: [(text, "period_locked")]})

    def delete_invoice(
        self, request: Request, adm: dict, kind: str, key: str
    ) -> Response:
        invoice = self.invoice(adm, kind, key)
        if self.book.first("payment", invoice_id=key):
            raise common.bad("An invoice with payments cannot be deleted")
        self.book.remove(kind, key)
        self.announce(adm, ENTITY[kind], invoice, f"{kind}_destroyed", gone=True)
        return Response(status=204)

    def write_off(self, request: Request, adm: dict, kind: str, key: str) -> dict:
        """``mark_as_uncollectible``"""
        invoice = self.invoice(adm, kind, key)
        if invoice["state"] not in UNPAID:
            raise common.bad("Invoice is not open")
        day = common.parse_date(self.data(request).get("uncollectible_date"))
        invoice["marked_uncollectible_on"] = day or CLOCK.today()
        return self.show_invoice(self.set_state(adm, kind, invoice, "uncollectible"))

    def check_limit(self) -> None:
        """:raise Refusal: 402 when the scene says that the plan is used up"""
        if self.book.setting("plan_limit"):
            text = "creating sales invoices is limited"
            limit = {"administration": "limit_reached"}
            raise Refusal(402, {"error": text, "symbolic": limit})

    @staticmethod
    def due_after(day: str, days: int) -> str:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


BLANK_RATE = ("does not exist", "not_found")
