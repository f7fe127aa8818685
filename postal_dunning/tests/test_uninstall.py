from unittest.mock import Mock

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.postal_dunning.hooks import post_init_hook

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestUninstall(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.module = cls.env["ir.module.module"].search(
            [("name", "=", "postal_dunning")]
        )

    def test_uninstall_is_refused_while_messages_exist(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._create_case(partner).sudo()._take_step()
        with self.assertRaisesRegex(UserError, "Disconnect Pingen"):
            self.module.button_uninstall()

    def test_other_modules_are_not_held_back(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._create_case(partner).sudo()._take_step()
        other = self.env["ir.module.module"].search([("name", "=", "sms")])
        self.assertEqual(other._uninstall_blockers(), [])

    def test_letters_left_behind_never_wait_in_the_queue_of_core(self):
        """What the states of ours become when their values go."""
        field = self.env["snailmail.letter"]._fields["state"]
        values = [value for value in field.ondelete if value.startswith("pingen")]
        self.assertEqual(len(values), 5)
        letters = self.env["snailmail.letter"]
        for value in values:
            spy = Mock()
            field.ondelete[value](spy)
            written = [call.args[0]["state"] for call in spy.write.call_args_list]
            self.assertIn(written[0], ("canceled", "sent"), value)
        self.assertFalse(letters.search([("state", "in", values)]))

    def test_installing_keeps_odoo_letters_where_they_are_used(self):
        self.company.letter_transport = "odoo"
        partner = self._create_partner()
        self.env["snailmail.letter"].create(
            {
                "partner_id": partner.id,
                "model": "res.partner",
                "res_id": partner.id,
                "company_id": self.company.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET letter_transport = 'none' WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        post_init_hook(self.env)
        self.assertEqual(self.company.letter_transport, "odoo")
