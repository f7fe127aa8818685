from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPaymentOrder(DunningCommon):
    """Money that names no item: costs, interest, principal (NL, art. 6:44 BW)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps.channel = "email"
        cls.steps[2].write({"cost_kind": "costs", "has_interest": True})
        cls.partner = cls._create_partner(debtor_kind="business")

    def _take_to_costs(self, **values):
        """300.00 of principal, with 45.00 of costs and their interest booked."""
        self.partner.write(values)
        self.invoice = self._create_invoice(self.partner, 80, amount=300)
        self._run_dunning()
        charges = self.partner.dunning_case_ids.charge_ids
        return charges.filtered(lambda one: one.state == "booked").move_id

    def _pay_all(self, moves, amount):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        wizard.create(
            {
                "payment_date": self.today,
                "group_payment": True,
                "amount": amount,
                "payment_difference_handling": "open",
            }
        )._create_payments()

    def test_part_payment_goes_to_costs_and_interest_first(self):
        costs = self._take_to_costs()
        total = costs.amount_total
        self.assertGreater(total, 45)
        self._pay_all(self.invoice | costs, 100)
        self.assertEqual(costs.amount_residual, 0)
        self.assertEqual(self.invoice.amount_residual, 300 - (100 - total))

    def test_less_than_the_costs_leaves_the_principal_whole(self):
        costs = self._take_to_costs()
        self._pay_all(self.invoice | costs, 20)
        self.assertEqual(self.invoice.amount_residual, 300)
        self.assertEqual(costs.amount_residual, costs.amount_total - 20)

    def test_what_is_still_owed_bears_interest(self):
        """The dunning calculation follows the books: 300 less what was left of 100."""
        costs = self._take_to_costs()
        self._pay_all(self.invoice | costs, 100)
        case = self.partner.dunning_case_ids
        case._refresh()
        facts = self.env["dunning.planner"]._load(self.company, self.partner)
        [claim] = case._get_claims(facts.get_debtor(self.partner.id))
        self.assertEqual(float(claim.open), 200 + costs.amount_total)
        self.assertEqual(case.amount_open, self.invoice.amount_residual)

    def test_money_that_names_its_item_stays_there(self):
        costs = self._take_to_costs()
        self._pay(self.invoice, 100)
        self.assertEqual(self.invoice.amount_residual, 200)
        self.assertEqual(costs.amount_residual, costs.amount_total)

    def test_country_without_the_rule_pays_the_earliest_first(self):
        """The rule is dated data of NL; elsewhere core's order stays."""
        rules = self.env["dunning.law.rule"].search([("code", "=", "costs_first")])
        self.assertEqual(rules.country_id.mapped("code"), ["NL"])
        rules.unlink()
        costs = self._take_to_costs()
        self._pay_all(self.invoice | costs, 100)
        self.assertEqual(self.invoice.amount_residual, 200)
        self.assertEqual(costs.amount_residual, costs.amount_total)

    def test_costs_that_were_let_off_are_no_reason(self):
        costs = self._take_to_costs()
        self.partner.dunning_case_ids.charge_ids[:1].action_reverse()
        # The run had a transaction of its own, which counted on.
        self.env["account.move"]._get_sequence_cache().clear()
        later = self._create_invoice(self.partner, 5, amount=50)
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self._pay_all(self.invoice | later, 100)
        self.assertEqual(costs.payment_state, "reversed")
        self.assertEqual(self.invoice.amount_residual, 200)
