"""Public pages: cancel a contract, withdraw from a contract, without sign-in."""

import io
import re

from pypdf import PdfReader

from odoo.tests import tagged

from .http_common import Browser, PortalOtpHttpCommon

DATA = {"name": "Mia Member", "email": "mia@member.example", "contract": "S-17"}
RECEIPT = re.compile(r"/contract/receipt/[\w-]+")


@tagged("post_install", "-at_install")
class TestRoutesDeclaration(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        self.company.write(
            {"is_portal_cancel_page": True, "is_portal_withdraw_page": True}
        )
        if "website" in self.env:
            self.env["website"].search([]).company_id = self.company
        self.declarations = self.env["portal.declaration"]

    def _declare(self, kind="cancel", **values):
        path = f"/contract/{kind}"
        page = self.browser.get(path).text
        return self.browser.post(path, DATA | values, page=page)

    def _get_last(self):
        self.env.invalidate_all()
        return self.declarations.search([], limit=1)

    def test_pages_exist_only_where_switched_on(self):
        for name, path in (
            ("is_portal_cancel_page", "/contract/cancel"),
            ("is_portal_withdraw_page", "/contract/withdraw"),
        ):
            self.assertIn(f'href="{path}"', self.browser.get("/web/login").text)
            self.company[name] = False
            self.assertEqual(self.browser.get(path).status_code, 404)

    def test_one_page_asks_and_declares_without_sign_in(self):
        """§ 312k II BGB: what is asked for, and the words of the button."""
        page = self.browser.get("/contract/cancel").text
        for name in ("name", "email", "contract", "date_wanted", "is_extraordinary"):
            self.assertIn(f'name="{name}"', page)
        self.assertIn("cancel now", page)
        self.assertNotIn('type="password"', page)

    def test_receipt_comes_at_once_as_page_pdf_and_mail(self):
        """§ 312k IV BGB: content, date and time, storable; H14 for everybody."""
        answer = self._declare(date_wanted="2031-12-31")
        self.assertIn("/contract/receipt/", answer.url)
        declaration = self._get_last()
        for text in (declaration.number, "S-17", "12/31/2031"):
            self.assertIn(text, answer.text)
        link = RECEIPT.search(answer.text).group(0)
        answer = self.browser.get(f"{link}/pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        self.assertIn(declaration.number, text)
        mail = self.env["mail.mail"].search([("email_to", "=", DATA["email"])])
        self.assertIn("S-17", mail.body_html)
        self.assertEqual(mail.attachment_ids.name, f"{declaration.number}.pdf")
        self.assertEqual(mail.reply_to, self.company.email_formatted)

    def test_receipt_leaves_at_once_and_not_with_the_hourly_queue(self):
        """§ 312k IV BGB, article 11a: confirmed without delay."""
        queue = [
            ("cron_id", "=", self.env.ref("mail.ir_cron_mail_scheduler_action").id)
        ]
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count(queue)
        self._declare()
        self.assertGreater(triggers.search_count(queue), before)

    def test_stranger_gets_the_same_receipt_as_a_member(self):
        """Whether or not a contract is found: the page tells a stranger nothing."""

        def shape(answer, declaration):
            text = answer.text
            for part in (declaration.number, declaration.email, declaration.name):
                text = text.replace(part, "…")
            text = re.sub(r"csrf_token[^,]+|receipt/[\w-]+|\d+:\d+:\d+ .M", "", text)
            return answer.status_code, text

        shapes = [
            shape(self._declare(name=name, email=email), self._get_last())
            for name, email in (
                ("Mia Member", "mia@member.example"),
                ("Nobody Here", "nobody@nowhere.example"),
            )
        ]
        self.assertEqual(*shapes)

    def test_declaration_without_a_contract_becomes_a_task(self):
        user = self.env.ref("base.user_admin")
        self.company.portal_declaration_user_id = user
        self._declare()
        declaration = self._get_last()
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_portal_otp.ir_cron_declarations"
            ).method_direct_trigger()
        declaration.invalidate_recordset()
        self.assertEqual(declaration.state, "task")
        self.assertEqual(declaration.activity_ids.user_id, user)
        declaration.action_done()
        self.assertEqual(declaration.state, "done")
        self.assertFalse(declaration.activity_ids)

    def test_withdrawal_has_a_second_step(self):
        """Article 11a: continue, then confirm; no reason is demanded."""
        answer = self._declare("withdraw")
        self.assertIn("Confirm withdrawal", answer.text)
        self.assertFalse(self.declarations.search([]))
        answer = self.browser.post("/contract/withdraw", DATA | {"confirmed": "1"})
        self.assertIn("/contract/receipt/", answer.url)
        self.assertEqual(self._get_last().kind, "withdraw")

    def test_missing_name_or_bad_address_is_said_and_nothing_is_lost(self):
        for wrong in ({"name": ""}, {"email": "nonsense"}, {"contract": " "}):
            page = self._declare(**wrong).text
            self.assertIn('role="alert"', page)
        self.assertIn('value="mia@member.example"', page)
        self.assertFalse(self.declarations.search([]))

    def test_program_that_fills_in_everything_is_not_heard(self):
        self._declare(website="https://spam.example")
        self.assertFalse(self.declarations.search([]))

    def test_network_declares_ten_times_an_hour(self):
        for _number in range(10):
            self._declare()
        self.assertIn('role="alert"', self._declare().text)
        self.assertEqual(self.declarations.search_count([]), 10)

    def test_guessed_receipt_is_not_found(self):
        self._declare()
        declaration = self._get_last()
        for token in (declaration.id, f"{declaration.id}-guess", "x", "9-"):
            answer = Browser(self).get(f"/contract/receipt/{token}")
            self.assertEqual(answer.status_code, 404)
