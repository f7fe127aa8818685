"""The vendor's book: payments and what follows from them.

Each transaction is an object ``transactions`` under its reference. Amounts are kept as
numbers with two decimals, as the vendor answers them, and counted as Decimal. Keys of
our own start with an underscore and never leave the house.
"""

import json
import secrets
from decimal import ROUND_DOWN, Decimal

from ..clock import CLOCK
from ..webhooks import enqueue
from . import checks
from .errors import failure
from .methods import METHODS

CENT = Decimal("0.01")
REFUND_SHARE = Decimal("1.2")
DAY = 86400
PAGE_DAYS = 14  # life of a pay-by-link page that names no duration
FINAL = ("success", "failed", "manualintervention")


def epoch_ms():
    """Now, as the vendor writes time."""
    return int(CLOCK.now().timestamp() * 1000)


def number(amount):
    """A Decimal as JSON number."""
    return float(amount.quantize(CENT))


def decimal(value):
    return Decimal(str(value)).quantize(CENT)


def shown(transaction):
    """The transaction as the API answers it."""
    return {
        name: value for name, value in transaction.items() if not name.startswith("_")
    }


class Ledger:
    """All about transactions of one book.

    :param service: the service; gives book, addresses and the webhook queue
    """

    def __init__(self, service):
        self.service = service

    @property
    def book(self):
        return self.service.book

    # === REFERENCES === #

    def new_reference(self, letter, moment_ms):
        """A reference like ``C240305064258677CB87E192.G``."""
        moment = CLOCK.now().fromtimestamp(moment_ms / 1000, tz=CLOCK.now().tzinfo)
        stamp = moment.strftime("%y%m%d%H%M%S") + f"{moment_ms % 1000:03d}"
        body = f"{letter}{stamp}{0xCB880000 + self.book.number('reference'):08X}"
        return f"{body}.{chr(65 + sum(body.encode()) % 26)}"

    def find(self, account, reference):
        """:raises Refusal: 404 when this account has no such transaction"""
        transaction = self.book.get("transactions", reference)
        if transaction is None or transaction["_account"] != account["id"]:
            words = f"Transaction {reference} was not found"
            raise failure(404, "unknown_reference", words)
        return transaction

    def of_account(self, account):
        """Transactions of one account, oldest first."""
        found = self.book.all("transactions", _account=account["id"])
        return sorted(found, key=lambda item: item["created"])

    def save(self, transaction):
        return self.book.put("transactions", transaction, transaction["reference"])

    # === PAYMENTS === #

    def create(self, account, data, created=None):
        """A payment that waits for the customer.

        :param dict data: checked fields of the request
        :param int created: epoch milliseconds, default now
        """
        name = data["method"]
        created = created or epoch_ms()
        reference = self.new_reference(METHODS[name].letter, created)
        query = f"reference={reference}"
        transaction = {
            "lastUpdate": created,
            "cancelUrl": self.service.url(f"/{name}/cancel/merchant?{query}"),
            "created": created,
            "payUrl": self.service.url(f"/{name}/payment.html?{query}"),
            "amount": number(checks.money(data["amount"])),
            "description": data.get("description") or "",
            "status": "pending",
            "reference": reference,
            "method": name,
            "type": data.get("transactionType", "sale"),
            "language": data.get("language", "eng"),
            "currency": str(data["currency"]).lower(),
            "returnUrl": data["returnUrl"],
            "_account": account["id"],
            "_webhook": data.get("webhookUrl"),
            "_vault": data.get("storeInVault") == "yes",
        }
        for field in ("merchantOrderReference", "metadata", "brand",
                      "notificationRequests"):  # fmt: skip
            if data.get(field):
                transaction[field] = data[field]
        self._plan_expiry(transaction, data.get("details") or {})
        return self.save(transaction)

    def _plan_expiry(self, transaction, details):
        life = DAY
        if transaction["method"] == "landingpage":
            life = checks.seconds(details.get("expirationDuration")) or PAGE_DAYS * DAY
        at = CLOCK.now().timestamp() + life
        self.book.put("_due", {"at": at}, transaction["reference"])

    def expire(self):
        """Fail the payments whose time is over."""
        rows = self.book.execute(
            "SELECT id FROM objects WHERE kind = '_due' "
            "AND json_extract(data, '$.at') <= ? ORDER BY seq",
            CLOCK.now().timestamp(),
        )
        for row in rows:
            transaction = self.book.get("transactions", row["id"])
            self.finish(transaction, "failed", "expired")

    def finish(self, transaction, status, code=None, moment=None):
        """Give a pending transaction its end and tell the customer's webhook.

        :param str code: failure code
        :param int moment: epoch milliseconds, default now
        """
        moment = moment or epoch_ms()
        self.book.remove("_due", transaction["reference"])
        transaction.update(status=status, lastUpdate=moment)
        if status in FINAL:
            transaction["statusFinalDate"] = moment
        if status == "failed":
            transaction["failureCode"] = code or "rejected"
        if status == "success":
            self._fill_success(transaction)
        self.save(transaction)
        self.notify(transaction)
        return transaction

    def _fill_success(self, transaction):
        method = METHODS[transaction["method"]]
        transaction.setdefault("entryMode", "ecom")
        transaction["methodTransactionId"] = secrets.token_urlsafe(5)[:6]
        details = dict(method.details)
        if method.brands:
            transaction.setdefault("brand", method.brands[0])
            details["brand"] = transaction["brand"]
        if details:
            details["authorisedAmount"] = transaction["amount"]
        if transaction.get("_vault"):
            details["vaultAccessToken"] = secrets.token_hex(16)
        transaction["details"] = {**details, **transaction.get("details", {})}
        if method.collecting and transaction["type"] != "authorise":
            transaction["paidout"] = "no"

    def pay_on_landing_page(self, parent, name, status, code=None, moment=None):
        """The customer chose a method on the landing page: that makes a child."""
        child = {
            field: parent[field]
            for field in ("amount", "description", "type", "language", "currency",
                          "returnUrl", "merchantOrderReference", "metadata",
                          "_account", "details")
            if field in parent
        }  # fmt: skip
        now = moment or epoch_ms()
        child.update(
            reference=self.new_reference(METHODS[name].letter, now),
            method=name,
            status="pending",
            created=now,
            lastUpdate=now,
        )
        self.save(child)
        parent["childReferenceId"] = child["reference"]
        self.finish(child, status, code, now)
        return self.finish(parent, status, code, now)

    def notify(self, transaction):
        """The webhook: an id, nothing else, not signed."""
        url = transaction.get("_webhook")
        if url:
            body = json.dumps({"id": transaction["reference"]})
            headers = {"Content-Type": "application/json", "User-Agent": "CCV"}
            enqueue(self.service, transaction["type"], url, body, headers)

    # === WHAT FOLLOWS === #

    def follow_up(self, original, kind, amount, data, status="success"):
        """A refund, capture or reversal of another transaction."""
        now = epoch_ms()
        letter = METHODS[original["method"]].letter
        words = data.get("description") or f"{kind.title()} of {original['reference']}"
        transaction = {
            "originalReference": original["reference"],
            "lastUpdate": now,
            "created": now,
            "merchantOrderReference": original.get("merchantOrderReference"),
            "details": {},
            "amount": number(amount),
            "reference": self.new_reference(letter, now),
            "description": words,
            "status": "pending",
            "method": original["method"],
            "type": kind,
            "language": original["language"],
            "currency": original["currency"],
            "_account": original["_account"],
            "_webhook": checks.web_address(data, "webhookUrl"),
        }
        if original.get("brand"):
            transaction["brand"] = original["brand"]
        if METHODS[original["method"]].collecting and kind != "reversal":
            transaction["paidout"] = "no"
        self.save(transaction)
        if status != "pending":
            self._end_follow_up(transaction, status, now)
        return transaction

    def _end_follow_up(self, transaction, status, now):
        transaction.update(status=status, statusFinalDate=now)
        if status == "failed":
            transaction["failureCode"] = "processing_error"
            transaction.pop("paidout", None)
        self.save(transaction)
        self.notify(transaction)

    def followers(self, original, kind):
        """Refunds, captures or reversals of a transaction that did not fail."""
        found = self.book.all(
            "transactions", originalReference=original["reference"], type=kind
        )
        return [item for item in found if item["status"] != "failed"]

    def refund(self, account, data):
        """:raises Refusal: 400 when it may not be, with the vendor's words"""
        checks.required(data, "reference")
        original = self.find(account, data["reference"])
        if original["type"] not in ("sale", "capture") or not (
            METHODS[original["method"]].refundable
        ):
            words = f"{original['type']} by {original['method']} cannot be refunded"
            raise failure(400, "rejected", words)
        if original["status"] != "success":
            raise failure(400, "rejected", "Only a successful one can be refunded")
        whole = decimal(original["amount"])
        amount = checks.money(data["amount"]) if data.get("amount") else whole
        self._check_limit(original, whole, amount)
        self._check_balance(account, original, amount)
        status = self.book.setting("refund_status", "success")
        return self.follow_up(original, "refund", amount, data, status)

    def _check_limit(self, original, whole, amount):
        refunded = sum(
            (decimal(item["amount"]) for item in self.followers(original, "refund")),
            Decimal("0.00"),
        )
        limit = (whole * REFUND_SHARE).quantize(CENT, rounding=ROUND_DOWN)
        if refunded + amount > limit:
            raise failure(
                400,
                "refund_limit",
                f"Refund request limit check: Original Amount: {whole}, "
                f"Amount Already Refunded: {refunded}, "
                f"Current Refund Request: {amount}, "
                f"Maximum Refundable Amount: {limit - refunded}",
            )

    def _check_balance(self, account, original, amount):
        """With the setting ``balance_check``: CCV refunds only what it still holds."""
        if not self.book.setting("balance_check") or "paidout" not in original:
            return
        credit = debit = Decimal("0.00")
        for item in self.of_account(account):
            if item.get("paidout") == "no":
                if item["type"] == "refund":
                    credit += decimal(item["amount"])
                else:
                    debit += decimal(item["amount"])
        if amount > debit - credit:
            raise failure(
                400,
                "unsufficient_balance",
                f"Refund request with amount {amount} DENIED for originalReferenceId "
                f"{original['reference']} due to insufficient open amount",
                balance={
                    "creditAmount": number(credit),
                    "debitAmount": number(debit),
                    "total": number(debit - credit),
                },
            )

    def capture(self, account, data):
        """Collect what was authorised, whole or in parts."""
        original = self._authorised(account, data)
        taken = sum(
            (decimal(item["amount"]) for item in self.followers(original, "capture")),
            Decimal("0.00"),
        )
        left = decimal(original["amount"]) - taken
        amount = checks.money(data["amount"]) if data.get("amount") else left
        if amount > left or left == 0:
            words = f"Capture of {amount} is more than the open {left}"
            raise failure(400, "rejected", words)
        return self.follow_up(original, "capture", amount, data)

    def reverse(self, account, data):
        """Let go of an authorised amount, always as a whole."""
        original = self._authorised(account, data)
        if self.followers(original, "capture"):
            raise failure(400, "rejected", "Already captured")
        return self.follow_up(original, "reversal", decimal(original["amount"]), data)

    def _authorised(self, account, data):
        checks.required(data, "reference")
        original = self.find(account, data["reference"])
        if original["type"] != "authorise" or original["status"] != "success":
            raise failure(400, "rejected", "Not a successful authorisation")
        if self.followers(original, "reversal"):
            raise failure(400, "rejected", "Already reversed")
        return original

    def cancel(self, transaction):
        """Stop a payment that the customer has not finished."""
        if transaction["status"] != "pending":
            words = f"A payment in status {transaction['status']} cannot be cancelled"
            raise failure(400, "rejected", words)
        return self.finish(transaction, "failed", "cancelled")

    # === PAYING OUT === #

    def pay_out(self, account, until=None, words=""):
        """Mark what was collected as paid out to the merchant's bank.

        :param int until: only what was final before this moment (epoch ms)
        :return: reference, total and the references that are in it
        """
        now = epoch_ms()
        name = f"PO{self.book.number('payout'):08d}"
        total, inside = Decimal("0.00"), []
        for item in self.of_account(account):
            final = item.get("statusFinalDate")
            if item.get("paidout") != "no" or item["status"] != "success":
                continue
            if until and final > until:
                continue
            sign = -1 if item["type"] == "refund" else 1
            total += sign * decimal(item["amount"])
            item.update(
                paidout="yes",
                paidoutDate=now,
                paidoutReference=name,
                unstructuredReference=words or f"CCV {name}",
                lastUpdate=now,
            )
            inside.append(self.save(item)["reference"])
        payout = {"id": name, "date": now, "amount": number(total),
                  "unstructuredReference": words or f"CCV {name}",
                  "transactions": inside, "account": account["name"]}  # fmt: skip
        if inside:
            self.book.put("payouts", payout)
        return payout
