"""A caller of the sandbox's Pingen, for tests."""

import time

import requests

from ..oauth import CLIENT_ID, CLIENT_SECRET
from . import samples
from .scenes import ORGANISATION

SCOPE = "letter webhook organisation_read user"
TIMEOUT = 10


def create_body(upload, **attributes):
    """Request to make a letter of an upload.

    :param dict upload: attributes of ``/file-upload``
    """
    start = {
        "file_original_name": "invoice.pdf",
        "file_url": upload["url"],
        "file_url_signature": upload["url_signature"],
        "address_position": "left",
        "auto_send": False,
    }
    return {"data": {"type": "letters", "attributes": {**start, **attributes}}}


def send_body(key, **attributes):
    """Request to send a letter."""
    start = {
        "delivery_product": "cheap",
        "print_mode": "simplex",
        "print_spectrum": "grayscale",
    }
    data = {"id": key, "type": "letters", "attributes": {**start, **attributes}}
    return {"data": data}


class Api:
    """Calls with a token; paths are below the service's prefix.

    :param str url: address of the sandbox
    :param SandboxClient control: its control API
    """

    letters = f"/organisations/{ORGANISATION}/deliveries/letters"
    hooks = f"/organisations/{ORGANISATION}/webhooks"

    def __init__(self, url, control):
        self.base = f"{url}/pingen"
        self.control = control
        control.scene("pingen", settings={"validation_delay": 0, "cancel_delay": 0.05})
        token = self.token_answer().json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def token_answer(self, **values):
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": SCOPE,
            **values,
        }
        url = f"{self.base}/auth/access-tokens"
        return requests.post(url, data=form, timeout=TIMEOUT)

    def call(self, method, path, headers=None, **options):
        return requests.request(
            method,
            self.base + path,
            headers={**self.headers, **(headers or {})},
            timeout=TIMEOUT,
            **options,
        )

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, **options):
        return self.call("POST", path, **options)

    def patch(self, path, **options):
        return self.call("PATCH", path, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    # === LETTERS === #

    def upload(self, content=None):
        """Upload a file. :return: attributes of the upload"""
        attributes = self.get("/file-upload").json()["data"]["attributes"]
        answer = requests.put(
            attributes["url"],
            data=content or samples.letter(),
            headers={"Content-Type": "application/pdf"},
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        return attributes

    def create(self, content, **attributes):
        body = create_body(self.upload(content), **attributes)
        return self.post(self.letters, json=body)

    def letter(self, key):
        return self.get(f"{self.letters}/{key}").json()["data"]

    def status(self, key):
        return self.letter(key)["attributes"]["status"]

    def wait_for(self, key, status, seconds=5):
        """The letter, as soon as it has a status."""
        end = time.monotonic() + seconds
        while True:
            letter = self.letter(key)
            found = letter["attributes"]["status"]
            if found == status:
                return letter
            if time.monotonic() > end:
                raise TimeoutError(f"{found}, not {status}")
            time.sleep(0.03)

    def checked(self, content, **attributes):
        """A letter after validation."""
        key = self.create(content, **attributes).json()["data"]["id"]
        return self.letter(key)

    def valid_letter(self, content=None):
        """:return: id of a letter that may be sent"""
        key = self.create(content or samples.letter()).json()["data"]["id"]
        self.wait_for(key, "valid")
        return key

    def sent_letter(self):
        """:return: id of a letter that was sent off"""
        key = self.valid_letter()
        self.patch(f"{self.letters}/{key}/send", json=send_body(key))
        return key

    def events(self, key):
        return self.get(f"{self.letters}/{key}/events").json()["data"]

    def event_codes(self, key):
        return [event["attributes"]["code"] for event in self.events(key)]

    def balance(self):
        organisation = self.get(f"/organisations/{ORGANISATION}").json()["data"]
        return organisation["attributes"]["billing_balance"]

    def price(self, country, paper_types, **attributes):
        values = {**send_body("")["data"]["attributes"], "country": country,
                  "paper_types": paper_types, **attributes}  # fmt: skip
        data = {"type": "letter_price_calculator", "attributes": values}
        return self.post(f"{self.letters}/price-calculator", json={"data": data})
