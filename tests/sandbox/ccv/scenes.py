"""Accounts of the first day, the scenes that control can set, and the page."""

from datetime import UTC, datetime

from ..service import Refusal
from .ledger import epoch_ms, shown
from .methods import DEFAULT_ENABLED, FAILURE_CODES, METHODS

KEY = "t_sandbox-kantine"
SECOND_KEY = "t_sandbox-webshop"
SHOWN = 100


def milliseconds(value):
    """A moment of a scene: epoch milliseconds, or ISO text (UTC when it names no zone).

    >>> milliseconds("2026-01-01"), milliseconds(5)
    (1767225600000, 5)
    """
    if isinstance(value, int):
        return value
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


class Scenes:
    """Part of the service; needs ``book`` and ``ledger``."""

    def seed(self):
        self.scene_accounts(
            [{"key": KEY, "name": "Kantine"}, {"key": SECOND_KEY, "name": "Webshop"}]
        )

    def _account(self, values):
        account = self.book.get("_account", values.get("account", KEY))
        if account is None:
            raise Refusal(400, {"error": f"no account {values['account']!r}"})
        return account

    # === SCENES === #

    def scene_accounts(self, values):
        """Each ``{"key": "t_…" or "l_…", "name", "methods"?}``."""
        for item in values:
            if not item["key"].startswith(("t_", "l_")):
                raise Refusal(400, {"error": "a key starts with t_ or l_"})
            start = {"name": item["key"][:12], "methods": list(DEFAULT_ENABLED)}
            self.book.put("_account", {**start, **item, "id": item["key"]})
        return [item["key"] for item in values]

    def scene_payments(self, values):
        """Payments that were made before. :return: their references

        Each ``{"amount", "account"?, "status"? (success), "method"? (ideal), "brand"?,
        "created"?, "final"?, "description"?, "merchantOrderReference"?, "metadata"?,
        "failureCode"?, "currency"?, "transactionType"?, "entryMode"?, "child"?,
        "webhookUrl"?, "details"?}``; ``child`` is the method chosen on a landing page,
        ``details`` are shown besides those of the method.
        """
        return [self._past_payment(item)["reference"] for item in values]

    def _past_payment(self, values):
        data = {"method": "ideal", "currency": "eur",
                "returnUrl": "http://localhost/return", **values}  # fmt: skip
        if data["method"] not in METHODS:
            raise Refusal(400, {"error": f"no method {data['method']!r}"})
        created = milliseconds(data.get("created", epoch_ms()))
        transaction = self.ledger.create(self._account(data), data, created)
        if values.get("entryMode"):
            transaction["entryMode"] = values["entryMode"]
        if values.get("details"):
            transaction["details"] = values["details"]
        status = values.get("status", "success")
        if status == "pending":
            return self.ledger.save(transaction)
        code = values.get("failureCode")
        final = milliseconds(values.get("final", created + 60_000))
        if values.get("child"):
            return self.ledger.pay_on_landing_page(
                transaction, values["child"], status, code, final
            )
        return self.ledger.finish(transaction, status, code, final)

    def scene_finish(self, values):
        """End waiting payments or refunds; one or a list of
        ``{"reference", "status"? (success), "failureCode"?, "method"?}``; ``method`` is
        the one chosen on a landing page.
        """
        wanted = values if isinstance(values, list) else [values]
        return [self._finish(item) for item in wanted]

    def _finish(self, values):
        transaction = self.book.get("transactions", values["reference"])
        if transaction is None:
            raise Refusal(400, {"error": f"no transaction {values['reference']!r}"})
        status, code = values.get("status", "success"), values.get("failureCode")
        if transaction["method"] == "landingpage" and values.get("method"):
            ended = self.ledger.pay_on_landing_page(
                transaction, values["method"], status, code
            )
        else:
            ended = self.ledger.finish(transaction, status, code)
        return shown(ended)

    def scene_refunds(self, values):
        """Refunds as if made in the vendor's own screens: the fields of the API."""
        made = []
        for item in values:
            original = self.book.get("transactions", item["reference"])
            if original is None:
                raise Refusal(400, {"error": f"no transaction {item['reference']!r}"})
            account = self.book.get("_account", original["_account"])
            made.append(self.ledger.refund(account, item)["reference"])
        return made

    def scene_payout(self, values):
        """Pay out what was collected: ``{"account"?, "until"?, "words"?}``.

        :return: id, amount and references, for the line on the bank statement
        """
        until = values.get("until")
        return self.ledger.pay_out(
            self._account(values),
            milliseconds(until) if until is not None else None,
            values.get("words", ""),
        )

    def scene_mandates(self, values):
        """Each ``{"id"?, "account"?, "status"?, "iban"?, "holder"?}``; its field names
        beyond id and status are not published and therefore a guess.
        """
        made = []
        for item in values:
            now = epoch_ms()
            key = item.get("id") or self.ledger.new_reference("MAN", now)
            mandate = {"id": key, "status": "active", "created": now, "lastUpdate": now,
                       **item, "_account": self._account(item)["id"]}  # fmt: skip
            mandate.pop("account", None)
            made.append(self.book.put("mandates", mandate, key)["id"])
        return made

    # === PAGE === #

    def page_context(self):
        self.tick()
        transactions = self.book.all("transactions", newest_first=True)
        accounts = self.book.all("_account")
        return {
            "accounts": [self._figures(item, transactions) for item in accounts],
            "names": {item["id"]: item["name"] for item in accounts},
            "payments": transactions[:SHOWN],
            "total": len(transactions),
            "payouts": self.book.all("payouts", newest_first=True),
            "when": _when,
            "failure_codes": FAILURE_CODES,
        }

    def _figures(self, account, transactions):
        own = [item for item in transactions if item["_account"] == account["id"]]
        held = sum(
            -item["amount"] if item["type"] == "refund" else item["amount"]
            for item in own
            if item.get("paidout") == "no" and item["status"] == "success"
        )
        return {"account": account, "count": len(own), "held": round(held, 2)}

    def page_action(self, action, form):
        if action == "payout":
            self.scene_payout(form)
            return
        if action != "finish":
            raise Refusal(404, f"no action {action}")
        self._finish(form)


def _when(value):
    """Epoch milliseconds as text for people."""
    if not value:
        return ""
    return datetime.fromtimestamp(value / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M")
