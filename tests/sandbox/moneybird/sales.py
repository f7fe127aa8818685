"""Endpoints of sales invoices and external sales invoices."""

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug import Request

from ..clock import CLOCK
from . import common
from .contacts import ANY
from .invoices import EXTERNAL, SALES, SCOPE, UNPAID

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

TERM_DAYS = 14


class SalesMixin(Base):
    """``/sales_invoices`` and ``/external_sales_invoices``."""

    def invoice_routes(self) -> list:
        routes = []
        for kind in (SALES, EXTERNAL):
            path = f"/{kind}s"
            one = f"{path}/<key>"
            routes += [
                ("GET", path, partial(self.list_invoices, kind=kind), SCOPE),
                ("GET", one, partial(self.get_invoice, kind=kind), SCOPE),
                ("PATCH", one, partial(self.update_invoice, kind=kind), SCOPE),
                ("DELETE", one, partial(self.delete_invoice, kind=kind), SCOPE),
                (
                    "PATCH",
                    f"{one}/mark_as_uncollectible",
                    partial(self.write_off, kind=kind),
                    SCOPE,
                ),
            ]
        path = "/sales_invoices"
        return [
            ("GET", f"{path}/find_by_invoice_id/<number>", self.find_number, SCOPE),
            (
                "GET",
                f"{path}/find_by_reference/<path:text>",
                self.find_reference,
                SCOPE,
            ),
            ("POST", path, self.create_sales_invoice, SCOPE),
            ("PATCH", f"{path}/<key>/send_invoice", self.send_invoice, SCOPE),
            ("POST", "/external_sales_invoices", self.create_external, SCOPE),
            *routes,
            ("GET", "/tax_rates", self.list_tax_rates, ANY),
        ]

    # === SALES INVOICES === #

    def make_sales_invoice(self, adm: dict, data: dict) -> dict:
        """A draft, from the fields of a request that were checked before."""
        key = common.new_id(self.book)
        now = CLOCK.iso_ms()
        details = self.details_of(adm, data)
        code = hashlib.sha256(key.encode()).hexdigest()
        url = self.url(f"/{adm['id']}/external/{code}/sales_invoice")
        invoice = {
            "id": key,
            "administration_id": adm["id"],
            "contact_id": str(data["contact_id"]),
            "contact_person_id": None,
            "contact_person": None,
            "invoice_id": None,
            "recurring_sales_invoice_id": None,
            "subscription_id": None,
            "workflow_id": str(data.get("workflow_id") or adm["workflow_id"]),
            "document_style_id": adm["document_style_id"],
            "identity_id": adm["identity_id"],
            "draft_id": self.book.number(f"draft.{adm['id']}"),
            "state": "draft",
            "invoice_date": common.parse_date(data.get("invoice_date")),
            "due_date": None,
            "payment_conditions": data.get("payment_conditions"),
            "payment_reference": None,
            "short_payment_reference": None,
            "reference": data.get("reference"),
            "language": "nl",
            "currency": data.get("currency") or adm["currency"],
            "discount": "0.0",
            "original_sales_invoice_id": None,
            "paused": False,
            "paid_at": None,
            "sent_at": None,
            "created_at": now,
            "updated_at": now,
            "public_view_code": code[:6],
            "public_view_code_expires_at": None,
            "version": common.version(),
            "details": details,
            "total_paid": "0.0",
            **self.totals_of(adm, data, details),
            "total_discount": "0.0",
            "marked_dubious_on": None,
            "marked_uncollectible_on": None,
            "reminder_count": 0,
            "next_reminder": None,
            "original_estimate_id": None,
            "url": url,
            "payment_url": url,
            "custom_fields": [],
            "notes": [],
            "attachments": [],
            "events": [],
            "time_entries": [],
        }
        total = invoice["total_price_incl_tax"]
        invoice["total_unpaid"] = invoice["total_unpaid_base"] = total
        term = data.get("first_due_interval")
        invoice["_term"] = TERM_DAYS if term is None else int(term)
        day = invoice["invoice_date"] or CLOCK.today()
        invoice["due_date"] = self.due_after(day, invoice["_term"])
        self.book.put(SALES, invoice)
        self.announce(adm, "SalesInvoice", invoice, "sales_invoice_created")
        return invoice

    def create_sales_invoice(self, request: Request, adm: dict) -> tuple[dict, int]:
        self.check_limit()
        data = self.wrapped(request, SALES)
        if not data.get("contact_id"):
            raise common.invalid(contact_id=[common.BLANK])
        self._check_contact(adm, data["contact_id"])
        day = common.parse_date(data.get("invoice_date"))
        self.check_open_period(adm, "invoice_date", day)
        return self.show_invoice(self.make_sales_invoice(adm, data)), 201

    def _check_contact(self, adm: dict, key: Any) -> None:
        contact = self.book.get("contact", str(key))
        if not contact or contact["administration_id"] != adm["id"]:
            raise common.missing("contact_id")

    def send_sales_invoice(self, adm: dict, invoice: dict, data: dict) -> dict:
        """Give a draft its number, dates and payment reference; it is open then."""
        given = common.parse_date(data.get("invoice_date"))
        day = given or invoice["invoice_date"] or CLOCK.today()
        self.check_open_period(adm, "invoice_date", day)
        number = data.get("invoice_id") or self._next_number(adm, day)
        invoice["invoice_id"] = number
        invoice["draft_id"] = None
        invoice["invoice_date"] = day
        invoice["due_date"] = self.due_after(day, invoice["_term"])
        invoice["next_reminder"] = invoice["due_date"]
        invoice["sent_at"] = CLOCK.today()
        short, long = payment_reference(invoice["id"])
        invoice["short_payment_reference"] = short
        invoice["payment_reference"] = long
        later = common.truth(data.get("sending_scheduled")) and day > CLOCK.today()
        invoice = self.set_state(adm, SALES, invoice, "scheduled" if later else "open")
        return self.settle(adm, SALES, invoice)

    def _next_number(self, adm: dict, day: str) -> str:
        count = self.book.number(f"invoice.{adm['id']}.{day[:4]}")
        return f"{day[:4]}-{count:04d}"

    def send_invoice(self, request: Request, adm: dict, key: str) -> dict:
        invoice = self.invoice(adm, SALES, key)
        data = self.data(request).get("sales_invoice_sending") or {}
        if invoice["state"] != "draft":
            return self.show_invoice(invoice)
        return self.show_invoice(self.send_sales_invoice(adm, invoice, data))

    def find_number(self, request: Request, adm: dict, number: str) -> dict:
        found = self.book.first(SALES, administration_id=adm["id"], invoice_id=number)
        if not found:
            text = f"Sales invoice with invoice_id: {number} was not found"
            raise common.missing("invoice_id", text)
        return self.show_invoice(self.invoice(adm, SALES, found["id"]))

    def find_reference(self, request: Request, adm: dict, text: str) -> dict:
        found = self.book.first(SALES, administration_id=adm["id"], reference=text)
        if not found:
            words = f"Sales invoice with reference: {text} was not found"
            raise common.missing("reference", words)
        return self.show_invoice(self.invoice(adm, SALES, found["id"]))

    # === EXTERNAL SALES INVOICES === #

    def make_external(self, adm: dict, data: dict) -> dict:
        key = common.new_id(self.book)
        now = CLOCK.iso_ms()
        details = self.details_of(adm, data)
        contact = data.get("contact_id")
        invoice = {
            "id": key,
            "administration_id": adm["id"],
            "contact_id": str(contact) if contact else None,
            "date": common.parse_date(data.get("date")) or CLOCK.today(),
            "state": "open",
            "due_date": common.parse_date(data.get("due_date")),
            "reference": data["reference"],
            "entry_number": self.book.number(f"entry.{adm['id']}", 101),
            "origin": "api",
            "source": data.get("source"),
            "source_url": data.get("source_url"),
            "currency": data.get("currency") or adm["currency"],
            "paid_at": None,
            "created_at": now,
            "updated_at": now,
            "version": common.version(),
            "details": details,
            "total_paid": "0.0",
            **self.totals_of(adm, data, details),
            "marked_dubious_on": None,
            "marked_uncollectible_on": None,
            "notes": [],
            "attachments": [],
            "events": [],
        }
        self.book.put(EXTERNAL, invoice)
        created = f"{EXTERNAL}_created"
        self.announce(adm, "ExternalSalesInvoice", invoice, created)
        return self.settle(adm, EXTERNAL, invoice)

    def create_external(self, request: Request, adm: dict) -> tuple[dict, int]:
        data = self.wrapped(request, EXTERNAL)
        if not str(data.get("reference") or "").strip():
            raise common.invalid(reference=[common.BLANK])
        if data.get("contact_id"):
            self._check_contact(adm, data["contact_id"])
        day = common.parse_date(data.get("date"))
        self.check_open_period(adm, "date", day)
        return self.show_invoice(self.make_external(adm, data)), 201

    # === BOTH === #

    def get_invoice(self, request: Request, adm: dict, kind: str, key: str) -> dict:
        return self.show_invoice(self.invoice(adm, kind, key))

    def update_invoice(self, request: Request, adm: dict, kind: str, key: str) -> dict:
        invoice = self.invoice(adm, kind, key)
        data = self.wrapped(request, kind)
        if invoice["state"] not in ("draft", "new", *UNPAID):
            raise common.bad("Invoice can no longer be changed")
        for name in ("reference", "due_date", "source", "source_url", "currency"):
            if name in data and name in invoice:
                invoice[name] = data[name]
        if data.get("details_attributes"):
            invoice["details"] = self.details_of(adm, data)
            invoice.update(self.totals_of(adm, data, invoice["details"]))
        return self.show_invoice(self.settle(adm, kind, invoice))

    def list_tax_rates(self, request: Request, adm: dict) -> list[dict]:
        rows = self.book.all("tax_rate", administration_id=adm["id"])
        return common.page(request, rows, self.url(request.path))


def payment_reference(key: str) -> tuple[str, str]:
    """:return: ISO 11649 creditor reference, short and padded to 25 characters

    >>> short, long = payment_reference("496100000001048583")
    >>> short, len(long), long.startswith(short[:4]), long.endswith(short[4:])
    ('RF65100000001048583', 25, True, True)
    """
    body = key[3:]
    digits = "".join(str(int(letter, 36)) for letter in f"{body}RF00")
    check = f"{98 - int(digits) % 97:02d}"
    return f"RF{check}{body}", f"RF{check}{body.zfill(21)}"
