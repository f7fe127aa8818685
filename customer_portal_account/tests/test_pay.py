"""Members see invoices with every attempt, pay several at once, manage methods."""

from lxml import html

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import MemberInvoiceCommon


@tagged("post_install", "-at_install")
class TestPay(MemberInvoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_posted_invoice(cls.mia.partner_id, 15.0)
        cls.second = cls._create_posted_invoice(cls.mia.partner_id, 20.0)
        cls.token = cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.payment_method_id,
                "payment_details": "1234",
                "partner_id": cls.mia.partner_id.id,
                "provider_ref": "ref-mia",
            }
        )

    def _get_params(self, **values):
        return {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "amount": 0.01,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/my/invoices",
            "is_validation": False,
            "access_token": None,
        } | values

    def _pay(self, invoices):
        ids = "-".join(str(invoice_id) for invoice_id in invoices)
        url = f"/my/invoices/pay/transaction/{ids}"
        return self.make_jsonrpc_request(url, self._get_params())

    def test_list_shows_state_number_amount_and_date(self):
        """B2, B10: state, number, amount, date of each invoice."""
        self._sign_in(self.mia)
        page = self.url_open("/my/invoices").text
        for text in (self.first.name, "15.00", "20.00", "Waiting for Payment"):
            self.assertIn(text, page)
        self.assertIn("/my/invoices/pay", page)
        # On a phone the state stands below the number, in a word.
        self.assertRegex(page, r"o_member_state\">\s*Open\s*<")

    def test_heads_of_the_list_stand_above_their_cells(self):
        """B10: state above the state, also where paying adds columns of its own."""
        self._sign_in(self.mia)
        table = html.fromstring(self.url_open("/my/invoices").text).find(".//table")
        heads = [head.get("name") for head in table.iterfind(".//thead/tr/th")]
        cells = [cell.get("name") for cell in table.find(".//tbody/tr").iterfind("td")]
        self.assertEqual(len(heads), len(cells))
        self.assertEqual(heads.index("status"), cells.index("invoice_status"))
        self.assertEqual(heads.index("amount_due"), cells.index("invoice_amount"))

    def test_what_became_of_a_payment_is_said_in_the_language_of_the_page(self):
        """Odoo's own words, kept in English; words of the organisation stay."""
        self.env["res.lang"]._activate_lang("nl_NL")
        dutch = self.provider.with_context(lang="nl_NL")
        self.assertIn("betaling", dutch._get_status_message("done"))
        self.provider.done_msg = "<p>Tot ziens op de club.</p>"
        self.assertIn("op de club", str(dutch._get_status_message("done")))

    def test_invoice_shows_each_attempt(self):
        """B10: content and payment attempts."""
        self._create_transaction(
            "direct",
            reference="failed",
            state="error",
            invoice_ids=[(6, 0, self.first.ids)],
        )
        self._create_transaction(
            "direct", reference="new", invoice_ids=[(6, 0, self.first.ids)]
        )
        self._sign_in(self.mia)
        page = self.url_open(f"/my/invoices/{self.first.id}").text
        attempts = page.split("o_member_attempts")[1]
        self.assertIn("Failed", attempts)
        self.assertEqual(attempts.count("list-group-item"), 1)

    def test_several_invoices_are_paid_with_one_payment(self):
        """B2: one or several at once; the amount is that of the invoices."""
        self._sign_in(self.mia)
        page = self.url_open(
            f"/my/invoices/pay?invoice={self.first.id}&invoice={self.second.id}"
        ).text
        self.assertIn("35.00", page)
        self._pay((self.first + self.second).ids)
        transaction = self.env["payment.transaction"].search(
            [], limit=1, order="id desc"
        )
        self.assertEqual(transaction.amount, 35.0)
        self.assertEqual(transaction.invoice_ids, self.first + self.second)
        self.assertEqual(transaction.partner_id, self.mia.partner_id)
        event = self.mia.partner_id.member_event_ids[:1]
        self.assertEqual((event.kind, event.ip), ("payment", "127.0.0.1"))

    @mute_logger("odoo.http")
    def test_foreign_or_paid_invoices_are_not_paid(self):
        other = self._create_member("Other")
        foreign = self._create_posted_invoice(other.partner_id)
        self._sign_in(self.mia)
        page = self.url_open(f"/my/invoices/pay?invoice={foreign.id}").text
        self.assertNotIn(foreign.name, page)
        for ids in ((foreign.id,), (self.first.id, foreign.id), (99999999,), ("x",)):
            with self.assertRaises(JsonRpcException):
                self._pay(ids)
        self.assertFalse(foreign.transaction_ids)

    @mute_logger("odoo.http")
    def test_paying_and_methods_are_closed_by_their_switches(self):
        self.company.portal_function_pay = False
        self._sign_in(self.mia)
        self.assertIn("closed=1", self.url_open("/my/invoices/pay").url)
        with self.assertRaises(JsonRpcException):
            self._pay(self.first.ids)
        self.company.write(
            {"portal_function_pay": True, "portal_function_methods": False}
        )
        self.assertIn("closed=1", self.url_open("/my/payment_method").url)
        self._pay(self.first.ids)
        self.assertEqual(len(self.first.transaction_ids), 1)

    def test_methods_page_asks_for_a_fresh_code(self):
        """B9: methods are added and removed after a fresh code only."""
        self._sign_in(self.mia, age=601)
        answer = self.url_open("/my/payment_method", allow_redirects=False)
        self.assertIn("/my/confirm?redirect=", answer.headers["Location"])
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/payment/archive_token", {"token_id": self.token.id}
            )
        self.assertTrue(self.token.active)

    def test_removed_method_is_on_the_timeline(self):
        """B7, B9: who removed which method, in the list and in the chatter."""
        self._sign_in(self.mia)
        self.make_jsonrpc_request("/payment/archive_token", {"token_id": self.token.id})
        self.env.invalidate_all()
        self.assertFalse(self.token.active)
        event = self.mia.partner_id.member_event_ids[:1]
        self.assertEqual((event.kind, event.user_id), ("method_removed", self.mia))
        notes = self.mia.partner_id.message_ids.mapped("body")
        self.assertTrue(any("1234" in note for note in notes))
