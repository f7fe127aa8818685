from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestCallBack(DunningCommon):
    """A letter at the printer about an item that is paid meanwhile (invariant I16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._connect_pingen()
        cls.steps.channel = "post"
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 45)

    def setUp(self):
        super().setUp()
        self.message = self._create_case(self.partner).sudo()._take_step()
        self.letter = self.message.letter_id
        self._run_hand_over()
        self.assertEqual(self.letter.state, "pingen_submitted")

    def _run_call_back(self):
        self._run_cron("postal_dunning.ir_cron_call_back")

    def test_letter_about_a_paid_item_is_called_back(self):
        self._pay(self.invoice)
        self._run_call_back()
        self.assertEqual(self.letter.state, "pingen_cancelling")
        self._run_hand_over()
        self.assertIn("cancel", self.pingen.calls)
        self.pingen.letters[self.letter.pingen_ref]["status"] = "cancelled"
        self._run_hand_over()
        self.assertEqual(self.message.state, "cancelled")

    def test_letter_about_an_open_item_goes_on(self):
        self._run_call_back()
        self.assertEqual(self.letter.state, "pingen_submitted")

    def test_letter_of_a_debtor_on_hold_is_called_back(self):
        self.message.case_id.action_hold()
        self._run_call_back()
        self.assertEqual(self.letter.state, "pingen_cancelling")
