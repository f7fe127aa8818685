from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestUninstallGuard(SubscriptionCommon):
    def _get_module(self):
        return self.env["ir.module.module"].sudo()._get("subscription_connector")

    def test_uninstalling_is_refused_while_subscriptions_run(self):
        self._create_subscription("2026-02-01")
        with self.assertRaisesRegex(UserError, "billed a second time"):
            self._get_module().button_uninstall()

    def test_other_modules_are_none_of_its_business(self):
        self._create_subscription("2026-02-01")
        sale = self.env["ir.module.module"].sudo()._get("sale_management")
        self.assertFalse(sale._uninstall_blockers())
