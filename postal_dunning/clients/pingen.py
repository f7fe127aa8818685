"""Client of the print service Pingen (API v2).

Facts it relies on (official clients of 2026, seen November 2026): letters live
under ``/organisations/{org}/deliveries/letters``; a file is first put on a
presigned address; a letter is sent only when its check says ``valid``; an
``Idempotency-Key`` of at most 64 characters is honoured on POST and PATCH; the
signature of a webhook is the hex HMAC-SHA256 of the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import requests

from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.exceptions import (
    InvalidAnswerError,
    ProviderError,
    RejectedError,
    TemporaryError,
)

MEDIA_TYPE = "application/vnd.api+json"
#: replaced when the service moves its paths again
LETTERS_PATH = "/organisations/{org}/deliveries/letters"
UPLOAD_TIMEOUT = (5, 60)
PAGE_SIZE = 100
MAX_LOOKUP_PAGES = 5
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Upload:
    """A file on its way; both values go into the letter unchanged."""

    url: str
    signature: str


@dataclass(frozen=True)
class LetterOrder:
    """What is asked of the printer.

    :param file_name: our own name of the letter, unique, used to look it up
    :param position: ``left`` or ``right`` address window
    """

    file_name: str
    upload: Upload
    position: str
    sender_address: str = ""


@dataclass(frozen=True)
class Delivery:
    """How a letter is printed and sent.

    :param recipient: parts of the address, which registered post asks for
    """

    product: str = "cheap"
    print_mode: str = "simplex"
    print_spectrum: str = "grayscale"
    recipient: Mapping[str, str] | None = None

    def as_choice(self) -> dict[str, str]:
        """What the price depends on."""
        return {
            "product": self.product,
            "print_mode": self.print_mode,
            "print_spectrum": self.print_spectrum,
        }

    def as_attributes(self) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "delivery_product": self.product,
            "print_mode": self.print_mode,
            "print_spectrum": self.print_spectrum,
        }
        if self.recipient:
            attributes["meta_data"] = {"recipient": dict(self.recipient)}
        return attributes


@dataclass(frozen=True)
class Price:
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Letter:
    """A letter as the service knows it. ``status`` may be a word we never saw."""

    id: str
    status: str
    file_name: str = ""
    pages: int = 0
    country: str = ""
    product: str = ""
    price: Price | None = None
    tracking_number: str = ""
    address: str = ""


@dataclass(frozen=True)
class LetterEvent:
    """One line of a letter's history."""

    id: str
    code: str
    name: str = ""
    location: str = ""
    emitted_at: str = ""


@dataclass(frozen=True)
class WebhookBody:
    """What a webhook is about; the state itself is read again at the service."""

    id: str
    kind: str
    letter_id: str
    corrected_address: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Organisation:
    id: str
    name: str
    country: str = ""
    balance: Decimal | None = None
    currency: str = ""


def check_signature(body: bytes, signature: str, signing_key: str) -> bool:
    """Whether a webhook comes from the service; without a key it never does."""
    if not signing_key or not signature:
        return False
    expected = hmac.new(signing_key.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())


def parse_webhook(body: bytes) -> WebhookBody:
    """Read a webhook tolerantly: the related letter may stand under two names.

    :raises InvalidAnswerError: when it is not about a letter
    """
    try:
        data = json.loads(body)["data"]
        relations = data.get("relationships") or {}
        attributes = data.get("attributes") or {}
        target: dict[str, Any] = {}
        for name in ("deliverable", "letter"):
            target = (relations.get(name) or {}).get("data") or {}
            if target.get("id"):
                break
        return WebhookBody(
            id=str(data["id"]),
            kind=str(data.get("type", "")),
            letter_id=str(target["id"]),
            corrected_address=_format_address(attributes.get("corrected_address")),
            reason=str(attributes.get("reason") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswerError("The webhook is not about a letter.") from error


def _format_address(value: Any) -> str:
    """Write an address as on an envelope; parts we do not know are left out."""
    if not isinstance(value, Mapping):
        return str(value or "").strip()
    rows = (("name",), ("street", "number"), ("zip", "city"), ("country",))
    lines = (" ".join(str(value.get(key) or "") for key in row).strip() for row in rows)
    return "\n".join(line for line in lines if line)


def _parse_amount(value: Any) -> Decimal | None:
    try:
        return None if value in (None, "") else Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidAnswerError("An amount in the answer is no number.") from error


class PingenClient(HttpClient):
    """Calls of one organisation.

    :param organisation: id of the organisation at the service; only
        :meth:`list_organisations` works without it
    """

    provider = "pingen"
    idempotency_header = "Idempotency-Key"

    def __init__(self, *, organisation: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.organisation = organisation
        self._is_local = urlsplit(options["base_url"]).hostname in LOCAL_HOSTS

    # ------------------------------------------------------------------ plumbing
    def _build_headers(self) -> dict[str, str]:
        headers: dict[str, str] = super()._build_headers()
        return headers | {
            "Accept": MEDIA_TYPE,
            "Content-Type": MEDIA_TYPE,
        }

    def _parse_error(self, response: requests.Response) -> ProviderError:
        """Take code and words of the first JSON:API error."""
        error: ProviderError = super()._parse_error(response)
        if not isinstance(error, RejectedError):
            return error
        try:
            first = response.json()["errors"][0]
            error.code = str(first.get("code") or first.get("title") or error.code)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return error
        return error

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
        key: str | None = None,
        kind: str = "letters",
        record: str | None = None,
    ) -> dict[str, Any]:
        """One JSON:API call; ``attributes`` become the body's ``data``."""
        body = None
        if attributes is not None:
            data: dict[str, Any] = {"type": kind, "attributes": dict(attributes)}
            if record:
                data["id"] = record
            body = json.dumps({"data": data})
        response = self.request(
            method, path, params=params, data=body, idempotency_key=key
        )
        if response.status_code == 204 or not response.content:
            return {}
        answer = self._parse_json(response)
        if not isinstance(answer, dict):
            raise InvalidAnswerError("The answer has an unexpected shape.")
        return answer

    def _get_letters_path(self, letter: str = "", action: str = "") -> str:
        parts = [LETTERS_PATH.format(org=self.organisation), letter, action]
        return "/".join(part for part in parts if part)

    def _parse_letter(self, data: Any) -> Letter:
        try:
            attributes = data["attributes"]
            amount = _parse_amount(attributes.get("price_value"))
            return Letter(
                id=str(data["id"]),
                status=str(attributes["status"]),
                file_name=str(attributes.get("file_original_name") or ""),
                pages=int(attributes.get("file_pages") or 0),
                country=str(attributes.get("country") or ""),
                product=str(attributes.get("delivery_product") or ""),
                price=None
                if amount is None
                else Price(amount, str(attributes.get("price_currency") or "EUR")),
                tracking_number=str(attributes.get("tracking_number") or ""),
                address=_format_address(attributes.get("address")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidAnswerError("A letter has an unexpected shape.") from error

    # -------------------------------------------------------------- organisation
    def list_organisations(self) -> list[Organisation]:
        """The organisations these credentials may act for."""
        answer = self._call("GET", "/organisations", params={"page[limit]": PAGE_SIZE})
        found = []
        for data in answer.get("data") or []:
            attributes = data.get("attributes") or {}
            found.append(
                Organisation(
                    id=str(data.get("id") or ""),
                    name=str(attributes.get("name") or ""),
                    country=str(attributes.get("default_country") or ""),
                    balance=_parse_amount(attributes.get("billing_balance")),
                    currency=str(attributes.get("billing_currency") or ""),
                )
            )
        return found

    # -------------------------------------------------------------------- letters
    def upload(self, pdf: bytes) -> Upload:
        """Put a file where the service can fetch it.

        :raises RejectedError: when the storage does not take the file
        :raises TemporaryError: when it cannot be reached; nothing was ordered
        """
        answer = self._call("GET", "/file-upload")
        try:
            attributes = answer["data"]["attributes"]
            target = Upload(str(attributes["url"]), str(attributes["url_signature"]))
        except (KeyError, TypeError) as error:
            raise InvalidAnswerError("The upload has an unexpected shape.") from error
        self._check_upload_url(target.url)
        self._put_file(target.url, pdf)
        return target

    def _check_upload_url(self, url: str) -> None:
        parts = urlsplit(url)
        is_local = self._is_local and parts.hostname in LOCAL_HOSTS
        if not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
            raise InvalidAnswerError("The upload address is not a safe one.")

    def _put_file(self, url: str, pdf: bytes) -> None:
        """The storage is another host: it gets the file, never our token."""
        try:
            response = requests.put(
                url,
                data=pdf,
                headers={"Content-Type": "application/pdf"},
                timeout=UPLOAD_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TemporaryError("The file could not be uploaded.") from error
        if response.status_code >= 500:
            raise TemporaryError("The file storage is out of order.")
        if not 200 <= response.status_code < 300:
            raise RejectedError(
                "The file storage refused the file.", status=response.status_code
            )

    def create_letter(self, order: LetterOrder, key: str) -> Letter:
        """Order a letter without sending it.

        :param key: idempotency key, the same for every try of this letter
        :raises UnknownResultError: look it up by ``file_name`` before any new try
        """
        attributes = {
            "file_original_name": order.file_name,
            "file_url": order.upload.url,
            "file_url_signature": order.upload.signature,
            "address_position": order.position,
            "auto_send": False,
        }
        if order.sender_address:
            attributes["sender_address"] = order.sender_address
        answer = self._call(
            "POST", self._get_letters_path(), attributes=attributes, key=key
        )
        return self._parse_letter(answer.get("data"))

    def get_letter(self, letter: str) -> Letter:
        answer = self._call("GET", self._get_letters_path(letter))
        return self._parse_letter(answer.get("data"))

    def find_letter(self, file_name: str) -> Letter | None:
        """The newest letter with our name for it, ``None`` when there is none."""
        for letter in self.iter_newest({"file_original_name": file_name}):
            if letter.file_name == file_name:
                return letter
        return None

    def iter_newest(self, wanted: Mapping[str, str]) -> Iterator[Letter]:
        """The newest letters, five pages at most.

        :param wanted: what they must be like, by the names of the attributes
        """
        for page in range(1, MAX_LOOKUP_PAGES + 1):
            answer = self._call(
                "GET",
                self._get_letters_path(),
                params={
                    "page[number]": page,
                    "page[limit]": PAGE_SIZE,
                    "sort": "-created_at",
                    "filter": json.dumps(dict(wanted)),
                },
            )
            rows = answer.get("data") or []
            yield from (self._parse_letter(row) for row in rows)
            meta = answer.get("meta") or {}
            if len(rows) < PAGE_SIZE or page >= int(meta.get("last_page") or 1):
                return

    def send_letter(self, letter: str, delivery: Delivery, key: str) -> Letter:
        """Have a valid letter printed and posted. This costs money.

        :raises UnknownResultError: read the letter again before any new try
        """
        answer = self._call(
            "PATCH",
            self._get_letters_path(letter, "send"),
            attributes=delivery.as_attributes(),
            record=letter,
            key=key,
        )
        return self._parse_letter(answer.get("data"))

    def cancel_letter(self, letter: str, key: str) -> None:
        """Ask for a letter back; the answer shows later in its status."""
        self._call("PATCH", self._get_letters_path(letter, "cancel"), key=key)

    def delete_letter(self, letter: str) -> None:
        """Remove a letter that was never sent; gone already is fine."""
        try:
            self._call("DELETE", self._get_letters_path(letter))
        except RejectedError as error:
            if error.status != 404:
                raise

    def list_events(self, letter: str, language: str = "en-GB") -> list[LetterEvent]:
        answer = self._call(
            "GET",
            self._get_letters_path(letter, "events"),
            params={"language": language},
        )
        events = []
        for data in answer.get("data") or []:
            attributes = data.get("attributes") or {}
            events.append(
                LetterEvent(
                    id=str(data.get("id") or ""),
                    code=str(attributes.get("code") or ""),
                    name=str(attributes.get("name") or ""),
                    location=str(attributes.get("location") or ""),
                    emitted_at=str(attributes.get("emitted_at") or ""),
                )
            )
        return events

    def get_price(self, country: str, pages: int, delivery: Delivery) -> Price:
        """What such a letter costs, in the currency of the account."""
        answer = self._call(
            "POST",
            self._get_letters_path("price-calculator"),
            kind="letter_price_calculator",
            attributes={
                "country": country,
                "paper_types": ["normal"] * pages,
                **delivery.as_attributes(),
            },
        )
        try:
            attributes = answer["data"]["attributes"]
            amount = _parse_amount(attributes["price"])
            currency = str(attributes["currency"])
        except (KeyError, TypeError) as error:
            raise InvalidAnswerError("The price has an unexpected shape.") from error
        if amount is None:
            raise InvalidAnswerError("The price is empty.")
        return Price(amount, currency)

    # ------------------------------------------------------------------- webhooks
    def list_webhooks(self) -> list[dict[str, str]]:
        """Registered webhooks as ``{"id", "category", "url"}``."""
        answer = self._call("GET", f"/organisations/{self.organisation}/webhooks")
        return [
            {
                "id": str(data.get("id") or ""),
                "category": str((data.get("attributes") or {}).get("event_category")),
                "url": str((data.get("attributes") or {}).get("url") or ""),
            }
            for data in answer.get("data") or []
        ]

    def create_webhook(self, category: str, url: str, signing_key: str) -> str:
        """Register one category (issues, sent, undeliverable, delivered)."""
        answer = self._call(
            "POST",
            f"/organisations/{self.organisation}/webhooks",
            kind="webhooks",
            attributes={
                "event_category": category,
                "url": url,
                "signing_key": signing_key,
            },
        )
        return str((answer.get("data") or {}).get("id") or "")

    def delete_webhook(self, webhook: str) -> None:
        """Remove a webhook; gone already is fine."""
        try:
            self._call(
                "DELETE", f"/organisations/{self.organisation}/webhooks/{webhook}"
            )
        except RejectedError as error:
            if error.status != 404:
                raise
