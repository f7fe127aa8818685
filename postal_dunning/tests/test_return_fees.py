import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon

PROOF = base64.b64encode(b"%PDF-1.4 statement of the bank")


@tagged("post_install", "-at_install")
class TestReturnFees(DunningCommon):
    """What the bank charged for a returned debit, asked for once (legal.md 3.2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps.channel = "email"
        cls.policy.write({"has_return_fees": True, "default_rule": "date"})
        cls.partner = cls._create_partner(country_id=cls.env.ref("base.de").id)
        cls.invoice = cls._create_invoice(cls.partner, 20)

    def _create_fee(self, invoice=None, amount=3.8, **values):
        return (
            self.env["dunning.return.fee"]
            .with_user(self.user)
            .create(
                {
                    "move_line_id": self._get_item(invoice or self.invoice).id,
                    "date": self.today,
                    "amount": amount,
                    "proof_file": PROOF,
                    "proof_name": "bank.pdf",
                    **values,
                }
            )
        )

    def _go(self, days=0):
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            self._run_dunning()
        return self.partner.dunning_case_ids

    def _get_charges(self, case):
        return case.charge_ids.filtered(lambda one: one.kind == "return").sorted("id")

    def test_exact_fee_is_asked_once_with_the_next_step(self):
        """Germany: the bank's fee may be passed on, no flat sum of our own."""
        fee = self._create_fee()
        case = self._go()
        charge = self._get_charges(case)
        self.assertEqual(
            (charge.state, charge.amount, charge.rule_code),
            ("booked", 3.8, "DE-RETURNED-DEBIT"),
        )
        self.assertEqual((fee.state, fee.charge_id), ("asked", charge))
        self.assertEqual(charge.line_ids.move_id, self.invoice)
        self.assertEqual(charge.line_ids.amount, 3.8)
        self.assertFalse(charge.move_id.invoice_line_ids.tax_ids)
        self.assertIn(self.invoice.name, charge.move_id.invoice_line_ids.name)
        message = case.sent_message_ids
        self.assertEqual((message.amount, message.amount_charged), (103.8, 3.8))
        self.assertIn("3.80", message.law_text)
        self._go(30)
        self.assertEqual(len(case.sent_message_ids), 2)
        self.assertEqual(self._get_charges(case), charge)

    def test_fee_without_proof_is_refused_until_it_is_there(self):
        fee = self._create_fee(proof_file=False)
        case = self._go()
        refused = self._get_charges(case)
        self.assertEqual(
            (refused.state, refused.rule_code), ("refused", "NO-PROOF-OF-FEE")
        )
        self.assertFalse(fee.is_proven)
        fee.proof_file = PROOF
        self.assertEqual(self._get_charges(self._go(30))[1].amount, 3.8)

    def test_proven_fee_is_asked_beside_one_without_proof(self):
        self._create_fee(amount=5, proof_file=False)
        proven = self._create_fee()
        charge = self._get_charges(self._go())
        self.assertEqual((charge.amount, charge.return_fee_ids), (3.8, proven))

    def test_first_reminder_that_brings_default_is_free(self):
        """DE-NOT-IN-DEFAULT: § 286 BGB; costs follow the default."""
        self.policy.default_rule = "reminder"
        self._create_fee()
        case = self._go()
        self.assertEqual(self._get_charges(case).rule_code, "DE-NOT-IN-DEFAULT")
        self.assertEqual(self._get_charges(self._go(30))[1].amount, 3.8)

    def test_other_countries_refuse_by_their_rule(self):
        """NL art. 6:96 par. 5 BW, BE art. XIX.4 WER; no rule, no fee."""
        self.policy.has_clause = True
        table = (
            ("nl", "NL-NO-BANK-FEE"),
            ("be", "BE-NO-BANK-FEE"),
            ("fr", "RATE-MISSING"),
        )
        for code, rule in table:
            with self.subTest(country=code):
                country = self.env.ref(f"base.{code}")
                self.partner = self._create_partner(name=code, country_id=country.id)
                fee = self._create_fee(self._create_invoice(self.partner, 20))
                charge = self._get_charges(self._go())
                self.assertEqual((charge.state, charge.rule_code), ("refused", rule))
                self.assertEqual(fee.state, "open")

    def test_policy_that_does_not_pass_fees_on_asks_for_nothing(self):
        self.policy.has_return_fees = False
        self._create_fee()
        self.assertFalse(self._get_charges(self._go()))

    def test_paid_invoice_is_no_reason_to_ask(self):
        self._create_fee()
        self._create_invoice(self.partner, 20)
        self._pay(self.invoice)
        charge = self._get_charges(self._go())
        self.assertEqual((charge.state, charge.rule_code), ("refused", "NO-COST"))

    def test_letting_off_gives_the_fee_up(self):
        fee = self._create_fee()
        case = self._go()
        self._get_charges(case).with_user(self.user).action_reverse()
        self.assertEqual(fee.state, "dropped")
        self._go(30)
        self.assertEqual(len(self._get_charges(case)), 1)

    def test_credited_invoice_reverses_the_fee(self):
        fee = self._create_fee()
        case = self._go()
        self.invoice._reverse_moves([{"date": self.today}], cancel=True)
        self._go(1)
        self.assertEqual(self._get_charges(case).state, "reversed")
        self.assertEqual((fee.state, case.state), ("dropped", "done"))

    def test_message_that_never_left_leaves_the_fee_to_the_next(self):
        fee = self._create_fee()
        case = self._go()
        case.sent_message_ids._update_state("cancelled")
        self.assertEqual((fee.state, bool(fee.charge_id)), ("open", False))
        self.assertEqual(self._get_charges(self._go(30))[1].amount, 3.8)
        self.assertEqual(fee.state, "asked")

    def test_what_was_asked_for_stays_as_it_was(self):
        fee = self._create_fee()
        self._go()
        with self.assertRaises(UserError):
            fee.amount = 4
        with self.assertRaises(UserError):
            fee.sudo().unlink()

    def test_office_tells_fees_but_not_where_they_are_from(self):
        fee = self._create_fee()
        with self.assertRaises(AccessError):
            fee.write({"charge_id": False})
        with self.assertRaises(AccessError):
            self._create_fee(source="bank")
        with self.assertRaises(AccessError):
            self._create_fee(proof_model="res.partner", proof_id=self.partner.id)

    def test_fee_is_entered_from_the_debtor(self):
        """The oldest overdue item is proposed; who may not collect gets no form."""
        case = self._create_case(self.partner).with_user(self.user)
        context = case.action_new_return_fee()["context"]
        item = self._get_item(self.invoice)
        self.assertEqual(context["default_move_line_id"], item.id)

    def test_fees_of_another_company_no_rights(self):
        fee = self._create_fee()
        other = self.env["res.company"].create({"name": "Second club"})
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger of fees",
                "company_id": other.id,
                "company_ids": [fields.Command.set(other.ids)],
                "group_ids": [
                    fields.Command.link(
                        self.env.ref("postal_dunning.group_dunning_manager").id
                    )
                ],
            }
        )
        with self.assertRaises(AccessError):
            fee.with_user(stranger).read(["amount"])

    def test_collector_gets_the_document_of_the_bank(self):
        self._create_fee()
        case = self._go()
        hand_over = self.env["dunning.hand.over"].new({"case_id": case.id})
        documents = dict(hand_over._get_documents())
        [name] = [one for one in documents if one.startswith("bank-fees/")]
        self.assertEqual(documents[name], base64.b64decode(PROOF))
