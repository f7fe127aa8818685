"""The print service in memory, able to lose answers."""

from decimal import Decimal

from odoo.addons.connection_base.exceptions import (
    RejectedError,
    TemporaryError,
    UnknownResultError,
)
from odoo.addons.postal_dunning.clients import pingen


class FakePingen:
    """Keeps a book of letters as the service would; the book is the judge.

    ``faults`` maps a call to a list of moments: ``before`` loses the call itself,
    ``after`` does the work and loses the answer.
    """

    def __init__(self):
        self.letters = {}
        self.sent = []
        self.calls = []
        self.answers = {}
        self.faults = {}
        self.check_result = "valid"
        self.webhooks = []
        self.organisations = [pingen.Organisation("org-1", "De Linden")]

    # === FAULTS === #

    def _do(self, name, key, work):
        """Do the work of a call once per key, with the fault that is due."""
        self.calls.append(name)
        queue = self.faults.get(name) or []
        fault = queue.pop(0) if queue else None
        if fault == "before":
            raise TemporaryError("not reached")
        if isinstance(fault, Exception):
            raise fault
        if key is None or key not in self.answers:
            answer = work()
            if key is not None:
                self.answers[key] = answer
        if fault == "after":
            raise UnknownResultError("answer lost")
        return answer if key is None else self.answers[key]

    def _get(self, letter):
        if letter not in self.letters:
            raise RejectedError("no such letter", status=404)
        values = self.letters[letter]
        return pingen.Letter(
            id=letter,
            status=values["status"],
            file_name=values["file_name"],
            pages=1,
            price=pingen.Price(Decimal("1.74"), "EUR"),
        )

    # === CALLS === #

    def list_organisations(self):
        return self.organisations

    def upload(self, pdf):
        def work():
            assert pdf.startswith(b"%PDF")
            return pingen.Upload(f"https://storage/{len(self.calls)}", "signature")

        return self._do("upload", None, work)

    def create_letter(self, order, key):
        def work():
            letter = f"letter-{len(self.letters) + 1}"
            self.letters[letter] = {
                "status": self.check_result,
                "file_name": order.file_name,
                "position": order.position,
            }
            return self._get(letter)

        return self._do("create", key, work)

    def get_letter(self, letter):
        return self._do("get", None, lambda: self._get(letter))

    def find_letter(self, file_name):
        def work():
            for letter, values in self.letters.items():
                if values["file_name"] == file_name:
                    return self._get(letter)
            return None

        return self._do("find", None, work)

    def iter_newest(self, wanted):
        rows = [self._get(letter) for letter in reversed(self.letters)]
        return self._do("list", None, lambda: iter(rows))

    def send_letter(self, letter, delivery, key):
        def work():
            if self.letters[letter]["status"] != "valid":
                raise RejectedError("not valid", status=409)
            self.letters[letter]["status"] = "submitted"
            self.sent.append(letter)
            return self._get(letter)

        return self._do("send", key, work)

    def cancel_letter(self, letter, key):
        def work():
            if self.letters[letter]["status"] in ("sent", "printing"):
                raise RejectedError("too late", status=409)
            self.letters[letter]["status"] = "cancelling"

        return self._do("cancel", key, work)

    def delete_letter(self, letter):
        def work():
            if letter in self.sent:
                raise RejectedError("was sent", status=409)
            self.letters.pop(letter, None)

        return self._do("delete", None, work)

    def get_price(self, country, pages, delivery):
        def work():
            if delivery.product == "premium":
                raise RejectedError("not to this country", status=422)
            base = {"NL": "1.50", "DE": "1.10"}.get(country, "2.00")
            return pingen.Price(Decimal(base) + Decimal("0.24") * pages, "EUR")

        return self._do("price", None, work)

    def list_events(self, letter):
        return [pingen.LetterEvent("event-1", "file_not_a4_portrait", "Not A4")]

    def list_webhooks(self):
        return list(self.webhooks)

    def create_webhook(self, category, url, signing_key):
        self.webhooks.append(
            {"id": f"hook-{len(self.webhooks)}", "category": category, "url": url}
        )

    def delete_webhook(self, webhook):
        self.webhooks = [hook for hook in self.webhooks if hook["id"] != webhook]
