from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPolicy(DunningCommon):
    def test_whoever_switches_a_policy_on_answers_for_it(self):
        self.policy.write({"is_automatic": False, "responsible_id": False})
        group = self.env.ref("postal_dunning.group_dunning_manager")
        self.user.group_ids |= group
        self.policy.with_user(self.user).is_automatic = True
        self.assertEqual(self.policy.responsible_id, self.user)

    def test_level_follows_the_days(self):
        self.assertEqual(self.steps.mapped("level"), [1, 2, 3])
        self.steps[0].days = 45
        levels = self.policy.step_ids.sorted("days").mapped("level")
        self.assertEqual(levels, [1, 2, 3])

    def test_step_before_one_that_was_taken_is_refused(self):
        partner = self._create_partner()
        self._create_invoice(partner, 45)
        self._run_dunning()
        with self.assertRaises(ValidationError):
            self.steps[0].copy({"days": 20})
        self.steps[2].copy({"days": 90})

    def test_names_of_the_standard_exist_in_each_language(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.env["ir.module.module"].search(
            [("name", "=", "postal_dunning")]
        )._update_translations(["nl_NL"])
        policy = self.policy._create_standard(self.company)
        step = policy.step_ids.sorted("days")[0]
        self.assertEqual(step.with_context(lang="en_US").name, "Reminder")
        self.assertEqual(step.with_context(lang="nl_NL").name, "Herinnering")

    def test_button_on_the_customer_opens_the_case(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        self._run_dunning()
        self.assertEqual(partner.dunning_case_count, 1)
        action = partner.action_view_dunning_cases()
        self.assertEqual(action["res_id"], partner.dunning_case_ids.id)
        case = partner.dunning_case_ids
        self.assertIn(case.sent_message_ids.id, self._find(case.action_view_messages()))
        self.assertTrue(case.action_view_invoices())
        self.assertTrue(case.sent_message_ids.action_open_pdf()["url"])

    def _find(self, action):
        return self.env[action["res_model"]].search(action["domain"]).ids
