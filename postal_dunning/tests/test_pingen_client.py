"""The client against answers as the service gives them."""

import json
import unittest
from unittest.mock import patch

import requests

from odoo.addons.connection_base.exceptions import (
    InvalidAnswerError,
    RejectedError,
    TemporaryError,
)
from odoo.addons.postal_dunning.clients import pingen

BASE = "https://api.pingen.example"
LETTER = {
    "id": "letter-1",
    "type": "letters",
    "attributes": {
        "status": "valid",
        "file_original_name": "letter-7.pdf",
        "file_pages": 2,
        "price_value": 1.74,
        "price_currency": "EUR",
        "country": "NL",
    },
}


def build_response(status=200, body=None):
    response = requests.Response()
    response.status_code = status
    response._content = b"" if body is None else json.dumps(body).encode()
    return response


class TestPingenClient(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.client = pingen.PingenClient(base_url=BASE, organisation="org-1")
        self.answers = []
        self.requests = []

        def answer(method, path, **options):
            self.requests.append((method, path, options))
            return self.answers.pop(0)

        patcher = patch.object(self.client, "request", side_effect=answer)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_letter_is_ordered_without_being_sent(self):
        self.answers.append(build_response(201, {"data": LETTER}))
        order = pingen.LetterOrder(
            "letter-7.pdf", pingen.Upload("https://s/1", "sig"), "left", "De Linden"
        )
        letter = self.client.create_letter(order, "key-1")
        method, path, options = self.requests[0]
        self.assertEqual(
            (method, path), ("POST", "/organisations/org-1/deliveries/letters")
        )
        self.assertEqual(options["idempotency_key"], "key-1")
        attributes = json.loads(options["data"])["data"]["attributes"]
        self.assertIs(attributes["auto_send"], False)
        self.assertEqual(attributes["file_url_signature"], "sig")
        self.assertEqual((letter.pages, str(letter.price.amount)), (2, "1.74"))

    def test_letter_is_looked_up_by_our_name_only(self):
        other = {**LETTER, "id": "letter-9"}
        other["attributes"] = {
            **LETTER["attributes"],
            "file_original_name": "other.pdf",
        }
        self.answers.append(build_response(200, {"data": [other, LETTER], "meta": {}}))
        self.assertEqual(self.client.find_letter("letter-7.pdf").id, "letter-1")
        self.answers.append(build_response(200, {"data": [other], "meta": {}}))
        self.assertIsNone(self.client.find_letter("letter-7.pdf"))

    def test_look_up_reads_every_page(self):
        full = {"data": [LETTER] * 100, "meta": {"last_page": 2}}
        wanted = {**LETTER, "attributes": {**LETTER["attributes"]}}
        wanted["attributes"]["file_original_name"] = "wanted.pdf"
        self.answers += [
            build_response(200, full),
            build_response(200, {"data": [wanted]}),
        ]
        self.assertTrue(self.client.find_letter("wanted.pdf"))

    def test_file_goes_to_the_storage_without_our_token(self):
        """The answer of the storage is checked, unlike in the vendor's own client."""
        upload = {
            "data": {"attributes": {"url": "https://s/1", "url_signature": "sig"}}
        }
        for status, error in ((200, None), (403, RejectedError), (503, TemporaryError)):
            self.answers.append(build_response(200, upload))
            with (
                self.subTest(status=status),
                patch.object(
                    requests, "put", return_value=build_response(status)
                ) as put,
            ):
                if error:
                    self.assertRaises(error, self.client.upload, b"%PDF")
                else:
                    self.assertEqual(self.client.upload(b"%PDF").signature, "sig")
                sent = put.call_args.kwargs["headers"]
                self.assertEqual(sent, {"Content-Type": "application/pdf"})

    def test_unsafe_upload_address_is_refused(self):
        for url in ("http://storage.example/1", "ftp://x/1", "http://127.0.0.1/1"):
            body = {"data": {"attributes": {"url": url, "url_signature": "sig"}}}
            self.answers.append(build_response(200, body))
            with self.subTest(url=url), self.assertRaises(InvalidAnswerError):
                self.client.upload(b"%PDF")

    def test_answers_of_another_shape_are_refused(self):
        for body in ({}, {"data": None}, {"data": {"id": "1"}}, []):
            self.answers.append(build_response(200, body))
            with self.subTest(body=body), self.assertRaises(InvalidAnswerError):
                self.client.get_letter("letter-1")

    def test_webhook_names_the_letter_under_either_name(self):
        for name in ("deliverable", "letter"):
            body = {
                "data": {
                    "id": "e1",
                    "type": "webhook_undeliverable",
                    "attributes": {"corrected_address": "Dam 2"},
                    "relationships": {name: {"data": {"id": "letter-1"}}},
                }
            }
            hint = pingen.parse_webhook(json.dumps(body).encode())
            self.assertEqual(
                (hint.letter_id, hint.corrected_address), ("letter-1", "Dam 2")
            )
        body["data"]["attributes"]["corrected_address"] = {
            "name": "Alex Meier",
            "street": "Example street",
            "number": "50A",
            "zip": "8051",
            "city": "Zuerich",
            "country": None,
        }
        self.assertEqual(
            pingen.parse_webhook(json.dumps(body).encode()).corrected_address,
            "Alex Meier\nExample street 50A\n8051 Zuerich",
        )
        for body in (b"", b"[]", b"{}", b'{"data": {"id": 1}}'):
            with self.subTest(body=body), self.assertRaises(InvalidAnswerError):
                pingen.parse_webhook(body)

    def test_price_is_read_per_country_and_pages(self):
        """Z11: price before sending."""
        body = {"data": {"attributes": {"currency": "EUR", "price": 1.74}}}
        self.answers.append(build_response(200, body))
        price = self.client.get_price("NL", 2, pingen.Delivery())
        self.assertEqual((str(price.amount), price.currency), ("1.74", "EUR"))
        sent = json.loads(self.requests[0][2]["data"])["data"]["attributes"]
        self.assertEqual(sent["paper_types"], ["normal", "normal"])
