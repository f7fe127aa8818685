from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestUninstall(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ideal = cls.env.ref("payment.payment_method_ideal")
        cls.mollie = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Mollie",
                    "code": "mollie",
                    "company_id": cls.company.id,
                    "payment_method_ids": [Command.set(cls.ideal.ids)],
                }
            )
        )
        cls.module = cls.env["ir.module.module"].sudo()._get("subscription_mollie")

    def _create_token(self):
        return (
            self.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": self.mollie.id,
                    "payment_method_id": self.ideal.id,
                    "partner_id": self.customer.id,
                    "provider_ref": "mdt_1",
                    "mollie_customer_ref": "cst_1",
                }
            )
        )

    def test_with_nothing_of_mollie_there_is_no_reason(self):
        self.assertEqual(self.module._uninstall_blockers(), [])

    def test_a_saved_mandate_is_a_reason_until_it_is_archived(self):
        token = self._create_token()
        with self.assertRaisesRegex(UserError, "1 saved methods"):
            self.module.button_uninstall()
        token.active = False
        self.assertEqual(self.module._uninstall_blockers(), [])

    def test_a_charge_under_way_is_a_reason(self):
        token = self._create_token()
        values = {
            "provider_id": self.mollie.id,
            "payment_method_id": self.ideal.id,
            "partner_id": self.customer.id,
            "token_id": token.id,
            "reference": "charge",
            "amount": 15.0,
            "currency_id": self.env.ref("base.EUR").id,
            "operation": "offline",
            "state": "pending",
        }
        transaction = self.env["payment.transaction"].sudo().create(values)
        token.active = False
        with self.assertRaisesRegex(UserError, "1 charges or refunds"):
            self.module.button_immediate_uninstall()
        transaction.state = "done"
        self.assertEqual(self.module._uninstall_blockers(), [])

    def test_other_modules_are_none_of_its_business(self):
        self._create_token()
        sale = self.env["ir.module.module"].sudo()._get("sale_management")
        self.assertEqual(sale._uninstall_blockers(), [])
