from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon
from .pdf import build_pdf


@tagged("post_install", "-at_install")
class TestRights(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls._create_invoice(cls.partner, 20)
        cls.case = cls._create_case(cls.partner)
        cls.steps[0].cost_kind = "costs"
        cls.message = cls.case.sudo()._take_step()
        cls.nobody = new_test_user(
            cls.env,
            "nobody",
            "base.group_user",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.manager = new_test_user(
            cls.env,
            "chief",
            "postal_dunning.group_dunning_manager",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.other_company = cls.env["res.company"].create({"name": "Second club"})
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            "postal_dunning.group_dunning_manager",
            company_id=cls.other_company.id,
            company_ids=[fields.Command.set(cls.other_company.ids)],
        )

    def test_collector_reads_and_acts(self):
        case = self.case.with_user(self.user)
        case.action_hold()
        case.action_release()
        case.action_refresh()
        self.assertEqual(case.move_line_ids.mapped("amount_residual"), [100])
        self.assertTrue(case.sent_message_ids.line_ids.amount_open)
        self.assertTrue(case.fee_note)

    def test_collector_acts_no_rights(self):
        case = self.case.with_user(self.nobody)
        for action in ("action_hold", "action_take_step", "action_refresh"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(case, action)()
        with self.assertRaises(AccessError):
            self.env(user=self.nobody)["dunning.preview"].action_open()

    def test_manager_changes_policies(self):
        self.policy.with_user(self.manager).name = "Ours"
        self.steps[0].with_user(self.manager).wait_days = 5

    def test_manager_changes_policies_no_rights(self):
        with self.assertRaises(AccessError):
            self.policy.with_user(self.user).name = "Mine"
        with self.assertRaises(AccessError):
            self.steps[0].with_user(self.user).wait_days = 0
        with self.assertRaises(AccessError):
            rule = self.env.ref(
                "postal_dunning.dunning_law_rule_nl_consumer_notice_days"
            )
            rule.with_user(self.user).value = 0

    def test_messages_are_written_by_nobody(self):
        for user in (self.user, self.manager):
            message = self.message.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                message.write({"state": "sent"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                message.line_ids.write({"is_void": True})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                message.unlink()

    def test_answers_of_the_law_are_written_by_nobody(self):
        for user in (self.user, self.manager):
            charge = self.message.charge_ids.with_user(user)[0]
            self.assertTrue(charge.note)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                charge.write({"state": "reversed"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                charge.copy()
        with self.assertRaises(AccessError):
            self.message.charge_ids.with_user(self.nobody).action_reverse()

    def test_company_sees_its_own_records_only(self):
        self.company.letter_transport = "pingen"
        attachment = self.env["ir.attachment"].create(
            {"name": "x.pdf", "raw": build_pdf()}
        )
        letter = self.env["snailmail.letter"].create(
            {
                "partner_id": self.partner.id,
                "model": "dunning.case",
                "res_id": self.case.id,
                "company_id": self.company.id,
                "attachment_id": attachment.id,
            }
        )
        kind = self.env["communication.type"].create(
            {"name": "Ours", "code": "ours", "company_id": self.company.id}
        )
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        preview._load()
        records = (
            self.case,
            self.message,
            self.message.line_ids,
            self.message.charge_ids,
            self.policy,
            self.steps,
            letter,
            kind,
            self.env["dunning.ageing.report"].search(
                [("partner_id", "=", self.partner.id)]
            ),
        )
        for own in records:
            with self.subTest(model=own._name):
                self.assertTrue(own)
                theirs = own.with_user(self.stranger)
                self.assertFalse(theirs.search([("id", "in", own.ids)]))
                with self.assertRaises(AccessError):
                    theirs.check_access("read")

    def test_a_run_cannot_take_a_step_of_another_company_no_rights(self):
        preview = (
            self.env(user=self.stranger)["dunning.preview"]
            .with_company(self.other_company)
            .create(
                {
                    "company_id": self.other_company.id,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "case_id": self.case.id,
                                "step_id": self.steps[0].id,
                                "is_chosen": True,
                            }
                        )
                    ],
                }
            )
        )
        with self.assertRaises(AccessError):
            preview.action_run()

    def test_shared_kinds_are_seen_by_all(self):
        kinds = self.env["communication.type"].with_user(self.stranger).search([])
        self.assertIn("reminder", kinds.mapped("code"))

    def test_keys_of_a_letter_are_for_administrators(self):
        fields_seen = self.env["snailmail.letter"].with_user(self.user).fields_get()
        self.assertNotIn("pingen_key", fields_seen)
        self.assertNotIn("pingen_upload", fields_seen)

    def test_ageing_sums_open_items_by_age(self):
        groups = (
            self.env["dunning.ageing.report"]
            .with_user(self.user)
            ._read_group(
                [("partner_id", "=", self.partner.id)], ["age"], ["amount:sum"]
            )
        )
        self.assertEqual(groups, [("1", 100)])
