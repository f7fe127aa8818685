"""CCV Online Payments: payments, what follows from them, pages for the customer.

Several accounts, each with its own key and its own transactions. Scenes: ``scenes.py``.
"""

import hashlib

from ..service import Refusal, Service, redacted_auth
from . import checks, query
from .errors import error_body, failure
from .hosted import Hosted
from .ledger import Ledger, shown
from .methods import options_of
from .scenes import Scenes

API = "/api/v1"
OPEN_ENDS = ("/payment.html", "/cancel/merchant")
COUNTED = ("/payment", "/capture", "/refund", "/reversal")
SAME_FIELDS = ("amount", "currency", "method", "reference", "transactionType",
               "merchantOrderReference")  # fmt: skip
CODES = {401: "bad_credentials", 404: "unknown_reference"}


class Ccv(Scenes, Hosted, Service):
    """Routes of the vendor's API and of its payment pages."""

    name = "ccv"
    title = "CCV"
    colour = "#0b7a75"
    idempotency_header = "Idempotency-Reference"

    def __init__(self, book, sandbox):
        self.ledger = Ledger(self)
        super().__init__(book, sandbox)

    def routes(self):
        return [
            ("GET", API + "/method", self.methods),
            ("POST", API + "/payment", self.payment),
            ("GET", API + "/transaction", self.transaction),
            ("POST", API + "/refund", self.refund),
            ("POST", API + "/capture", self.capture),
            ("POST", API + "/reversal", self.reversal),
            ("POST", API + "/cancel", self.cancel),
            ("GET", API + "/mandate/<key>", self.mandate),
            ("GET POST", "/<method>/payment.html", self.payment_page),
            ("GET POST", "/<method>/cancel/merchant", self.cancel_page),
        ]

    # === AROUND EVERY REQUEST === #

    def before(self, request):
        """Key, User-Agent and the length of the idempotency header."""
        self.tick()
        if request.path.endswith(OPEN_ENDS):
            return
        if self._account_of(request) is None:
            raise failure(401, "bad_credentials", "Bad credentials")
        if not request.headers.get("User-Agent"):
            raise failure(400, "processing_error", "User-Agent is missing")
        key = request.headers.get(self.idempotency_header)
        if key is not None and not 1 <= len(key) <= 50:
            words = "Idempotency-Reference must have 1 to 50 characters"
            raise failure(400, "processing_error", words)

    def _account_of(self, request):
        sent = request.authorization
        if sent is None or sent.type != "basic" or sent.password:
            return None
        account = self.book.get("_account", sent.username)
        return account if account and account["id"][:2] in ("t_", "l_") else None

    def error_body(self, status, text):
        return error_body(CODES.get(status, "processing_error"), text)

    def tick(self):
        with self.book.transaction():
            self.ledger.expire()

    # === IDEMPOTENCY === #

    def is_idempotent(self, request):
        return request.method == "POST" and request.path[len(API) :] in COUNTED

    def idempotency_fingerprint(self, request):
        """Same header and same fields: the same request; the rest may differ."""
        data = self.data(request)
        values = [f"{name}={data.get(name)}" for name in SAME_FIELDS]
        if data.get("amount") is not None:
            values[0] = f"amount={checks.money(data['amount'])}"
        text = "\n".join([request.path, *values])
        return hashlib.sha256(text.encode()).hexdigest()

    def idempotency_key(self, request):
        """The header; with other fields it is another request and so another key."""
        key = super().idempotency_key(request)
        if not key or not self.is_idempotent(request):
            return key
        rows = self.book.execute(
            "SELECT fingerprint FROM answers WHERE scope = ? AND key = ?",
            redacted_auth(request.headers.get("Authorization")) or "",
            key,
        )
        try:
            print_ = self.idempotency_fingerprint(request)
        except Refusal:
            return key
        same = not rows or rows[0]["fingerprint"] == print_
        return key if same else f"{key}#{print_[:12]}"

    def forge_webhook(self, body, secret):
        """A body like the vendor's about a payment that does not exist."""
        return b'{"id": "C240101000000000CB000000.A"}', secret

    # === API === #

    def methods(self, request):
        enabled = self._account_of(request)["methods"]
        return [{"method": name, "options": options_of(name)} for name in enabled]

    def payment(self, request):
        account = self._account_of(request)
        data = self.data(request)
        checks.payment(data, account["methods"])
        return shown(self.ledger.create(account, data))

    def transaction(self, request):
        """One transaction with ``reference``, else a list (a bare array)."""
        account = self._account_of(request)
        given = request.args.to_dict()
        if "reference" not in given:
            found = query.select(self.ledger.of_account(account), given, self._limit())
            return [shown(item) for item in found]
        found = self.ledger.find(account, given["reference"])
        answer = shown(found)
        if given.get("includeRelatedTransactions") in ("true", "yes"):
            answer["relatedTransactions"] = [
                shown(item)
                for item in self.ledger.of_account(account)
                if item.get("originalReference") == found["reference"]
            ]
        return answer

    def _limit(self):
        return self.book.setting("page_size", query.PAGE_SIZE)

    def refund(self, request):
        account = self._account_of(request)
        return shown(self.ledger.refund(account, self.data(request)))

    def capture(self, request):
        account = self._account_of(request)
        return shown(self.ledger.capture(account, self.data(request)))

    def reversal(self, request):
        account = self._account_of(request)
        return shown(self.ledger.reverse(account, self.data(request)))

    def cancel(self, request):
        account = self._account_of(request)
        reference = request.args.get("reference", "")
        return shown(self.ledger.cancel(self.ledger.find(account, reference)))

    def mandate(self, request, key):
        account = self._account_of(request)
        mandate = self.book.get("mandates", key)
        if mandate is None or mandate["_account"] != account["id"]:
            raise failure(404, "unknown_reference", f"Mandate {key} was not found")
        return shown(mandate)


SERVICE = Ccv
