import hashlib
import hmac
import json
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessDenied
from odoo.tests import HttpCase, tagged

from .common import FakeMoneybird, MatchingCommon
from .test_fetch import FakeMollie

SECRET = "whsec-for-tests"


@tagged("post_install", "-at_install")
class TestWebhook(MatchingCommon):
    """Webhooks are hints: verified, then the object is read again."""

    def _moneybird(self):
        return self._create_moneybird(
            credentials={"api_key": "key-for-tests-1", "webhook_secret": SECRET}
        )

    @staticmethod
    def _sign(body, secret=SECRET, moment=None):
        moment = int(moment or time.time())
        digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        return {"moneybird-signature": f"t={moment},v1={digest.hexdigest()}"}

    def test_moneybird_signature_is_checked(self):
        connection = self._moneybird()
        body = b'{"entity_type": "SalesInvoice", "entity_id": "777"}'
        headers = {**self._sign(body), "idempotency-key": "push-1"}
        self.assertEqual(connection._verify_webhook(headers, body, {}), "push-1")
        rotated = self._sign(body)["moneybird-signature"].replace("v1=", "v1=00,v1=")
        self.assertTrue(
            connection._verify_webhook({"moneybird-signature": rotated}, body, {})
        )

    def test_forged_old_or_unsigned_messages_of_moneybird_are_refused(self):
        connection = self._moneybird()
        body = b"{}"
        for headers in (
            {},
            self._sign(body, secret="guess"),
            self._sign(body, moment=time.time() - 400),
            self._sign(b'{"other": 1}'),
            {"moneybird-signature": "v1=,t=abc"},
        ):
            with self.subTest(headers=headers), self.assertRaises(AccessDenied):
                connection._verify_webhook(headers, body, {})

    def test_without_a_secret_nothing_of_moneybird_is_believed(self):
        connection = self._create_moneybird()
        with self.assertRaises(AccessDenied):
            connection._verify_webhook(self._sign(b"{}", secret=""), b"{}", {})

    def test_greeting_is_answered_while_asking_and_nothing_is_done_with_it(self):
        connection = self._create_moneybird()
        item = self._create_item(connection)
        connection.date_webhook_asked = fields.Datetime.now()
        self._patch_client(
            FakeMoneybird(FakeMoneybird.invoice(state="paid", total_unpaid="0.0"))
        )
        body = b'{"entity_type": "SalesInvoice", "entity_id": "777"}'
        self._deliver(connection, body)
        self.assertTrue(item.is_open)
        connection.date_webhook_asked -= timedelta(minutes=6)
        with self.assertRaises(AccessDenied):
            connection._verify_webhook({}, body, {})

    def test_bodies_that_are_no_payment_are_refused(self):
        for connection, body in (
            (self.mollie, b"id="),
            (self.mollie, b"id=../../v2/settlements"),
            (self.ccv, b"[]"),
            (self.ccv, b"{}"),
            (self.ccv, b"\xff\xfe"),
        ):
            with self.subTest(body=body), self.assertRaises(AccessDenied):
                connection._verify_webhook({}, body, {})

    def test_mollie_event_reads_the_payment_again_and_books_it(self):
        invoice = self._create_invoice(15.0)
        client = self._patch_client(
            FakeMollie(FakeMollie.payment(status="open", description=invoice.name))
        )
        self._deliver(self.mollie, b"id=tr_1")
        receipt = self.env["matching.receipt"].sudo().search([])
        self.assertEqual(receipt.state, "waiting")
        client.rows[0]["status"] = "paid"
        self._deliver(self.mollie, b"id=tr_1")
        self.assertEqual(receipt.state, "matched")
        self._deliver(self.mollie, b"id=tr_1")
        self.assertEqual(len(receipt.booking_ids), 1)

    def _deliver(self, connection, body, headers=None):
        external_id = connection._verify_webhook(headers or {}, body, {})
        event = connection.webhook_event_ids.create(
            {
                "connection_id": connection.id,
                "external_id": external_id,
                "body": body.decode(),
            }
        )
        connection._handle_webhook_event(event)
        event.state = "done"

    def test_moneybird_event_reads_the_invoice_again(self):
        connection = self._moneybird()
        item = self._create_item(connection)
        self._patch_client(
            FakeMoneybird(FakeMoneybird.invoice(state="paid", total_unpaid="0.0"))
        )
        event = {"entity_type": "SalesInvoice", "entity_id": "777", "state": "open"}
        body = json.dumps(event).encode()
        self._deliver(connection, body, self._sign(body))
        self.assertFalse(item.is_open)
        self.assertEqual(item.status, "paid")


@tagged("post_install", "-at_install")
class TestWebhookRoute(MatchingCommon, HttpCase):
    """The same over HTTP."""

    def test_message_with_a_wrong_token_is_refused_and_not_stored(self):
        path = "/connection/webhook/mollie/wrong-token"
        response = self.url_open(path, data={"id": "tr_1"})
        self.assertGreaterEqual(response.status_code, 400)
        self.assertFalse(self.mollie.webhook_event_ids)

    def test_message_with_the_token_is_stored_once_and_answered_well(self):
        path = f"/connection/webhook/mollie/{self.mollie.webhook_token}"
        for _time in range(2):
            response = self.url_open(path, data={"id": "tr_1"})
            self.assertEqual(response.status_code, 200)
        self.assertEqual(len(self.mollie.webhook_event_ids), 1)
        self.assertEqual(self.mollie.webhook_event_ids.state, "new")
