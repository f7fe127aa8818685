"""A debtor pays a part without a word: the matcher proposes the order of the law."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.moneybird_reconcile.tests.common import IBAN_JAN, MatchingCommon


@tagged("post_install", "-at_install")
class TestPaymentOrder(MatchingCommon):
    """NL, art. 6:44 BW: costs and interest go before the principal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        netherlands = cls.env.ref("base.nl")
        cls.company.country_id = netherlands
        cls.jan.write({"country_id": netherlands.id, "debtor_kind": "business"})
        cls.env["res.partner.bank"].create(
            {"acc_number": IBAN_JAN, "partner_id": cls.jan.id}
        )
        due = fields.Date.today() - timedelta(days=80)
        cls.invoice = cls._create_invoice(300.0, invoice_date=due, invoice_date_due=due)
        cls.costs = cls._book_costs()

    @classmethod
    def _book_costs(cls):
        """Costs of law over the invoice, as a step books them."""
        case = (
            cls.env["dunning.case"]
            .sudo()
            .create({"partner_id": cls.jan.id, "company_id": cls.company.id})
        )
        policies = cls.env["dunning.policy"].sudo()
        policy = policies.search([("company_id", "=", cls.company.id)])
        policy.max_data_hours = 0
        step = policy.step_ids[0]
        step.cost_kind = "costs"
        facts = cls.env["dunning.planner"]._load(cls.company, cls.jan)
        charges = case._charge_step(step, facts.get_debtor(cls.jan.id))
        assert charges.state == "booked", charges.note
        return charges.move_id

    def _receive(self, amount, description=""):
        receipt = self._fetch(
            self._make_facts(
                "tr_9", amount, payer_iban=IBAN_JAN, description=description
            )
        )
        return receipt.proposal_ids.sorted("sequence")[:1]

    def test_part_is_proposed_and_booked_in_the_order_of_the_law(self):
        best = self._receive("100.00")
        self.assertEqual(
            [(line.move_line_id.move_id, line.amount) for line in best.line_ids],
            [(self.costs, 45.0), (self.invoice, 55.0)],
        )
        self.assertEqual(best.receipt_id.state, "open", "a person looks")
        best.receipt_id._book([(best.receipt_id, best)], is_automatic=False)
        self.assertEqual(self.costs.amount_residual, 0)
        self.assertEqual(self.invoice.amount_residual, 245)

    def test_part_that_names_the_invoice_is_proposed_for_it(self):
        best = self._receive("100.00", self.invoice.name)
        self.assertEqual(best.line_ids.move_line_id.move_id, self.invoice)

    def test_dialog_lists_costs_first(self):
        receipt = self._receive("100.00").receipt_id
        found = receipt.with_user(self.office)._find_in_odoo(self.jan.name)
        self.assertEqual(
            [row["name"] for row in found], [self.costs.name, self.invoice.name]
        )
