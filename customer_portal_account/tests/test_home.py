"""Payment methods and invoices on the first page of the member's area."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import MemberInvoiceCommon


@tagged("post_install", "-at_install")
class TestHome(MemberInvoiceCommon):
    def test_home_says_what_is_open_and_until_when(self):
        """B10: number, sum and day, without opening the list."""
        self._sign_in(self.mia)
        self.assertIn("Nothing is open", self.url_open("/my").text)
        first = self._create_posted_invoice(self.mia.partner_id)
        self._create_posted_invoice(self.mia.partner_id, 7.5)
        self._create_posted_invoice(self._create_member("Ben").partner_id, 100.0)
        page = self.url_open("/my").text
        self.assertRegex(page, r"2 open: [^<]*22\.50")
        self.assertEqual(first.payment_state, "not_paid")

    def test_home_names_the_saved_methods(self):
        """B9: what is there already, by its last digits."""
        self._sign_in(self.mia)
        self.provider.allow_tokenization = True
        self.assertIn("None saved yet", self.url_open("/my").text)
        token = self._create_token(partner_id=self.mia.partner_id.id)
        page = self.url_open("/my").text
        self.assertIn(token.display_name, page)

    def test_home_offers_no_methods_where_none_can_be_saved(self):
        self.env["payment.provider"].search([]).allow_tokenization = False
        self._sign_in(self.mia)
        self.assertNotIn("/my/payment_method", self.url_open("/my").text)

    def test_staff_sees_no_sum_of_the_whole_company(self):
        self._create_posted_invoice(self.mia.partner_id, 31.0)
        new_test_user(
            self.env,
            "sue",
            "base.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.authenticate("sue", "sue")
        self.assertIn("Nothing is open", self.url_open("/my").text)

    def test_list_of_invoices_leads_on_to_orders_where_there_are_some(self):
        self._create_posted_invoice(self.mia.partner_id)
        self._sign_in(self.mia)
        self.assertNotIn('href="/my/orders"', self.url_open("/my/invoices").text)
        if "sale.order" not in self.env:
            return
        order = self.env["sale.order"].sudo()
        order.create(
            {
                "partner_id": self.mia.partner_id.id,
                "company_id": self.company.id,
                "state": "sale",
            }
        )
        self.assertIn('href="/my/orders"', self.url_open("/my/invoices").text)
