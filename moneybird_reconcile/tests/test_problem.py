import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestProblem(MatchingCommon):
    """More info and report problem: all that is known, without secrets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mollie._set_credentials({"api_key": "test_verysecret"})
        cls.invoice = cls._create_invoice(15.0)
        cls.receipt = cls._fetch(
            cls._make_facts(
                amount="14.00",
                description=cls.invoice.name,
                payer_iban="NL02INGB0123456789",
                raw={"id": "tr_1", "details": {"bankReason": "odd"}},
            )
        ).with_user(cls.office)

    def _read_all(self):
        return {
            section["title"]: dict(section["rows"])
            for section in self.receipt.action_more_info()
        }

    def test_more_info_shows_both_sides(self):
        """C9: the receipt, the items it may be for, and what the source told."""
        info = self._read_all()
        self.assertEqual(info["This receipt"]["Account of payer"], "NL02INGB0123456789")
        self.assertIn(f"In Odoo: {self.invoice.name}", info)
        self.assertEqual(info["Told by the source"]["details.bankReason"], "odd")

    def test_more_info_shows_the_exchange_with_moneybird(self):
        self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        self._create_item(self._create_moneybird())
        self.receipt = self._fetch(
            self._make_facts("tr_2", "121.00", order_reference="2026-0042")
        ).with_user(self.office)
        self._forward()
        info = self._read_all()
        exchange = info["Exchange with Moneybird: 2026-0042"]
        self.assertEqual(exchange["sent.payment.transaction_identifier"], "tr_2")
        self.assertEqual(exchange["received.price"], "121.00")
        self.assertIn("At Moneybird: 2026-0042", info)

    def _report(self, **values):
        return (
            self.env["matching.problem.wizard"]
            .with_user(self.office)
            .with_context(**self.receipt.action_report_problem()["context"])
            .create({"message": "Why?", **values})
        )

    def test_bundle_holds_everything_needed_and_no_secret(self):
        """C9: "report problem" with all needed data, secrets left out."""
        wizard = self._report()
        wizard.action_save()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "matching.receipt"),
                    ("res_id", "=", self.receipt.id),
                ]
            )
        )
        bundle = json.loads(attachment.raw)
        self.assertEqual(bundle["message"], "Why?")
        self.assertEqual(bundle["receipt"]["external_id"], "tr_1")
        self.assertEqual(bundle["receipt"]["facts"]["details"]["bankReason"], "odd")
        self.assertEqual(bundle["items"][0]["move_id"][0], self.invoice.id)
        self.assertEqual(bundle["connections"][0]["service"], "mollie")
        self.assertIn("amount_lower", attachment.raw.decode())
        self.assertNotIn("verysecret", attachment.raw.decode())

    def test_problem_is_mailed_to_who_helps(self):
        self.company.matching_support_email = "help@example.com"
        self._report().action_send()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertEqual(mail.email_to, "help@example.com")
        self.assertEqual(mail.attachment_ids.mimetype, "application/json")
        self.assertIn("Why?", mail.body_html)

    def test_problem_without_an_address_is_refused_in_words(self):
        with self.assertRaises(UserError):
            self._report(email_to=False).action_send()

    def test_more_info_and_report_no_rights(self):
        stranger = new_test_user(self.env, "problem_none", "base.group_user")
        with self.assertRaises(AccessError):
            self.receipt.with_user(stranger).action_more_info()
        with self.assertRaises(AccessError):
            self.env["matching.problem.wizard"].with_user(stranger).create(
                {"receipt_id": self.receipt.id}
            )
