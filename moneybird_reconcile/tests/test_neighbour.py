from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MatchingCommon

STEP = "_auto_reconcile"


@tagged("post_install", "-at_install")
class TestNeighbour(MatchingCommon):
    """Bank lines that others reconcile, or would like to."""

    def test_automatic_step_of_a_neighbour_leaves_our_lines_alone(self):
        """The neighbour is met through the registry, whatever the order of loading."""
        model = self.env["account.bank.statement.line"]
        model_class = self.env.registry[model._name]
        taken = []

        def step(lines):
            taken.append(lines)

        with patch.object(model_class, STEP, step, create=True):
            model._register_hook()
            model._register_hook()
            own = model.with_context(matching_own_lines=True)
            getattr(own, STEP)()
            self.assertEqual(taken, [], "our own lines are ours")
            getattr(model, STEP)()
            self.assertEqual(taken, [model], "all others are its own, once")

    def test_lines_are_made_with_the_mark_that_keeps_neighbours_off(self):
        marks = []
        model_class = type(self.env["account.bank.statement.line"])
        create = model_class.create

        def note(lines, vals_list):
            marks.append(lines.env.context.get("matching_own_lines"))
            return create(lines, vals_list)

        invoice = self._create_invoice(15.0)
        with patch.object(model_class, "create", note):
            self._fetch(self._make_facts(description=invoice.name))
        self.assertEqual(marks, [True])

    def _receive_on_suspense(self):
        """A bank line that waits for a person, and its receipt."""
        invoice = self._create_invoice(15.0)
        receipt = self._fetch(
            self._make_facts(amount="14.00", description=invoice.name)
        )
        receipt.journal_id = receipt._get_journal()
        receipt.statement_line_id = self.env["account.bank.statement.line"].create(
            receipt._prepare_statement_line_vals()
        )
        return receipt

    def _reconcile_outside(self, receipt):
        _liquidity, suspense, _others = receipt.statement_line_id._seek_for_lines()
        suspense.account_id = self.company_data["default_account_revenue"]

    def test_line_reconciled_outside_is_done_and_not_booked_again(self):
        """One euro, one place in the books."""
        receipt = self._receive_on_suspense()
        proposal = receipt.proposal_ids[:1]
        self._reconcile_outside(receipt)
        with self.assertRaises(UserError):
            proposal.with_user(self.office).action_accept()
        receipt.with_user(self.office).action_process()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("matched", "booked_elsewhere")
        )
        self.assertIn(receipt.statement_line_id.move_id.name, receipt.reason)
        self.assertFalse(receipt.booking_ids)

    def test_line_still_on_suspense_is_booked_here(self):
        receipt = self._receive_on_suspense()
        receipt.proposal_ids[:1].with_user(self.office).action_accept()
        self.assertEqual(receipt.state, "matched")
        self.assertTrue(receipt.booking_ids)
