"""Stripe's and Adyen's charges as a small server on loopback with a book of its own.

Only what Odoo's own code calls: docs.stripe.com/api/payment_intents and
docs.adyen.com/api-explorer/Checkout/71/post/payments, read on 2026-11-25.
"""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class CardServer(ThreadingHTTPServer):
    """The book: what was taken, by idempotency key, and how the next calls end.

    ``plan`` holds ``lose`` (do the work, then hang up), ``drop`` (hang up at once),
    ``busy`` (the same key is at work), ``trouble`` (done, then a 500), ``processing``
    (at the bank), ``odd`` (another amount) or a decline code, one per charge; after
    that charges succeed.
    ``deaf`` refuses questions.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CardHandler)
        self.plan, self.charges, self.asked, self.deaf = [], {}, [], False

    def get_taken(self):
        """Return the references for which money was taken."""
        return [
            charge["reference"]
            for charge in self.charges.values()
            if charge["status"] == "succeeded"
        ]

    def get_url(self, endpoint):
        return f"http://127.0.0.1:{self.server_port}/{endpoint.strip('/')}"


class CardHandler(BaseHTTPRequestHandler):
    def log_message(self, *_arguments):
        """Keep the test's output quiet."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/payments":
            data = json.loads(body)
            amount, currency = data["amount"]["value"], data["amount"]["currency"]
            data |= {"description": data["reference"], "customer": None}
        else:
            data = {name: values[0] for name, values in parse_qs(body).items()}
            amount, currency = int(data["amount"]), data["currency"]
        key = self.headers["Idempotency-Key"]
        plan = self.server.plan.pop(0) if self.server.plan else "succeeded"
        if plan == "drop":
            return self._hang_up()
        if plan == "busy":
            return self._answer(409, {"error": {"message": "Key in use"}})
        if key not in self.server.charges:
            is_taken = plan in ("succeeded", "lose", "trouble", "processing", "odd")
            self.server.charges[key] = {
                "id": f"pi_{len(self.server.charges)}",
                "reference": data["description"],
                "customer": data["customer"],
                "amount": amount + (plan == "odd"),
                "currency": currency,
                "status": self._get_status(plan, is_taken),
                "code": None if is_taken else plan,
            }
        if plan == "lose":
            return self._hang_up()
        if plan == "trouble":
            return self._answer(500, {"error": {"message": "Trouble"}})
        return self._tell(self.server.charges[key])

    @staticmethod
    def _get_status(plan, is_taken):
        if plan == "processing":
            return plan
        return "succeeded" if is_taken else "requires_payment_method"

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(query)
        if self.server.deaf:
            return self._answer(429, {"error": {"message": "Too many requests"}})
        name = urlsplit(self.path).path.rpartition("/")[2]
        if name.startswith("pi_"):
            found = (row for row in self.server.charges.values() if row["id"] == name)
            return self._answer(200, self._show_intent(next(found)))
        rows = [
            self._show_intent(charge)
            for charge in reversed(self.server.charges.values())
            if charge["customer"] == query["customer"][0]
        ]
        names = [row["id"] for row in rows]
        after = query.get("starting_after")
        begin = names.index(after[0]) + 1 if after else 0
        end = begin + int(query["limit"][0])
        return self._answer(200, {"data": rows[begin:end], "has_more": end < len(rows)})

    def _tell(self, charge):
        if self.path == "/payments":
            done = charge["status"] == "succeeded"
            answer = {
                "resultCode": "Authorised" if done else "Refused",
                "pspReference": charge["id"],
                "merchantReference": charge["reference"],
                "amount": {"value": charge["amount"], "currency": charge["currency"]},
                "additionalData": {},
                "paymentMethod": {"brand": "visa", "type": "scheme"},
            }
            return self._answer(
                200, answer if done else answer | {"refusalReason": charge["code"]}
            )
        intent = self._show_intent(charge)
        if charge["code"]:
            error = intent["last_payment_error"] | {"payment_intent": intent}
            return self._answer(402, {"error": error})
        return self._answer(200, intent)

    @staticmethod
    def _show_intent(charge):
        intent = {
            name: charge[name]
            for name in ("id", "customer", "amount", "currency", "status")
        }
        intent |= {"description": charge["reference"], "payment_method": "pm_1"}
        if charge["code"]:
            intent["last_payment_error"] = {
                "code": "card_declined",
                "decline_code": charge["code"],
                "message": "Your card was declined.",
            }
        return intent

    def _answer(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)


@contextmanager
def running_card_server():
    """Serve in a thread of this process until the block ends."""
    server = CardServer()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
