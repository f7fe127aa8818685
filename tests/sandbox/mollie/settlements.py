"""Settlements: what was paid out to the bank account, and from what it was made."""

from decimal import Decimal
from typing import TYPE_CHECKING

from werkzeug import Request

from ..clock import CLOCK
from . import common

if TYPE_CHECKING:
    from .service import MollieService as Base
else:
    Base = object

VAT = Decimal("0.21")
NO_FEE = Decimal()
KINDS = ("payment", "refund", "chargeback")


class SettlementsMixin(Base):
    """``/v2/settlements``: an organisation's token is needed, and live payments."""

    def settlement_routes(self) -> list:
        one = "/v2/settlements/<key>"
        return [
            ("GET", "/v2/settlements", self.list_settlements),
            ("GET", one, self.get_settlement),
            *[
                ("GET", f"{one}/{kind}s", self._sub_list(kind))
                for kind in (*KINDS, "capture")
            ],
        ]

    def show_settlement(self, settlement: dict) -> dict:
        own = self.url(f"/v2/settlements/{settlement['id']}")
        links = {f"{kind}s": common.link(f"{own}/{kind}s") for kind in KINDS}
        links["captures"] = common.link(f"{own}/captures")
        links["self"] = common.link(own)
        links["documentation"] = common.docs_link("get-settlement")
        return {**settlement, "_links": links}

    def list_settlements(self, request: Request) -> dict:
        self.need(request, "settlements.read")
        found = self.book.all("settlement")
        for name, part in (("year", slice(0, 4)), ("month", slice(5, 7))):
            wanted = request.args.get(name)
            if wanted:
                found = [s for s in found if s["createdAt"][part] == wanted.zfill(2)]
        rows = [self.show_settlement(settlement) for settlement in found]
        return common.listing(self, request, "settlements", rows)

    def settlement(self, key: str) -> dict:
        """:raise Refusal: 404; the keys ``open`` and ``next`` are always there"""
        if key in ("open", "next"):
            waiting = self.unsettled() if key == "open" else {k: [] for k in KINDS}
            return self._build(key, "open", waiting, Decimal())
        found = self.book.get("settlement", key)
        if not found:
            raise common.missing("settlement", key)
        return found

    def get_settlement(self, request: Request, key: str) -> dict:
        self.need(request, "settlements.read")
        return self.show_settlement(self.settlement(key))

    def _sub_list(self, kind: str):
        def handler(request: Request, key: str) -> dict:
            self.need(request, "settlements.read")
            self.settlement(key)
            shows = {
                "payment": self.show_payment,
                "refund": self.show_refund,
                "chargeback": self.show_chargeback,
            }
            if kind not in shows:
                rows = []
            elif key in ("open", "next"):
                rows = self.unsettled()[kind] if key == "open" else []
            else:
                rows = self.book.all(kind, settlementId=key)
            shown = [shows[kind](row) for row in rows]
            return common.listing(self, request, f"{kind}s", shown)

        return handler

    def unsettled(self) -> dict[str, list[dict]]:
        """What is paid, refunded and charged back but in no settlement; only live
        money is settled.
        """
        found = {
            kind: [
                row
                for row in self.book.all(kind, mode="live")
                if not row.get("settlementId")
            ]
            for kind in KINDS
        }
        found["payment"] = [p for p in found["payment"] if p["status"] == "paid"]
        found["refund"] = [r for r in found["refund"] if r["status"] == "refunded"]
        return found

    def scene_settle(self, data: dict) -> dict:
        """Pay out what is unsettled: ``fee`` per payment (default 0.32, without VAT),
        ``return_fee`` per chargeback (default none), ``reference``, ``settledAt``,
        ``status`` (default paidout), ``payments`` (ids, default all).
        """
        waiting = self.unsettled()
        if data.get("payments"):
            waiting["payment"] = [
                p for p in waiting["payment"] if p["id"] in data["payments"]
            ]
        fee = Decimal(str(data.get("fee", "0.32")))
        key = common.new_id("stl")
        back = Decimal(str(data.get("return_fee", "0")))
        settlement = self._build(key, data.get("status", "paidout"), waiting, fee, back)
        now = CLOCK.now()
        number = self.book.number("settlement")
        settlement["reference"] = (
            data.get("reference") or f"1234567.{now:%y%m}.{number:02d}"
        )
        if settlement["status"] == "paidout":
            settlement["settledAt"] = data.get("settledAt") or CLOCK.iso(now)
        for kind, rows in waiting.items():
            for row in rows:
                self.book.update(kind, row["id"], settlementId=key)
        return self.book.put("settlement", settlement)

    @staticmethod
    def _build(
        key: str,
        status: str,
        rows: dict[str, list],
        fee: Decimal,
        return_fee: Decimal = NO_FEE,
    ) -> dict:
        totals = {
            kind: sum((common.cents(row["amount"]) for row in found), Decimal())
            for kind, found in rows.items()
        }
        costs = _costs("Transaction fees", None, len(rows["payment"]), fee)
        if return_fee:
            name, count = "Direct debit chargeback fees", len(rows["chargeback"])
            costs += _costs(name, "chargeback", count, return_fee)
        kept = sum((Decimal(cost["amountGross"]["value"]) for cost in costs), Decimal())
        amount = totals["payment"] - totals["refund"] - totals["chargeback"] - kept
        revenue = []
        for method in sorted({row["method"] for row in rows["payment"]}):
            found = [row for row in rows["payment"] if row["method"] == method]
            gross = sum((common.cents(row["amount"]) for row in found), Decimal())
            line = _line(common.METHODS.get(method, method), method, len(found))
            zero = _four(Decimal())
            revenue.append(
                {**line, "amountNet": _four(gross), "amountVat": zero,
                 "amountGross": _four(gross)}
            )  # fmt: skip
        now = CLOCK.now()
        period = {"revenue": revenue, "costs": costs}
        return {
            "resource": "settlement",
            "id": key,
            "createdAt": CLOCK.iso(now),
            "reference": None,
            "settledAt": None,
            "status": status,
            "amount": common.money(amount),
            "balanceId": common.BALANCE,
            "periods": {f"{now:%Y}": {f"{now:%m}": period}},
        }


def _four(value: Decimal) -> dict[str, str]:
    return {"currency": "EUR", "value": f"{value:.4f}"}


def _line(description: str, method: str | None, count: int) -> dict:
    return {"description": description, "method": method, "count": count}


def _costs(name: str, method: str | None, count: int, fee: Decimal) -> list[dict]:
    """What is kept for so many, with its VAT; nothing for none."""
    if not count:
        return []
    net = (fee * count).quantize(Decimal("0.0001"))
    vat = (net * VAT).quantize(Decimal("0.0001"))
    return [
        {
            **_line(name, method, count),
            "rate": {"fixed": _four(fee), "percentage": "0"},
            "amountNet": _four(net),
            "amountVat": _four(vat),
            "amountGross": _four(net + vat),
        }
    ]
