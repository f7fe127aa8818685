"""A caller of the sandbox's CCV, for tests, and the documented examples."""

import re

import requests

from ..documents import Samples
from .scenes import KEY

EXAMPLES = Samples("ccv-examples.json")
ORDER = {
    "amount": "9.99",
    "currency": "EUR",
    "method": "card",
    "returnUrl": "http://localhost/return?order=123456",
    "description": "Order 123456",
    "merchantOrderReference": "123456",
    "language": "eng",
}
REFERENCE = re.compile(r"[A-Z]\d{15}[0-9A-F]{8}\.[A-Z]")


class Api:
    """Calls with a key of one account."""

    def __init__(self, url, control, key=KEY):
        self.base = f"{url}/ccv"
        self.control = control
        self.auth = (key, "")

    def call(self, method, path, **options):
        url = f"{self.base}/api/v1{path}"
        return requests.request(method, url, auth=self.auth, timeout=10, **options)

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, key=None, **values):
        headers = {"Idempotency-Reference": key} if key else {}
        return self.call("POST", path, json=values, headers=headers)

    def pay(self, key=None, **values):
        return self.post("/payment", key, **{**ORDER, **values})

    def one(self, reference):
        return self.get("/transaction", reference=reference).json()

    def answer(self, payment, answer, **more):
        """Press a button on the payment page. :return: where it leads"""
        data = {"answer": answer, **more}
        result = requests.post(
            payment["payUrl"], data=data, allow_redirects=False, timeout=10
        )
        assert result.status_code == 303, result.text
        return result.headers["Location"]

    def paid(self, **values):
        payment = self.pay(**values).json()
        self.answer(payment, "success")
        return self.one(payment["reference"])


def assert_shape(example, ours, optional=()):
    """Same keys as the documented example, same types."""
    assert set(example) - set(ours) - set(optional) == set()
    for name in set(example) & set(ours):
        known, given = example[name], ours[name]
        numbers = isinstance(known, (int, float)) and isinstance(given, (int, float))
        assert numbers or type(known) is type(given), name


def refused(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["failureCode"]) == (status, code), body
    assert body["type"] == "process_error" and len(body["reference"]) == 8
    return body
