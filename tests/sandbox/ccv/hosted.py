"""Pages that the paying customer sees: pay, fail, cancel, or leave it in doubt."""

from werkzeug import Response
from werkzeug.utils import redirect

from .errors import failure
from .methods import METHODS, ONLINE

ANSWERS = {
    "success": ("success", None),
    "fail": ("failed", "rejected"),
    "insufficient": ("failed", "insufficient_funds"),
    "cancel": ("failed", "cancelled"),
    "manual": ("manualintervention", None),
}


class Hosted:
    """Part of the service; needs ``book`` and ``ledger``."""

    def payment_page(self, request, method):
        """GET shows the buttons, POST is one of them (``answer``).

        The answer leads back to the merchant's page.
        """
        transaction = self._of_page(request, method)
        if transaction["status"] != "pending":
            return redirect(transaction["returnUrl"], 302)
        if request.method == "GET":
            return self._page(transaction)
        answer = request.form.get("answer")
        if answer not in ANSWERS:
            raise failure(400, "processing_error", "Unknown answer", field="answer")
        status, code = ANSWERS[answer]
        name = request.form.get("method", "ideal")
        if method == "landingpage" and answer != "cancel":
            if name not in ONLINE:
                words = f"Method {name} is not offered"
                raise failure(400, "invalid_config", words, field="method")
            self.ledger.pay_on_landing_page(transaction, name, status, code)
        else:
            self.ledger.finish(transaction, status, code)
        return redirect(transaction["returnUrl"], 303)

    def cancel_page(self, request, method):
        """The merchant's own cancel link."""
        transaction = self._of_page(request, method)
        if transaction["status"] == "pending":
            self.ledger.cancel(transaction)
        return redirect(transaction["returnUrl"], 302)

    def _of_page(self, request, method):
        reference = request.args.get("reference", "")
        transaction = self.book.get("transactions", reference)
        if transaction is None or transaction["method"] != method:
            raise failure(404, "unknown_reference", "This payment does not exist")
        return transaction

    def _page(self, transaction):
        enabled = self.book.get("_account", transaction["_account"])["methods"]
        offered = [name for name in ONLINE if name in enabled]
        html = self.sandbox.pages.render(
            "pay.html",
            service=self,
            payment=transaction,
            offered=offered,
            brands=METHODS[transaction["method"]].brands,
        )
        return Response(html, mimetype="text/html")
