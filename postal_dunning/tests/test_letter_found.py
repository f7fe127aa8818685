from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.connection_base.exceptions import TemporaryError

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestLetterFound(DunningCommon):
    """A restored backup sends no letter twice (reliability R8, R13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._connect_pingen()
        cls.connection.responsible_id = cls.user
        cls.partner = cls._create_partner()
        cls._create_invoice(cls.partner, 45)

    def setUp(self):
        super().setUp()
        case = self._create_case(self.partner)
        self.letter = case.sudo()._take_step().letter_id

    def _send_and_forget(self):
        """The letter leaves; then the database is the one of the backup."""
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)
        self.letter.write(
            {
                "state": "pingen_waiting",
                "pingen_ref": False,
                "pingen_key": False,
                "pingen_call": False,
                "pingen_status": False,
            }
        )

    def _found(self):
        return self.env["letter.found"].search([])

    def test_letters_wait_until_somebody_looked(self):
        self._send_and_forget()
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 1)
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertIn("does not know", self.letter.info_msg)
        self.assertEqual(self._found().pingen_ref, self.pingen.sent[0])
        self.assertEqual(self.connection.activity_ids.user_id, self.user)

    def test_after_a_look_letters_go_on_at_once(self):
        self._send_and_forget()
        self._run_hand_over()
        manager = new_test_user(
            self.env,
            "found_manager",
            groups="postal_dunning.group_dunning_manager",
            company_id=self.company.id,
        )
        self._found().with_user(manager).action_settle()
        self.assertEqual(self._found().user_id, manager)
        self.assertFalse(self.letter.date_next_try)
        self.assertFalse(self.connection.activity_ids)
        self._run_hand_over()
        self.assertEqual(len(self.pingen.sent), 2)
        self.assertEqual(len(self._found()), 1)

    def test_asked_again_it_tells_once(self):
        self._send_and_forget()
        self._run_hand_over()
        self.letter.date_next_try = fields.Datetime.now() - timedelta(minutes=1)
        self._run_hand_over()
        self.assertEqual(len(self._found()), 1)
        self.assertEqual(len(self.connection.activity_ids), 1)

    def test_what_was_only_ordered_never_leaves_by_itself(self):
        self._send_and_forget()
        self.pingen.letters[self.pingen.sent[0]]["status"] = "valid"
        self._run_hand_over()
        self.assertFalse(self._found())

    def test_letters_of_a_copy_are_not_ours(self):
        self._send_and_forget()
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "abcdef0123")
        self._run_hand_over()
        self.assertFalse(self._found())
        self.assertEqual(len(self.pingen.sent), 2)

    def test_letters_wait_while_the_printer_does_not_tell(self):
        self.pingen.faults["list"] = [TemporaryError("busy")]
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_waiting")
        self.assertIn("busy", self.letter.info_msg)
        self.assertEqual(self.pingen.sent, [])

    def test_only_a_manager_lets_letters_go_on(self):
        self._send_and_forget()
        self._run_hand_over()
        user = new_test_user(
            self.env,
            "found_user",
            groups="postal_dunning.group_dunning_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self._found().with_user(user).action_settle()
