"""The page before letters are switched off, and what is kept."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSwitchingOff(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "letters_admin",
            "base.group_system",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.connection = cls._connect_pingen().with_user(cls.admin)
        cls.partner = cls._create_partner().with_company(cls.company)
        cls.silent = cls._create_partner(name="Without mail", email=False)
        cls.silent = cls.silent.with_company(cls.company)
        (cls.partner | cls.silent).write({"communication_channel": "post"})
        cls.kind = cls.steps[0].type_id.with_company(cls.company)
        cls.kind.channel = "post"

    def _open(self):
        action = self.connection.action_disconnect()
        return (
            self.env["service.disconnect.wizard"]
            .with_user(self.admin)
            .create({"connection_id": action["context"]["default_connection_id"]})
        )

    def test_page_lists_who_and_what_is_affected(self):
        """Z9: customers with their other ways, kinds, steps, waiting letters."""
        self._create_invoice(self.partner, 45)
        self._run_dunning()
        page = self._open()
        self.assertEqual(page.letter_partner_ids, self.partner | self.silent)
        self.assertEqual(page.letter_unreachable_count, 1)
        self.assertIn(
            "No e-mail address", page.letter_partner_ids.browse(self.silent.id)
            .letter_alternative,
        )  # fmt: skip
        self.assertEqual(page.letter_type_ids, self.kind)
        self.assertIn(self.steps[1], page.letter_step_ids)
        self.assertNotIn(self.steps[0], page.letter_step_ids)
        self.assertEqual(len(page.letter_waiting_ids), 1)

    def test_page_says_that_mail_has_no_way_out(self):
        """Z9: check that the other channels are set up."""
        servers = self.env["ir.mail_server"].search([])
        servers.active = False
        self.assertTrue(self._open().is_mail_missing)
        self.env["ir.mail_server"].create(
            {"name": "Ours", "smtp_host": "localhost", "smtp_authentication": "login"}
        )
        self.assertFalse(self._open().is_mail_missing)

    def test_switching_off_does_it_at_once_and_keeps_a_snapshot(self):
        """Z7 and Z8: nothing by post from now on; what was set can be read."""
        self._open().action_disconnect()
        self.env.invalidate_all()
        self.assertEqual(self.kind.channel, "email")
        self.assertEqual(self.steps[1].channel, "manual")
        self.assertFalse(self.partner.communication_channel)
        self._create_invoice(self.partner, 20)
        message = self._create_case(self.partner).sudo()._take_step()
        self.assertEqual(message.channel, "email")
        kept = self.env["letter.snapshot"].with_user(self.admin).search([])
        rows = {(row.kind, row.name): (row.value_before, row.value_after)
                for row in kept}  # fmt: skip
        self.assertEqual(rows["partner", self.partner.name], ("Post", "Default"))
        self.assertEqual(rows["type", self.kind.name], ("Post", "E-mail"))
        self.assertEqual(rows["step", self.steps[1].display_name], ("Post", "By hand"))
        exported = kept.export_data(["name", "setting", "value_before"])["datas"]
        self.assertEqual(len(exported), len(kept))
        self.assertEqual(self.connection.snapshot_count, len(kept))

    def test_snapshot_is_not_written_by_people(self):
        self._open().action_disconnect()
        kept = self.env["letter.snapshot"].with_user(self.admin).search([], limit=1)
        with self.assertRaises(AccessError):
            kept.value_before = "E-mail"
        with self.assertRaises(AccessError):
            kept.unlink()

    def test_history_stays_readable(self):
        """Z7: letters and their documents stay."""
        self._create_invoice(self.partner, 45)
        self._run_dunning()
        self._run_hand_over()
        letter = self.partner.dunning_case_ids.sent_message_ids.letter_id
        self.assertEqual(letter.state, "pingen_submitted")
        self.assertEqual(self._open().letter_printer_count, 1)
        self._open().action_disconnect()
        as_user = letter.with_user(self.user)
        self.assertEqual(as_user.state, "pingen_submitted")
        self.assertTrue(as_user.attachment_id.raw)
        action = self.connection.with_user(self.user).action_view_letters()
        found = self.env["snailmail.letter"].search(action["domain"])
        self.assertIn(letter, found)

    def test_other_organisation_is_not_on_the_page(self):
        """Z10."""
        other = self.env["res.company"].create({"name": "Second club"})
        elsewhere = self._create_partner(name="Elsewhere")
        elsewhere.with_company(other).communication_channel = "post"
        self.assertNotIn(elsewhere, self._open().letter_partner_ids)

    def test_page_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.connection.with_user(self.user).action_disconnect()
