"""Financial accounts, ledger accounts, bank lines and statements."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from ..clock import CLOCK
from . import common
from .invoices import ENTITY, EXTERNAL, SALES

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

READ = ("settings", "sales_invoices", "documents", "estimates")
BANK = ("bank",)
MOST = 100
BOOKABLE = (
    "SalesInvoice", "Document", "LedgerAccount", "PaymentTransactionBatch",
    "PurchaseTransaction", "NewPurchaseInvoice", "NewReceipt", "PaymentTransaction",
    "PurchaseTransactionBatch", "ExternalSalesInvoice", "Payment", "VatDocument",
)  # fmt: skip


class BankMixin(Base):
    """What the bank scope opens, and the accounts that payments name."""

    def bank_routes(self) -> list:
        line = "/financial_mutations/<key>"
        statement = "/financial_statements"
        return [
            ("GET", "/ledger_accounts", self.list_ledgers, READ),
            ("GET", "/ledger_accounts/<key>", self.get_ledger, READ),
            ("GET", "/financial_accounts", self.list_accounts, ("settings",)),
            ("GET", "/financial_mutations", self.list_mutations, BANK),
            ("GET", line, self.get_mutation, BANK),
            ("PATCH", f"{line}/link_booking", self.link_booking, BANK),
            ("DELETE", f"{line}/unlink_booking", self.unlink_booking, BANK),
            ("POST", statement, self.create_statement, BANK),
            ("PATCH", f"{statement}/<key>", self.update_statement, BANK),
            ("DELETE", f"{statement}/<key>", self.delete_statement, BANK),
        ]

    # === ACCOUNTS === #

    def list_ledgers(self, request: Request, adm: dict) -> list[dict]:
        rows = self.book.all("ledger_account", administration_id=adm["id"])
        return [self._show_ledger(row) for row in rows]

    @staticmethod
    def _show_ledger(row: dict) -> dict:
        return {key: value for key, value in row.items() if not key.startswith("_")}

    def get_ledger(self, request: Request, adm: dict, key: str) -> dict:
        found = self.book.get("ledger_account", key)
        if not found or found["administration_id"] != adm["id"]:
            raise common.missing("id")
        return self._show_ledger(found)

    def ledger(self, adm: dict, use: str) -> dict:
        """:param use: revenue, clearing, …: what the account is for"""
        found = self.book.first("ledger_account", administration_id=adm["id"], _use=use)
        if not found:
            raise common.missing("ledger_account_id")
        return found

    def list_accounts(self, request: Request, adm: dict) -> list[dict]:
        return self.book.all(
            "financial_account", administration_id=adm["id"], active=True
        )

    # === BANK LINES === #

    def show_mutation(self, mutation: dict) -> dict:
        payments = self.book.all("payment", financial_mutation_id=mutation["id"])
        return {**mutation, "payments": payments}

    def make_mutation(self, adm: dict, data: dict, statement: dict) -> dict:
        amount = common.money(common.number(data["amount"]) or Decimal())
        now = CLOCK.iso_ms()
        day = common.parse_date(data.get("date")) or statement["official_date"]
        mutation = {
            "id": common.new_id(self.book),
            "administration_id": adm["id"],
            "amount": amount,
            "code": data.get("code"),
            "date": day or CLOCK.today(),
            "message": data.get("message") or "",
            "contra_account_name": data.get("contra_account_name"),
            "contra_account_number": data.get("contra_account_number") or "",
            "state": "unprocessed",
            "settlement_state": "settled",
            "amount_open": amount,
            "sepa_fields": None,
            "batch_reference": data.get("batch_reference"),
            "financial_account_id": statement["financial_account_id"],
            "currency": adm["currency"],
            "original_amount": None,
            "created_at": now,
            "updated_at": now,
            "version": common.version(),
            "financial_statement_id": statement["id"],
            "processed_at": None,
            "account_servicer_transaction_id": data.get(
                "account_servicer_transaction_id"
            ),
            "ledger_account_bookings": [],
        }
        return self.book.put("financial_mutation", mutation)

    def settle_mutation(self, key: str | None) -> None:
        """What is open of a bank line after its payments and bookings."""
        mutation = self.book.get("financial_mutation", key)
        if not mutation:
            return
        rows = [
            *self.book.all("payment", financial_mutation_id=key),
            *mutation["ledger_account_bookings"],
        ]
        used = sum(Decimal(row.get("price_base") or row["price"]) for row in rows)
        left = Decimal(mutation["amount"]) - used
        mutation["amount_open"] = common.money(left)
        mutation["state"] = "unprocessed" if left else "processed"
        mutation["processed_at"] = None if left else CLOCK.iso_ms()
        mutation["updated_at"] = CLOCK.iso_ms()
        mutation["version"] = common.version(mutation["version"])
        self.book.put("financial_mutation", mutation)

    def mutation(self, adm: dict, key: str) -> dict:
        found = self.book.get("financial_mutation", key)
        if not found or found["administration_id"] != adm["id"]:
            raise common.missing("id")
        return found

    def mutation_rows(self, adm: dict, request: Request) -> list[dict]:
        filters = common.parse_filter(request, "period:this_year")
        rows = self.book.all(
            "financial_mutation", newest_first=True, administration_id=adm["id"]
        )
        tests = {
            "period": common.in_period("date"),
            "state": common.one_of("state"),
            "financial_account_id": common.one_of("financial_account_id"),
            "mutation_type": lambda row, value: (
                value == ("debit" if Decimal(row["amount"]) < 0 else "credit")
            ),
            "amount_from": lambda row, value: Decimal(row["amount"]) >= Decimal(value),
            "amount_to": lambda row, value: Decimal(row["amount"]) <= Decimal(value),
        }
        return common.filtered(rows, filters, tests)

    def list_mutations(self, request: Request, adm: dict) -> list[dict]:
        rows = self.mutation_rows(adm, request)
        if len(rows) > MOST:
            text = "Too many financial mutations to return, please use sync API"
            raise common.bad(text)
        return [self.show_mutation(row) for row in rows]

    def get_mutation(self, request: Request, adm: dict, key: str) -> dict:
        return self.show_mutation(self.mutation(adm, key))

    def link_booking(self, request: Request, adm: dict, key: str) -> tuple[int, int]:
        mutation = self.mutation(adm, key)
        data = self.data(request)
        kind = data.get("booking_type")
        if kind not in BOOKABLE:
            raise common.bad("booking_type does not have a valid value")
        price = data.get("price_base") or data.get("price") or mutation["amount_open"]
        if common.number(price) is None:
            raise common.bad("price does not have a valid value")
        self.check_open_period(adm, "date", mutation["date"])
        target = str(data.get("booking_id") or "")
        if kind == "LedgerAccount":
            self._book_on_ledger(adm, mutation, target, data, price)
        else:
            self._book_on_invoice(adm, mutation, kind, target, price)
        self.settle_mutation(key)
        return 1, 200

    def _book_on_ledger(
        self, adm: dict, mutation: dict, target: str, data: dict, price: Any
    ) -> None:
        if not self.book.get("ledger_account", target):
            raise common.missing("booking_id")
        now = CLOCK.iso_ms()
        mutation["ledger_account_bookings"].append(
            {
                "id": common.new_id(self.book),
                "administration_id": adm["id"],
                "financial_mutation_id": mutation["id"],
                "ledger_account_id": target,
                "project_id": None,
                "description": data.get("description"),
                "price": common.money(common.number(price) or Decimal()),
                "created_at": now,
                "updated_at": now,
            }
        )
        self.book.put("financial_mutation", mutation)

    def _book_on_invoice(
        self, adm: dict, mutation: dict, kind: str, target: str, price: Any
    ) -> None:
        kinds = {entity: name for name, entity in ENTITY.items()}
        if kind not in kinds:
            raise common.missing("booking_id")
        invoice = self.invoice(adm, kinds[kind], target, "booking_id")
        values = {
            "price": price,
            "payment_date": mutation["date"],
            "financial_mutation_id": mutation["id"],
            "financial_account_id": mutation["financial_account_id"],
        }
        self.make_payment(adm, kinds[kind], invoice, values)

    def unlink_booking(self, request: Request, adm: dict, key: str) -> dict:
        mutation = self.mutation(adm, key)
        data = self.data(request)
        target = str(data.get("booking_id") or "")
        if data.get("booking_type") == "Payment":
            payment = self.book.get("payment", target)
            if not payment or payment["financial_mutation_id"] != key:
                raise common.missing("booking_id")
            sales = payment["invoice_type"] == "SalesInvoice"
            kind = SALES if sales else EXTERNAL
            invoice = self.invoice(adm, kind, payment["invoice_id"])
            self.drop_payment(adm, kind, invoice, payment)
        elif data.get("booking_type") == "LedgerAccountBooking":
            rows = mutation["ledger_account_bookings"]
            left = [row for row in rows if row["id"] != target]
            if len(left) == len(rows):
                raise common.missing("booking_id")
            self.book.update("financial_mutation", key, ledger_account_bookings=left)
            self.settle_mutation(key)
        else:
            raise common.bad("booking_type does not have a valid value")
        return self.show_mutation(self.mutation(adm, key))

    # === STATEMENTS === #

    def make_statement(self, adm: dict, data: dict) -> dict:
        key = common.new_id(self.book)
        account = data.get("financial_account_id")
        statement = {
            "id": key,
            "administration_id": adm["id"],
            "financial_account_id": str(account),
            "reference": data["reference"],
            "official_date": common.parse_date(data.get("official_date")),
            "official_balance": data.get("official_balance"),
            "importer_service": data.get("importer_key"),
        }
        self.book.put("financial_statement", statement)
        self._add_lines(adm, statement, data)
        event = "financial_statement_created"
        self.announce(adm, "FinancialStatement", statement, event)
        return statement

    def _add_lines(self, adm: dict, statement: dict, data: dict) -> None:
        given = data.get("financial_mutations_attributes") or []
        for row in given.values() if isinstance(given, dict) else given:
            if common.number(row.get("amount")) is None:
                wrong = [("is not a number", "not_a_number")]
                raise common.invalid(amount=wrong)
            known = row.get("account_servicer_transaction_id")
            account = statement["financial_account_id"]
            if known and self.book.first(
                "financial_mutation",
                account_servicer_transaction_id=known,
                financial_account_id=account,
            ):
                continue
            self.make_mutation(adm, row, statement)

    def show_statement(self, statement: dict) -> dict:
        rows = self.book.all(
            "financial_mutation", financial_statement_id=statement["id"]
        )
        shown = {k: v for k, v in statement.items() if k != "administration_id"}
        return {**shown, "financial_mutations": [self.show_mutation(r) for r in rows]}

    def create_statement(self, request: Request, adm: dict) -> tuple[dict, int]:
        data = self.wrapped(request, "financial_statement")
        if not str(data.get("reference") or "").strip():
            raise common.invalid(reference=[common.BLANK])
        account = data.get("financial_account_id")
        if not self.book.get("financial_account", str(account)):
            raise common.invalid(financial_account_id=[common.BLANK])
        return self.show_statement(self.make_statement(adm, data)), 201

    def _statement(self, adm: dict, key: str) -> dict:
        found = self.book.get("financial_statement", key)
        if not found or found["administration_id"] != adm["id"]:
            raise common.missing("id")
        return found

    def update_statement(self, request: Request, adm: dict, key: str) -> dict:
        statement = self._statement(adm, key)
        data = self.wrapped(request, "financial_statement")
        for name in ("reference", "official_date", "official_balance"):
            if name in data:
                statement[name] = data[name]
        self.book.put("financial_statement", statement)
        self._add_lines(adm, statement, data)
        return self.show_statement(statement)

    def delete_statement(self, request: Request, adm: dict, key: str) -> Response:
        self._statement(adm, key)
        for row in self.book.all("financial_mutation", financial_statement_id=key):
            self.book.remove("financial_mutation", row["id"])
        self.book.remove("financial_statement", key)
        return Response(status=204)
