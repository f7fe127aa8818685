from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestApproval(DunningCommon):
    """Steps that wait for a yes, and steps that are not for everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.needs_approval = True
        cls.partners = [cls._create_partner(name=name) for name in ("One", "Two")]
        for partner in cls.partners:
            cls._create_invoice(partner, 20)

    def _get_cases(self):
        return [partner.dunning_case_ids for partner in self.partners]

    def test_run_prepares_and_waits(self):
        self._run_dunning()
        one, two = self._get_cases()
        self.assertFalse(one.sent_message_ids | two.sent_message_ids)
        self.assertTrue(one.is_to_approve)
        self.assertTrue(one.needs_person)
        self.assertEqual(self.policy.activity_ids.user_id, self.user)
        self.assertIn("2", self.policy.activity_ids.summary)
        self._run_dunning()
        self.assertEqual(len(self.policy.activity_ids), 1)

    def test_approved_step_is_taken_and_no_other(self):
        self._run_dunning()
        one, two = self._get_cases()
        one.with_user(self.user).action_approve()
        self.assertEqual(one.approved_by_id, self.user)
        self._run_dunning()
        self.assertEqual(one.sent_message_ids.step_id, self.steps[0])
        self.assertFalse(two.sent_message_ids)
        self.assertFalse(one.approved_step_id)

    def test_step_is_due_on_the_day_of_the_organisation(self):
        """Half past midnight in Amsterdam is the evening before for a user on UTC."""
        self._run_dunning()
        case = self._get_cases()[0]
        self.company.partner_id.tz = "Europe/Amsterdam"
        self.user.tz = "UTC"
        evening = datetime.combine(case.date_next, time(23, 30)) - timedelta(days=1)
        with freeze_time(evening):
            case.invalidate_recordset(["is_step_due", "is_to_approve"])
            case.with_user(self.user).action_approve()
        self.assertEqual(case.approved_step_id, self.steps[0])

    def test_approval_of_a_step_holds_for_that_step(self):
        self._run_dunning()
        one, _two = self._get_cases()
        one.action_approve()
        self._create_invoice(one.partner_id, 40)
        self._run_dunning()
        self.assertFalse(one.sent_message_ids)
        self.assertTrue(one.is_to_approve)

    def test_approval_no_rights(self):
        self._run_dunning()
        nobody = new_test_user(self.env, "nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self._get_cases()[0].with_user(nobody).action_approve()

    def test_step_is_only_for_those_it_is_meant_for(self):
        self.policy.needs_approval = False
        self.steps[0].partner_domain = "[('name', '=', 'Two')]"
        self._run_dunning()
        one, two = self._get_cases()
        self.assertFalse(one.sent_message_ids)
        self.assertEqual(two.sent_message_ids.step_id, self.steps[0])
        self.assertEqual(one.next_step_id, self.steps[1])

    def test_step_leaves_small_debts_alone(self):
        self.policy.needs_approval = False
        self.steps[0].min_amount = 150
        self._create_invoice(self.partners[1], 3)
        self._run_dunning()
        one, two = self._get_cases()
        self.assertFalse(one.sent_message_ids)
        self.assertTrue(two.sent_message_ids)

    def test_condition_that_cannot_be_read_is_refused(self):
        for text in ("[('nothing', '=', 1)]", "name = 1", "env"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.steps[0].partner_domain = text
