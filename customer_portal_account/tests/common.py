"""People and invoices for the tests of invoices in the portal."""

import time

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.customer_portal_otp.const import IDENTITY_CHECK


class MemberInvoiceCommon(AccountPaymentCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.mia = cls._create_member("Mia")

    @classmethod
    def _create_member(cls, name, **values):
        partner = cls.env["res.partner"].create(
            {"name": name, "email": f"{name}@member.example", **values}
        )
        return new_test_user(
            cls.env,
            name,
            "base.group_portal",
            partner_id=partner.id,
            name=partner.name,
            email=partner.email,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_posted_invoice(cls, partner, amount=15.0):
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Membership",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _sign_in(self, user, age=0):
        since = {IDENTITY_CHECK: time.time() - age}
        self.authenticate(user.login, user.login, session_extra=since)
