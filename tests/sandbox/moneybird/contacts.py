"""Contacts."""

import hashlib
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from ..clock import CLOCK
from . import common

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

ANY = ("sales_invoices", "documents", "estimates", "bank", "settings")
TEXTS = [
    "company_name",
    "firstname",
    "lastname",
    "address1",
    "address2",
    "zipcode",
    "city",
    "phone",
    "tax_number",
    "chamber_of_commerce",
    "bank_account",
    "max_transfer_amount",
    "attention",
    "email",
    "send_invoices_to_attention",
    "send_invoices_to_email",
    "send_estimates_to_attention",
    "send_estimates_to_email",
    "sepa_iban",
    "sepa_iban_account_name",
    "sepa_bic",
    "sepa_mandate_id",
    "sepa_mandate_date",
    "credit_card_number",
    "credit_card_reference",
    "credit_card_type",
    "tax_number_validated_at",
    "tax_number_valid",
    "invoice_workflow_id",
    "estimate_workflow_id",
    "si_identifier",
    "si_identifier_type",
]
WRITABLE = {*TEXTS, "country", "delivery_method", "customer_id", "email_ubl",
            "direct_debit", "sepa_active", "sepa_sequence_type"}  # fmt: skip
DELIVERY = ("Email", "Simplerinvoicing", "Peppol", "Manual", "Post")


class ContactsMixin(Base):
    """``/contacts``."""

    def contact_routes(self) -> list:
        return [
            ("GET", "/contacts", self.list_contacts, ANY),
            ("POST", "/contacts", self.create_contact, ANY),
            ("GET", "/contacts/filter", self.list_contacts, ANY),
            ("GET", "/contacts/customer_id/<number>", self.get_by_customer, ANY),
            ("GET", "/contacts/<key>", self.get_contact, ANY),
            ("PATCH", "/contacts/<key>", self.update_contact, ANY),
            ("DELETE", "/contacts/<key>", self.delete_contact, ANY),
            ("PATCH", "/contacts/<key>/archive", self.archive_contact, ANY),
        ]

    def make_contact(self, adm: dict, data: dict) -> dict:
        key = data.get("id") or common.new_id(self.book)
        digest = hashlib.sha256(key.encode()).hexdigest()
        now = CLOCK.iso_ms()
        contact = {
            "id": key,
            "administration_id": adm["id"],
            **dict.fromkeys(TEXTS),
            "country": "NL",
            "delivery_method": "Email",
            "customer_id": str(self.book.number(f"customer.{adm['id']}")),
            "is_trusted": False,
            "email_ubl": False,
            "direct_debit": False,
            "sepa_active": False,
            "sepa_sequence_type": "RCUR",
            "moneybird_payments_mandate": False,
            "created_at": now,
            "updated_at": now,
            "version": common.version(),
            "sales_invoices_url": f"https://moneybird.sandbox/{adm['id']}"
            f"/sales_invoices/{digest}/all",
            "notes": [],
            "custom_fields": [],
            "contact_people": [],
            "archived": False,
        }
        contact.update({k: v for k, v in data.items() if k in WRITABLE})
        contact["email"] = contact["email"] or contact["send_invoices_to_email"]
        self.book.put("contact", contact)
        self.announce(adm, "Contact", contact, "contact_created")
        return contact

    def contact(self, adm: dict, key: str | None) -> dict:
        """:raise Refusal: 404"""
        contact = self.book.get("contact", key)
        if not contact or contact["administration_id"] != adm["id"]:
            raise common.missing("id")
        return contact

    @staticmethod
    def show_contact(contact: dict) -> dict:
        return {**contact, "events": []}

    def _contact_body(self, request: Request, old: dict | None = None) -> dict:
        data = self.wrapped(request, "contact")
        merged = {**(old or {}), **data}
        names = ("company_name", "firstname", "lastname")
        if not any(str(merged.get(name) or "").strip() for name in names):
            blank = [("Contact is invalid: a name is needed", "blank")]
            raise common.invalid(base=blank)
        if merged.get("delivery_method") not in (None, *DELIVERY):
            wrong = [("is not included in the list", "inclusion")]
            raise common.invalid(delivery_method=wrong)
        customer = data.get("customer_id")
        twin = self.book.first("contact", customer_id=customer) if customer else None
        if twin and twin["id"] != (old or {}).get("id"):
            raise common.invalid(customer_id=[("has already been taken", "taken")])
        return data

    def contact_rows(self, adm: dict, request: Request) -> list[dict]:
        filters = common.parse_filter(request, "")
        rows = self.book.all("contact", administration_id=adm["id"])
        tests = {
            "created_after": common.after("created_at"),
            "updated_after": common.after("updated_at"),
            "firstname": common.one_of("firstname"),
            "first_name": common.one_of("firstname"),
            "lastname": common.one_of("lastname"),
            "last_name": common.one_of("lastname"),
            "delivery_method": common.one_of("delivery_method"),
        }
        return common.filtered(rows, filters, tests)

    def list_contacts(self, request: Request, adm: dict) -> list[dict]:
        rows = self.contact_rows(adm, request)
        if not common.truth(request.args.get("include_archived")):
            rows = [row for row in rows if not row["archived"]]
        query = request.args.get("query", "").lower()
        if query:
            fields = ("company_name", "firstname", "lastname", "email", "customer_id")
            rows = [
                row
                for row in rows
                if query in " ".join(str(row[f] or "") for f in fields).lower()
            ]
        shown = [self.show_contact(row) for row in rows]
        return common.page(request, shown, self.url(request.path))

    def create_contact(self, request: Request, adm: dict) -> tuple[dict, int]:
        contact = self.make_contact(adm, self._contact_body(request))
        return self.show_contact(contact), 201

    def get_contact(self, request: Request, adm: dict, key: str) -> dict:
        return self.show_contact(self.contact(adm, key))

    def get_by_customer(self, request: Request, adm: dict, number: str) -> dict:
        for contact in self.book.all("contact", administration_id=adm["id"]):
            if contact["customer_id"] == number:
                return self.show_contact(contact)
        raise common.missing("customer_id")

    def update_contact(self, request: Request, adm: dict, key: str) -> dict:
        old = self.contact(adm, key)
        data = self._contact_body(request, old)
        changes = {k: v for k, v in data.items() if k in WRITABLE}
        return self.show_contact(self._touch_contact(adm, old, **changes))

    def _touch_contact(self, adm: dict, contact: dict, **changes: object) -> dict:
        contact = self.book.update(
            "contact",
            contact["id"],
            **changes,
            updated_at=CLOCK.iso_ms(),
            version=common.version(contact["version"]),
        )
        self.announce(adm, "Contact", contact, "contact_changed")
        return contact

    def archive_contact(self, request: Request, adm: dict, key: str) -> Response:
        self._touch_contact(adm, self.contact(adm, key), archived=True)
        return Response(status=204)

    def delete_contact(self, request: Request, adm: dict, key: str) -> Response:
        contact = self.contact(adm, key)
        kinds = ("sales_invoice", "external_sales_invoice")
        if any(self.book.first(kind, contact_id=key) for kind in kinds):
            raise common.bad("Contact has documents and cannot be deleted")
        self.book.remove("contact", key)
        self.announce(adm, "Contact", contact, "contact_destroyed", gone=True)
        return Response(status=204)
