"""The first day of an administration, scenes that control can set, the book page."""

from typing import TYPE_CHECKING, Any

from ..clock import CLOCK
from ..service import Refusal
from . import common
from .invoices import EXTERNAL, SALES, UNPAID

if TYPE_CHECKING:
    from .service import MoneybirdService as Base
else:
    Base = object

ADMINISTRATION = "178732006888903010"
LEDGERS = (
    # use, number, name, type, code of the national chart
    ("revenue", "80000", "Omzet", "revenue", "WOmzNopOpg"),
    ("debtors", "13000", "Debiteuren", "current_assets", "BVorDeb"),
    ("bank", "11000", "Bank", "current_assets", "BLimBan"),
    ("clearing", "20000", "Kruisposten", "current_assets", "BLimKru"),
    ("ccv", "20010", "Kruisposten CCV", "current_assets", "BLimKru"),
    ("mollie", "20020", "Kruisposten Mollie", "current_assets", "BLimKru"),
    ("fees", "46801", "Kosten betaalverkeer", "expenses", "WBedAlkOal"),
    ("rounding", "49900", "Betalingsverschillen", "expenses", "WBedAlkBet"),
)
RATES = (("21% btw", "21.0"), ("9% btw", "9.0"), ("0% btw", "0.0"))
ACCOUNTS = (
    ("BankAccount", "Rekening-courant", "NL91ADYB2006011082"),
    ("BankAccount", "CCV Online Payments", "CCV"),
    ("BankAccount", "Mollie", "MOLLIE"),
)


class ScenesMixin(Base):
    """Methods ``scene_<key>``, the seed, and the buttons of the page."""

    # === THE FIRST DAY === #

    def seed(self) -> None:
        self.oauth.seed()
        self.scene_tokens([{"token": "sandbox-token"}])
        self.make_administration({"id": ADMINISTRATION})

    def seed_administration(self, adm: dict) -> None:
        """Ledger accounts, tax rates and financial accounts of a new administration."""
        now = CLOCK.iso_ms()
        common_part = {"administration_id": adm["id"], "active": True}
        stamps = {"created_at": now, "updated_at": now}
        for use, number, name, kind, code in LEDGERS:
            ledger = {
                "id": common.new_id(self.book),
                **common_part,
                "name": name,
                "account_type": kind,
                "account_id": number,
                "parent_id": None,
                **stamps,
                "allowed_document_types": [
                    "sales_invoice",
                    "financial_mutation",
                    "general_journal_document",
                ],
                "taxonomy_item": {
                    "taxonomy_version": "3.5",
                    "code": code,
                    "name": name,
                    "name_english": None,
                    "reference": number,
                },
                "financial_account_id": None,
                "_use": use,
            }
            self.book.put("ledger_account", ledger)
        for name, percentage in RATES:
            rate = {
                "id": common.new_id(self.book),
                **common_part,
                "name": name,
                "percentage": percentage,
                "tax_rate_type": "sales_invoice",
                "show_tax": True,
                "country": "NL",
                **stamps,
            }
            self.book.put("tax_rate", rate)
        self._make_accounts(adm, ACCOUNTS)

    def _make_accounts(self, adm: dict, rows: Any) -> list[str]:
        made = []
        for kind, name, identifier in rows:
            account = {
                "id": common.new_id(self.book),
                "administration_id": adm["id"],
                "type": kind,
                "name": name,
                "identifier": identifier,
                "currency": adm["currency"],
                "provider": None,
                "moneybird_account": False,
                "active": True,
                "created_at": CLOCK.iso_ms(),
                "updated_at": CLOCK.iso_ms(),
            }
            made.append(self.book.put("financial_account", account)["id"])
        return made

    # === SCENES === #

    def _adm(self, row: dict) -> dict:
        key = row.get("administration_id") or ADMINISTRATION
        adm = self.book.get("administration", key)
        if not adm:
            raise Refusal(400, {"error": f"no administration {key}"})
        return adm

    def scene_oauth(self, values: dict) -> dict:
        return self.oauth.scene(values)

    def scene_tokens(self, rows: list[dict]) -> list[str]:
        """Personal tokens: ``token``, ``scopes`` (list, default all)."""
        for row in rows:
            scope = " ".join(row.get("scopes", common.SCOPES))
            self.book.put("_personal", {"scope": scope}, row["token"])
        return [row["token"] for row in rows]

    def scene_administrations(self, rows: list[dict]) -> list[str]:
        """New ones: ``id``, ``name``, ``period_locked_until``."""
        return [self.make_administration(row)["id"] for row in rows]

    def scene_administration(self, changes: dict) -> dict:
        """Change the first one, e.g. ``period_locked_until``."""
        return self.book.update("administration", ADMINISTRATION, **changes)

    def scene_contacts(self, rows: list[dict]) -> list[str]:
        return [self.make_contact(self._adm(row), row)["id"] for row in rows]

    def _contact_for(self, adm: dict, row: dict) -> str | None:
        """``contact_id``, or ``contact``: a company's name or a whole contact."""
        given = row.get("contact")
        if not given:
            return row.get("contact_id")
        values = {"company_name": given} if isinstance(given, str) else given
        name = values.get("company_name")
        known = name and self.book.first(
            "contact", administration_id=adm["id"], company_name=name
        )
        return (known or self.make_contact(adm, values))["id"]

    def _invoice_values(self, adm: dict, row: dict) -> dict:
        values = {**row, "contact_id": self._contact_for(adm, row)}
        if "amount" in row:
            values["prices_are_incl_tax"] = True
            line = {"description": row.get("description", "Factuur")}
            values["details_attributes"] = [{**line, "price": row["amount"]}]
        return values

    def scene_sales_invoices(self, rows: list[dict]) -> list[dict]:
        """``contact`` (company name or contact) or ``contact_id``, ``amount`` (with
        tax) or ``details_attributes``, ``description``, ``reference``,
        ``invoice_date``, ``due_days`` (default 14), ``invoice_id`` (its number),
        ``state`` (default open), ``payments``: list of ``price`` and ``payment_date``.
        """
        made = []
        for row in rows:
            adm = self._adm(row)
            values = self._invoice_values(adm, row)
            values["first_due_interval"] = row.get("due_days", 14)
            invoice = self.make_sales_invoice(adm, values)
            state = row.get("state", "open")
            if state != "draft":
                number = {"invoice_id": row.get("invoice_id")}
                invoice = self.send_sales_invoice(adm, invoice, number)
            for payment in row.get("payments", []):
                self.make_payment(adm, SALES, invoice, payment)
            if state not in ("draft", "open", "paid", "late"):
                invoice = self.set_state(adm, SALES, invoice, state)
            names = ("id", "invoice_id", "payment_reference", "state")
            made.append({name: invoice[name] for name in names})
        return made

    def scene_external_sales_invoices(self, rows: list[dict]) -> list[dict]:
        """As sales invoices; ``reference``, ``date``, ``due_date``."""
        made = []
        for row in rows:
            adm = self._adm(row)
            invoice = self.make_external(adm, self._invoice_values(adm, row))
            for payment in row.get("payments", []):
                self.make_payment(adm, EXTERNAL, invoice, payment)
            names = ("id", "reference", "state")
            made.append({name: invoice[name] for name in names})
        return made

    def scene_financial_accounts(self, rows: list[dict]) -> list[str]:
        """``name``, ``identifier``, ``type`` (default BankAccount)."""
        made = []
        for row in rows:
            kind = row.get("type", "BankAccount")
            values = [(kind, row["name"], row["identifier"])]
            made += self._make_accounts(self._adm(row), values)
        return made

    def scene_mutations(self, rows: list[dict]) -> list[str]:
        """Bank lines: ``amount``, ``message``, ``date`` …, on the first account."""
        made = []
        for row in rows:
            adm = self._adm(row)
            account = self.book.all(
                "financial_account", administration_id=adm["id"], active=True
            )[0]
            values = {
                "financial_account_id": row.get("financial_account_id", account["id"]),
                "reference": row.get("reference", "Bankregels"),
                "official_date": row.get("date") or CLOCK.today(),
                "financial_mutations_attributes": [row],
            }
            statement = self.make_statement(adm, values)
            lines = self.book.all(
                "financial_mutation", financial_statement_id=statement["id"]
            )
            made += [line["id"] for line in lines]
        return made

    # === BOOK PAGE === #

    def page_context(self) -> dict[str, Any]:
        kinds = ("contact", SALES, EXTERNAL, "payment", "financial_mutation", "webhook")
        found = {f"{kind}s": self.book.all(kind, newest_first=True) for kind in kinds}
        names = {
            row["id"]: row["company_name"]
            or " ".join(filter(None, (row["firstname"], row["lastname"])))
            for row in found["contacts"]
        }
        ledgers = {row["id"]: row["name"] for row in self.book.all("ledger_account")}
        by_invoice: dict[str, list] = {}
        for payment in found["payments"]:
            by_invoice.setdefault(payment["invoice_id"], []).append(payment)
        return {
            **found,
            "names": names,
            "ledgers": ledgers,
            "paid": by_invoice,
            "administrations": self.book.all("administration"),
            "unpaid": UNPAID,
        }

    def page_action(self, action: str, form: dict[str, str]) -> None:
        if action != "pay":
            super().page_action(action, form)
        kind = EXTERNAL if form.get("kind") == EXTERNAL else SALES
        invoice = self.book.get(kind, form["id"])
        if not invoice:
            raise common.missing("id")
        adm = self._adm(invoice)
        values = {"price": invoice["total_unpaid"], "payment_date": CLOCK.today()}
        self.make_payment(adm, kind, invoice, values)
