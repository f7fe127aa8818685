"""What a member changes counts for the invoices that follow."""

import json

from odoo import http
from odoo.tests import tagged

from .common import MemberInvoiceCommon


@tagged("post_install", "-at_install")
class TestDetails(MemberInvoiceCommon):
    def test_changed_details_are_on_later_invoices(self):
        """B7: the address on the invoice, and where its mail goes."""
        partner = self.mia.partner_id
        country = self.env.ref("base.nl")
        old = {
            "street": "Old Street 1",
            "zip": "1234 AB",
            "city": "Utrecht",
            "country_id": country.id,
            "phone": "+31 30 123 4567",
        }
        partner.write(old)
        self._sign_in(self.mia)
        answer = self.url_open(
            "/my/address/submit",
            data={
                **old,
                "csrf_token": http.Request.csrf_token(self),
                "partner_id": partner.id,
                "name": partner.name,
                "email": partner.email,
                "street": "New Street 2",
                "address_type": "billing",
                "required_fields": "",
            },
        )
        self.assertIn("redirectUrl", json.loads(answer.text))
        self.mia._change_member_email("new@member.example")
        self.env.invalidate_all()
        later = self._create_posted_invoice(partner)
        document = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", later.ids
        )[0]
        self.assertIn("New Street 2", document.decode())
        mail = self.env["account.move.send"]._get_default_mail_partner_ids(
            later, self.env.ref("account.email_template_edi_invoice"), "en_US"
        )
        self.assertEqual(mail.mapped("email"), ["new@member.example"])
        kinds = partner.member_event_ids.mapped("kind")
        self.assertEqual(set(kinds), {"details", "email"})
