import io
import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import ClassVar

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from odoo.tests import BaseCase, tagged
from odoo.tests.common import _super_send

from odoo.addons.connection_base.exceptions import (
    AuthError,
    InvalidAnswerError,
    RejectedError,
    TemporaryError,
    UnknownResultError,
)

from ..clients.ccv import CcvClient, moves_money, parse_transaction
from ..clients.mollie import MollieClient, parse_payment
from ..clients.moneybird import MoneybirdClient, MoneybirdPayment, parse_item
from ..engine.facts import FactError
from ..exceptions import PeriodLockedError, PlanLimitError, ScopeError

BASE = "https://api.example.com"
SINCE = datetime(2026, 11, 1, tzinfo=timezone.utc)


class Canned(BaseAdapter):
    """Answers from a list and keeps the requests; nothing leaves the process."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.requests = []

    def send(self, request, **kwargs):
        """Give the next answer, or lose it."""
        self.requests.append(request)
        status, body = self.answers.pop(0)
        if status is None:
            raise requests.ReadTimeout()
        response = requests.Response()
        response.status_code = status
        content = b"" if body is None else json.dumps(body).encode()
        response.raw = HTTPResponse(io.BytesIO(content), preload_content=False)
        response.headers["Content-Type"] = "application/json"
        response.url = request.url
        response.request = request
        return response

    def close(self):
        """Nothing to close."""


def make(client_class, *answers, **options):
    """A client on canned answers, and the adapter that keeps its requests."""
    adapter = Canned(*answers)
    session = requests.Session()
    session.mount("https://", adapter)
    return client_class(base_url=BASE, session=session, **options), adapter


class ClientCase(BaseCase):
    """Odoo's guard against the network knows no pair of time-outs; nothing is sent."""

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        return _super_send(session, request, **kwargs)


@tagged("post_install", "-at_install")
class TestCcv(ClientCase):
    """CCV: Basic authentication, milliseconds, pages by reference."""

    ROW: ClassVar = {
        "reference": "C240305064258677CB87E192.G",
        "type": "sale",
        "status": "success",
        "amount": 9.99,
        "currency": "eur",
        "method": "card",
        "brand": "visa",
        "merchantOrderReference": "123456",
        "created": 1709620979582,
        "statusFinalDate": 1709621105740,
        "details": {"maskedPan": "4111XXXXXXXX1111"},
        "payUrl": "https://onlinepayments.ccv.eu/card/payment.html",
    }

    def test_transaction_is_read_to_the_cent_and_without_card_data(self):
        facts = parse_transaction(self.ROW)
        self.assertEqual(facts.amount, Decimal("9.99"))
        self.assertEqual((facts.currency, facts.stage), ("EUR", "paid"))
        self.assertEqual(facts.moment.date(), date(2024, 3, 5))
        self.assertEqual(facts.order_reference, "123456")
        self.assertNotIn("4111", str(facts.raw))

    def test_every_status_has_its_stage_and_an_unknown_one_is_kept(self):
        stages = {
            "pending": "waiting",
            "success": "paid",
            "failed": "lost",
            "manualintervention": "unknown",
            "paid": "unknown",
            "": "unknown",
        }
        for status, stage in stages.items():
            self.assertEqual(
                parse_transaction({**self.ROW, "status": status}).stage, stage
            )

    def test_refund_is_money_out(self):
        facts = parse_transaction({**self.ROW, "type": "refund"})
        self.assertEqual((facts.kind, facts.amount), ("refund", Decimal("-9.99")))

    def test_steps_without_money_are_told_apart(self):
        self.assertTrue(moves_money(self.ROW))
        self.assertTrue(moves_money({**self.ROW, "type": "something new"}))
        self.assertFalse(moves_money({**self.ROW, "type": "authorise"}))

    def test_of_a_landing_page_only_the_payment_made_on_it_is_money(self):
        child = {**self.ROW, "method": "ideal", "reference": "I1.G"}
        page = {**self.ROW, "method": "landingpage", "reference": "L1.G"}
        paid = {**page, "childReferenceId": child["reference"]}
        rows = ({**page, "status": "pending"}, paid, child)
        money = [row["reference"] for row in rows if moves_money(row)]
        self.assertEqual(money, ["I1.G"])

    def test_a_landing_page_is_read_as_the_payment_made_on_it(self):
        child = {**self.ROW, "method": "ideal", "reference": "I1.G"}
        page = {**self.ROW, "method": "landingpage", "reference": "L1.G"}
        paid = {**page, "childReferenceId": child["reference"]}
        waiting = {**page, "status": "pending"}
        client, adapter = make(
            CcvClient, (200, paid), (200, child), (200, waiting), api_key="t_1"
        )
        self.assertEqual(client.get_transaction("L1.G").external_id, "I1.G")
        self.assertIsNone(client.get_transaction("L1.G"))
        self.assertIn("reference=I1.G", adapter.requests[1].url)

    def test_missing_fields_are_named(self):
        for key in ("reference", "amount"):
            with self.subTest(key=key), self.assertRaises(FactError):
                parse_transaction({**self.ROW, key: None})

    def test_pages_end_with_an_empty_one_and_are_asked_by_reference(self):
        second = {**self.ROW, "reference": "C2.G"}
        client, adapter = make(
            CcvClient, (200, [self.ROW]), (200, [second]), (200, []), api_key="t_key"
        )
        pages = list(client.iter_transactions(SINCE))
        self.assertEqual([len(page) for page in pages], [1, 1])
        self.assertIn("createdAfter=1793491200000", adapter.requests[0].url)
        self.assertIn("referenceAfter=C2.G", adapter.requests[2].url)
        self.assertEqual(adapter.requests[0].headers["Authorization"], "Basic dF9rZXk6")

    def test_server_that_ignores_the_cursor_does_not_hold_us(self):
        client, adapter = make(
            CcvClient, (200, [self.ROW]), (200, [self.ROW]), api_key="t_key"
        )
        self.assertEqual(len(list(client.iter_transactions(SINCE))), 1)
        self.assertFalse(adapter.answers)

    def test_wrong_key_and_odd_answers_have_their_types(self):
        client, _adapter = make(
            CcvClient, (401, {"type": "x"}), (200, "text"), (200, []), api_key="t_key"
        )
        with self.assertRaises(AuthError):
            client.list_methods()
        with self.assertRaises(InvalidAnswerError):
            client.list_methods()
        with self.assertRaises(InvalidAnswerError):
            client.get_transaction("C1.G")


@tagged("post_install", "-at_install")
class TestMollie(ClientCase):
    """Mollie: bearer key, pages by id, newest first."""

    @staticmethod
    def row(payment_id="tr_1", created="2026-11-20T10:00:00+00:00", **values):
        """A payment as the API gives it."""
        return {
            "id": payment_id,
            "status": "paid",
            "amount": {"currency": "EUR", "value": "10.00"},
            "createdAt": created,
            "paidAt": created,
            "metadata": {"order_id": 77},
            "details": {"consumerName": "J. Jansen", "consumerAccount": "NL02INGB0"},
            **values,
        }

    def page(self, *rows, next_id=None):
        """A page with its link to the next one."""
        href = f"https://evil.example/v2/payments?from={next_id}&limit=50"
        following = {"href": href} if next_id else None
        return {"_embedded": {"payments": list(rows)}, "_links": {"next": following}}

    def test_payment_is_read(self):
        facts = parse_payment(self.row())
        self.assertEqual(facts.amount, Decimal("10.00"))
        self.assertEqual(facts.payer_name, "J. Jansen")
        self.assertEqual(facts.order_reference, "77")
        self.assertEqual(parse_payment(self.row(status="authorized")).stage, "waiting")
        self.assertEqual(parse_payment(self.row(status="expired")).stage, "lost")
        self.assertEqual(parse_payment(self.row(status="brand new")).stage, "unknown")

    def test_missing_amount_or_date_is_named(self):
        with self.assertRaises(FactError):
            parse_payment(self.row(amount=None))
        with self.assertRaises(FactError):
            parse_payment(self.row(createdAt=None, paidAt="yesterday"))

    def test_next_page_is_asked_at_our_own_address_only(self):
        client, adapter = make(
            MollieClient,
            (200, self.page(self.row(), next_id="tr_2")),
            (200, self.page(self.row("tr_2"))),
            api_key="test_key",
        )
        self.assertEqual(len(list(client.iter_payments(SINCE))), 2)
        for request in adapter.requests:
            self.assertTrue(request.url.startswith(BASE))
        self.assertIn("from=tr_2", adapter.requests[1].url)
        self.assertEqual(
            adapter.requests[0].headers["Authorization"], "Bearer test_key"
        )

    def test_payments_older_than_wanted_end_the_reading(self):
        old = self.row("tr_0", created="2026-10-01T10:00:00+00:00")
        client, adapter = make(
            MollieClient,
            (200, self.page(self.row(), old, next_id="tr_9")),
            api_key="test_key",
        )
        [page] = client.iter_payments(SINCE)
        self.assertEqual([row["id"] for row in page], ["tr_1"])
        self.assertEqual(len(adapter.requests), 1)

    def test_id_with_a_path_in_it_is_never_asked_for(self):
        client, adapter = make(MollieClient, api_key="test_key")
        with self.assertRaises(InvalidAnswerError):
            client.get_payment("../settlements")
        self.assertFalse(adapter.requests)


@tagged("post_install", "-at_install")
class TestMoneybird(ClientCase):
    """Moneybird: paths by administration, ways of saying no, payments."""

    ITEM: ClassVar = {
        "id": "496081540407625376",
        "invoice_id": "2026-0001",
        "state": "late",
        "currency": "EUR",
        "version": 1787320245,
        "total_price_incl_tax": "363.0",
        "total_unpaid": "63.0",
        "payment_reference": "RF41MNB",
        "contact": {"company_name": None, "firstname": "Jan", "lastname": "Jansen"},
        "due_date": "2026-09-04",
        "payments": [{"id": "1", "transaction_identifier": "tr_1"}],
    }

    def client(self, *answers):
        """A client of administration 123."""
        return make(MoneybirdClient, *answers, administration="123", token="secret")

    def test_invoice_is_read_and_large_ids_stay_text(self):
        item = parse_item("sales_invoice", self.ITEM)
        self.assertEqual(item.external_id, "496081540407625376")
        self.assertEqual(item.amount_open, Decimal("63.0"))
        self.assertEqual(item.contact_name, "Jan Jansen")
        self.assertTrue(item.is_open)
        self.assertFalse(
            parse_item("sales_invoice", {**self.ITEM, "state": "paid"}).is_open
        )

    def test_open_invoices_of_every_year_are_asked_for(self):
        client, adapter = self.client((200, [{"id": "7", "version": 3}]))
        self.assertEqual(client.list_open_versions("sales_invoice"), {"7": 3})
        url = requests.utils.unquote(adapter.requests[0].url)
        self.assertIn("/api/v2/123/sales_invoices/synchronization.json", url)
        self.assertIn("period:20000101..20991231", url)
        self.assertIn("state:open|late|reminded|pending_payment", url)

    def test_invoices_are_read_a_hundred_at_a_time(self):
        client, adapter = self.client((200, []), (200, []))
        list(client.iter_items("sales_invoice", [str(n) for n in range(150)]))
        sizes = [len(json.loads(request.body)["ids"]) for request in adapter.requests]
        self.assertEqual(sizes, [100, 50])

    def test_payment_has_the_fields_of_the_api(self):
        """C11: payment date, amount, transaction identifier, ledger account."""
        client, adapter = self.client((201, {"id": "9"}))
        payment = MoneybirdPayment(date(2026, 11, 20), Decimal("63.00"), "tr_1", "55")
        self.assertEqual(
            client.create_payment("sales_invoice", "7", payment)["id"], "9"
        )
        self.assertEqual(
            json.loads(adapter.requests[0].body),
            {
                "payment": {
                    "payment_date": "2026-11-20",
                    "price": "63.00",
                    "transaction_identifier": "tr_1",
                    "ledger_account_id": "55",
                    "manual_payment_action": "balance_settlement",
                }
            },
        )

    def test_known_payment_is_found_by_its_identifier(self):
        client, _adapter = self.client((200, self.ITEM), (200, self.ITEM))
        self.assertEqual(client.find_payment("sales_invoice", "7", "tr_1")["id"], "1")
        self.assertIsNone(client.find_payment("sales_invoice", "7", "tr_2"))

    def test_lost_answer_of_a_payment_is_unknown_and_sent_once(self):
        client, adapter = self.client((None, None))
        payment = MoneybirdPayment(date(2026, 11, 20), Decimal("63.00"), "tr_1")
        with self.assertRaises(UnknownResultError):
            client.create_payment("sales_invoice", "7", payment)
        self.assertEqual(len(adapter.requests), 1)

    def test_each_way_of_saying_no_has_its_type(self):
        locked = {"error": {"payment_date": ["is in a locked period"]}}
        cases = (
            (401, {"error": "No access to bank"}, ScopeError),
            (401, {"error": "invalid_token"}, AuthError),
            (402, {"error": "limited", "symbolic": {}}, PlanLimitError),
            (422, locked, PeriodLockedError),
            (422, {"error": {"price": ["is not a number"]}}, RejectedError),
            (404, {"error": "record not found"}, RejectedError),
            (429, "Retry later", TemporaryError),
        )
        for status, body, error in cases:
            with self.subTest(status=status, body=body):
                client, _adapter = self.client((status, body))
                with self.assertRaises(error):
                    client.get_item("sales_invoice", "7")

    def test_ids_that_are_no_digits_never_get_into_a_path(self):
        client, adapter = self.client()
        for key in ("7/../8", "", "７"):
            with self.subTest(key=key), self.assertRaises(FactError):
                client.get_item("sales_invoice", key)
        self.assertFalse(adapter.requests)

    def test_odd_answers_are_named(self):
        client, _adapter = self.client((200, {"no": "list"}), (200, "text"))
        with self.assertRaises(InvalidAnswerError):
            client.list_administrations()
        with self.assertRaises(InvalidAnswerError):
            client.get_item("sales_invoice", "7")
