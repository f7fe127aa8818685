from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MatchingCommon


@tagged("post_install", "-at_install")
class TestUninstall(MatchingCommon):
    """Booked receipts keep the addon in place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.module = cls.env.ref("base.module_moneybird_reconcile").sudo()

    def test_booked_receipts_refuse_uninstalling_in_words(self):
        invoice = self._create_invoice(15.0)
        self._fetch(self._make_facts(description=invoice.name))
        with self.assertRaisesRegex(UserError, "1 receipts are booked"):
            self.module.button_uninstall()

    def test_nothing_booked_does_not_refuse(self):
        self._fetch(self._make_facts(description="x"))
        live = self.env["matching.booking"].sudo().search([("is_live", "=", True)])
        self.assertFalse(live)
        self.assertFalse(self.module._uninstall_blockers())
