"""Whose invoices a member sees."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import MemberInvoiceCommon


@tagged("post_install", "-at_install")
class TestDocuments(MemberInvoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.ann = cls._create_member("Ann", parent_id=firm.id)
        cls.ben = cls._create_member("Ben", parent_id=firm.id)
        cls.of_ann = cls._create_posted_invoice(cls.ann.partner_id)
        cls.of_ben = cls._create_posted_invoice(cls.ben.partner_id)

    def _get_seen(self, user):
        moves = self.env["account.move"].with_user(user)
        return moves.search([("id", "in", (self.of_ann + self.of_ben).ids)])

    def test_contacts_see_the_whole_company_by_default(self):
        self.assertEqual(self._get_seen(self.ann), self.of_ann + self.of_ben)

    def test_contacts_see_their_own_where_the_organisation_says_so(self):
        self.company.portal_document_scope = "own"
        self.assertEqual(self._get_seen(self.ann), self.of_ann)
        lines = self.env["account.move.line"].with_user(self.ann)
        self.assertFalse(lines.search([("move_id", "=", self.of_ben.id)]))
        self._sign_in(self.ann)
        page = self.url_open("/my/invoices").text
        self.assertIn(self.of_ann.name, page)
        self.assertNotIn(self.of_ben.name, page)
        foreign = self.url_open(f"/my/invoices/{self.of_ben.id}", allow_redirects=False)
        missing = self.url_open("/my/invoices/99999999", allow_redirects=False)
        self.assertEqual(foreign.status_code, missing.status_code)

    def test_choice_of_the_organisation_counts_at_once(self):
        """Record rules are kept by Odoo: a new choice makes them anew."""
        for scope, seen in (
            ("company", self.of_ann + self.of_ben),
            ("own", self.of_ann),
            ("company", self.of_ann + self.of_ben),
        ):
            self.company.portal_document_scope = scope
            self.assertEqual(self._get_seen(self.ann), seen)

    def test_methods_of_the_customer_company_follow_the_choice(self):
        token = self._create_token(partner_id=self.ann.partner_id.parent_id.id)
        tokens = self.env["payment.token"].with_user(self.ann).sudo()

        def shown():
            return tokens._get_available_tokens(
                None, self.ann.partner_id.id, is_validation=True
            )

        self.assertEqual(shown(), token)
        self._sign_in(self.ann)
        self.assertIn(token.display_name, self.url_open("/my").text)
        self.company.portal_document_scope = "own"
        self.assertFalse(shown())
        self.assertNotIn(token.display_name, self.url_open("/my").text)
        self.make_jsonrpc_request("/payment/archive_token", {"token_id": token.id})
        self.env.invalidate_all()
        self.assertTrue(token.active)

    def test_staff_sees_what_it_saw(self):
        self.company.portal_document_scope = "own"
        self.assertEqual(self._get_seen(self.env.user), self.of_ann + self.of_ben)

    def test_guardian_sees_those_he_pays_for(self):
        for scope in ("company", "own"):
            self.company.portal_document_scope = scope
            self.assertFalse(self._get_seen(self.mia))
            self.ben.partner_id.portal_payer_id = self.mia.partner_id
            self.assertEqual(self._get_seen(self.mia), self.of_ben)
            self._sign_in(self.mia)
            page = self.url_open(f"/my/invoices/{self.of_ben.id}")
            self.assertEqual(page.status_code, 200)
            self.assertTrue(page.url.endswith(str(self.of_ben.id)))
            for path in ("/my/invoices", "/my/invoices/pay"):
                # Whose it is stands beside it.
                self.assertIn(self.ben.name, self.url_open(path).text)
            self.ben.partner_id.portal_payer_id = False

    def test_own_data_holds_own_invoices_and_until_when_they_stay(self):
        """GDPR 15, 17, 20: PDFs and figures, and the year the law says."""
        partner = self.ann.partner_id.with_user(self.ann).sudo()
        data = partner._get_portal_data()
        self.assertEqual([row["name"] for row in data["invoices"]], [self.of_ann.name])
        self.assertIn("payment_methods", data)
        [(name, content)] = partner._get_portal_documents()
        self.assertTrue(name.endswith(".pdf"))
        self.assertTrue(content)
        what, until, _why = partner._get_portal_kept()[-1]
        self.assertEqual(what, "Invoices and payments")
        years = until.year - self.of_ann.invoice_date.year
        self.assertIn(years, (7, 8, 10))

    def test_nobody_is_his_own_guardian(self):
        with self.assertRaises(ValidationError):
            self.mia.partner_id.portal_payer_id = self.mia.partner_id
