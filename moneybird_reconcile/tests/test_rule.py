from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import MatchingCommon


@tagged("post_install", "-at_install")
class TestRule(MatchingCommon):
    """Matches by hand teach rules, which are tested before they help."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "rule_manager",
            "base.group_user,moneybird_reconcile.group_matching_manager",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.expense = cls.company_data["default_account_expense"]

    def _rules(self, user=None):
        return self.env["matching.rule"].with_user(user or self.manager).search([])

    def _pay(self, external_id, payer="Fam. Jansen-Smit", amount="14.00", text=""):
        return self._fetch(
            self._make_facts(external_id, amount, payer_name=payer, description=text)
        )

    def _match_by_hand(self, external_id="tr_1", partner=None):
        """Part of an invoice of Jan, paid by somebody with another name."""
        invoice = self._create_invoice(15.0, partner=partner)
        receipt = self._pay(external_id, text=invoice.name)
        line = invoice.line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable"
        )
        part = {"ledger": "odoo", "id": line.id, "amount": 14.0}
        receipt.with_user(self.office).action_match([part])
        return receipt

    def test_match_by_hand_suggests_a_rule_with_its_back_test(self):
        """C7: what a person found is proposed next time."""
        self._match_by_hand()
        rule = self._rules()
        self.assertEqual((rule.payer, rule.partner_id), ("Fam. Jansen-Smit", self.jan))
        self.assertEqual((rule.count_right, rule.count_wrong), (1, 0))
        self.assertEqual(rule.state, "suggested")
        self._match_by_hand("tr_2")
        self.assertEqual((len(self._rules()), rule.count_taught), (1, 2))
        self.assertEqual(rule.count_right, 2)

    def test_payer_that_is_the_customer_teaches_nothing(self):
        invoice = self._create_invoice(15.0)
        receipt = self._pay("tr_1", "JAN DE VRIES", text=invoice.name)
        receipt.proposal_ids[:1].with_user(self.office).action_accept()
        self.assertEqual(receipt.amount_left, 0.0)
        self.assertFalse(self._rules())

    def test_rule_helps_only_when_it_is_on(self):
        self._match_by_hand()
        self._rules().action_switch_off()
        invoice = self._create_invoice(30.0)
        before = self._pay("tr_3", amount="29.00", text=invoice.name).proposal_ids[0]
        codes = [piece["code"] for piece in before.evidence]
        self.assertNotIn("name_equal", codes)
        self._rules().action_switch_on()
        self.assertEqual(self._rules().user_id, self.manager)
        after = self._pay("tr_4", amount="28.00", text=invoice.name).proposal_ids[0]
        self.assertIn("name_equal", [piece["code"] for piece in after.evidence])
        self.assertGreater(after.score, before.score)

    def test_rule_that_was_wrong_cannot_be_switched_on(self):
        other = self.env["res.partner"].create({"name": "Fatima Yilmaz"})
        self._match_by_hand()
        self._match_by_hand("tr_2", partner=other)
        rules = self._rules()
        self.assertEqual(len(rules), 2)
        for rule in rules:
            rule.action_test()
            self.assertEqual((rule.count_right, rule.count_wrong), (1, 1))
            with self.assertRaises(UserError):
                rule.action_switch_on()
            self.assertEqual(rule.state, "suggested")

    def test_write_off_teaches_an_account_that_is_proposed_and_never_booked(self):
        part = {
            "ledger": "account",
            "id": self.expense.id,
            "amount": 14.0,
            "label": "Bank interest",
        }
        first = self._pay("tr_1", "ABN AMRO Rente", text="interest")
        first.with_user(self.office).action_match([part])
        rule = self._rules()
        self.assertEqual((rule.account_id, rule.partner_id.ids), (self.expense, []))
        rule.action_switch_on()
        receipt = self._pay("tr_2", "ABN AMRO RENTE", amount="3.00", text="interest")
        self.assertEqual((receipt.state, receipt.reason_code), ("open", "needs_person"))
        self.assertFalse(receipt.booking_ids)
        proposal = receipt.proposal_ids
        self.assertIn("ABN AMRO Rente", proposal.evidence_text)
        proposal.with_user(self.office).action_accept()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(receipt.booking_ids.label, "Bank interest")

    def test_rules_no_rights(self):
        self._match_by_hand()
        self.assertTrue(self._rules(self.office))
        with self.assertRaises(AccessError):
            self._rules(self.office).action_switch_on()
        stranger = new_test_user(self.env, "rule_none", "base.group_user")
        with self.assertRaises(AccessError):
            self._rules(stranger)
        other = self.setup_other_company()["company"]
        clerk = new_test_user(
            self.env,
            "rule_other",
            "base.group_user,moneybird_reconcile.group_matching_manager",
            company_id=other.id,
            company_ids=other.ids,
        )
        self.assertFalse(self._rules(clerk))
