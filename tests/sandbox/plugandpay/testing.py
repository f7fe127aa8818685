"""A caller of the sandbox's Plug&Pay, for tests, and a shop to look at."""

import requests

from .scenes import PERSONAL_TOKEN

EVA = {"email": "eva@example.org", "firstname": "Eva", "lastname": "de Wit",
       "street": "Dorpsstraat", "housenumber": "1", "zipcode": "3511 AB",
       "city": "Utrecht"}  # fmt: skip
JAN = {"email": "jan@example.org", "firstname": "Jan", "lastname": "Smit",
       "company": "Smit BV", "country": "BE"}  # fmt: skip


class Api:
    """Calls with a token."""

    def __init__(self, url, control, token=PERSONAL_TOKEN):
        self.base = f"{url}/plugandpay"
        self.control = control
        self.token = token

    def call(self, method, path, headers=None, **options):
        given = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return requests.request(
            method,
            self.base + path,
            headers={**given, **(headers or {})},
            timeout=10,
            **options,
        )

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def data(self, path, **params):
        return self.get(path, **params).json()["data"]

    def post(self, path, data):
        return self.call("POST", path, json=data)

    def patch(self, path, data):
        return self.call("PATCH", path, json=data)

    def delete(self, path, data=None):
        return self.call("DELETE", path, json=data)

    def scene(self, **scene):
        return self.control.scene("plugandpay", **scene)


def filled(api):
    """Two products, two people, two subscriptions, their and other orders."""
    return api.scene(
        contacts=[EVA, JAN],
        products=[
            {"title": "Lidmaatschap", "amount": "75.00", "interval": "monthly"},
            {"title": "Boek", "amount": "20.00", "rate_id": 2, "tags": ["books"]},
        ],
        subscriptions=[
            {"contact": EVA["email"], "product": "Lidmaatschap", "orders": 2,
             "created_at": "2026-09-30", "next_at": "2026-11-30"},
            {"contact": JAN["email"], "product": "Lidmaatschap", "status": "cancelled",
             "created_at": "2026-01-01", "termination_at": "2099-01-01"},
        ],
        orders=[
            {"contact": JAN["email"], "product": "Boek", "created_at": "2026-10-05"},
            {"contact": JAN["email"], "product": "Boek", "status": "open"},
        ],
    )  # fmt: skip


def ids(answer):
    return [row["id"] for row in answer.json()["data"]]
