from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import steps
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestCharges(DunningCommon):
    """Costs and interest of steps, from the notice to the credit note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps[1].channel = "email"
        cls.steps[2].write(
            {"channel": "email", "cost_kind": "costs", "has_interest": True}
        )
        cls.partner = cls._create_partner()

    def _go(self, days):
        """Run the steps so many days from now."""
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            self._run_dunning()
        return self.partner.dunning_case_ids

    def _take_to_costs(self, amount=300.0):
        """Notice today, then the step with costs once its term is over."""
        self.invoice = self._create_invoice(self.partner, 45, amount=amount)
        self._run_dunning()
        self._open_links()
        return self._go(22)

    def _open_links(self):
        """The debtor opened what was sent: that is the proof of its arrival."""
        for message in self.partner.dunning_case_ids.sent_message_ids:
            self.env["letter.link"]._get_url(message)
        self.env["letter.link"].sudo().search([])._note_opened()

    def test_notice_names_the_costs_in_the_wording_of_the_law(self):
        """Art. 6:96 par. 6 BW: fourteen days, consequence, amount."""
        self._create_invoice(self.partner, 45, amount=300)
        self._run_dunning()
        message = self.partner.dunning_case_ids.sent_message_ids
        self.assertEqual(message.law_wording, "nl-14-received")
        self.assertEqual(message.amount_named, 45)
        self.assertIn("fourteen days", message.law_text)
        self.assertIn("45.00", message.law_text)
        letter = self.env["ir.qweb"]._render(
            "postal_dunning.letter_reminder", message._prepare_letter_values()
        )
        self.assertIn(message.law_text, str(letter))

    def test_letter_counts_from_its_delivery(self):
        self._connect_pingen()
        self.steps[1].channel = "post"
        self._create_invoice(self.partner, 45)
        self._run_dunning()
        message = self.partner.dunning_case_ids.sent_message_ids
        self.assertEqual(message.law_wording, "nl-14-delivered")
        self.assertIn("delivered to you", message.law_text)

    def test_costs_and_interest_follow_a_notice_in_vain(self):
        case = self._take_to_costs()
        costs, interest = case.charge_ids.sorted("kind")
        self.assertEqual(
            (costs.state, costs.amount, costs.rule_code), ("booked", 45, "NL-SCALE")
        )
        self.assertEqual(interest.state, "booked")
        # 67 days at the 4 % of 2026
        self.assertEqual(interest.amount, 2.17)
        move = costs.move_id
        self.assertEqual((move.state, move.amount_total), ("posted", 47.17))
        self.assertFalse(move.invoice_line_ids.tax_ids)
        message = case.sent_message_ids[0]
        self.assertEqual(message.amount, 347.17)
        self.assertEqual(message.amount_charged, 47.17)
        self.assertIn("45.00", message.law_text)
        self.assertEqual(costs.message_id, message)

    def _exempt(self, **values):
        """The organisation leaves collecting to a service and deducts no VAT."""
        self.policy.write({"uses_collector": True, "cannot_deduct_vat": True, **values})

    def test_vat_of_a_collector_comes_on_top_when_the_notice_said_so(self):
        """Art. 2 par. 3 of the decree (legal.md 1.1): 300 gives 45.00 + 9.45."""
        self._exempt()
        case = self._take_to_costs()
        notice = case.sent_message_ids[-1]
        self.assertEqual((notice.amount_named, notice.amount_vat_named), (45, 9.45))
        self.assertIn("raised by 9.45\N{NO-BREAK SPACE}€ VAT", notice.law_text)
        self.assertIn("cannot deduct", notice.law_text)
        costs = case.charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.amount, costs.amount_tax), (45, 9.45))
        line = costs.move_id.invoice_line_ids[0]
        self.assertEqual(line.price_total, 54.45)
        self.assertFalse(costs.move_id.invoice_line_ids.tax_ids)
        self.assertEqual(case.amount_charged, 56.62)
        self.assertIn("54.45", case.sent_message_ids[0].law_text)

    def _check_no_vat(self):
        case = self._take_to_costs()
        costs = case.charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.amount, costs.amount_tax), (45, 0))
        self.assertNotIn("VAT", case.sent_message_ids[-1].law_text)

    def test_no_vat_where_it_can_be_deducted(self):
        """NL-VAT-NOT-ALLOWED: the law asks for both (legal.md 1.1)."""
        self._exempt(cannot_deduct_vat=False)
        self._check_no_vat()

    def test_no_vat_without_a_collector(self):
        """An association that sends its own letters adds none (legal.md 1.1)."""
        self._exempt(uses_collector=False)
        self._check_no_vat()

    def test_vat_that_the_notice_did_not_name_is_not_added(self):
        self.invoice = self._create_invoice(self.partner, 45, amount=300)
        self._run_dunning()
        self._open_links()
        self._exempt()
        costs = self._go(22).charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.amount, costs.amount_tax), (45, 0))

    def test_missing_rate_of_vat_refuses(self):
        """RATE-MISSING: never a guess (legal.md, design consequence)."""
        self._exempt()
        self._create_invoice(self.partner, 45, amount=300)
        self._run_dunning()
        self._open_links()
        self.env["dunning.law.rule"].search([("code", "=", "cost_vat")]).unlink()
        costs = self._go(22).charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.state, costs.rule_code), ("refused", "RATE-MISSING"))

    def test_no_vat_under_the_law_of_another_country(self):
        self._exempt(has_clause=True)
        for code in ("be", "de"):
            with self.subTest(country=code):
                country = self.env.ref(f"base.{code}")
                self.partner = self._create_partner(name=code, country_id=country.id)
                case = self._take_to_costs()
                self.assertNotIn("VAT", case.sent_message_ids[-1].law_text or "")
                self.assertEqual(sum(case.charge_ids.mapped("amount_tax")), 0)

    def test_what_is_paid_by_instalments_costs_nothing(self):
        """An item in a plan is no part of what costs and interest are over (I14)."""
        young = self._create_invoice(self.partner, 40, amount=300)
        self._create_invoice(self.partner, 45, amount=300)
        self._run_dunning()
        self._open_links()
        case = self.partner.dunning_case_ids
        later = self.today + timedelta(days=60)
        self.env["dunning.plan"].create(
            {
                "case_id": case.id,
                "company_id": self.company.id,
                "move_line_ids": self._get_item(young).ids,
                "date_first": later,
                "line_ids": [fields.Command.create({"date": later, "amount": 300})],
                "state": "active",
            }
        )
        self._go(22)
        for charge in case.charge_ids:
            self.assertEqual(charge.state, "booked")
            self.assertNotIn(young, charge.line_ids.move_id)
        costs = case.charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual(costs.amount, 45)

    def test_costs_never_start_a_step_of_their_own(self):
        case = self._take_to_costs()
        with freeze_time(fields.Datetime.now() + timedelta(days=25)):
            self._pay(self.invoice)
        self._go(120)
        self.assertEqual(len(case.sent_message_ids), 2)
        self.assertEqual(case.wait_codes, "ONLY-CHARGES")
        self.assertTrue(case.needs_person)

    def test_letting_off_credits_the_invoice(self):
        case = self._take_to_costs()
        costs = case.charge_ids.filtered(lambda one: one.kind == "costs")
        costs.with_user(self.user).action_reverse()
        self.assertEqual(set(case.charge_ids.mapped("state")), {"reversed"})
        self.assertEqual(costs.move_id.payment_state, "reversed")
        self.assertEqual(costs.reversal_move_id.amount_total, 47.17)
        self.assertEqual(case.amount_charged, 0)
        with self.assertRaises(UserError):
            costs.with_user(self.user).action_reverse()

    def _add_step(self):
        """One step more that charges, after all the others."""
        self.steps[2].wait_days = 0
        self.steps[2].copy({"days": 75, "policy_id": self.policy.id})

    def test_what_was_let_off_is_not_asked_for_again(self):
        """Costs stay let off; interest runs on from the day it was let off."""
        self._add_step()
        case = self._take_to_costs()
        first = case.charge_ids
        first[:1].with_user(self.user).action_reverse()
        self.assertEqual(set(first.mapped("is_let_off")), {True})
        self._go(30)
        costs, interest = (case.charge_ids - first).sorted("kind")
        self.assertEqual((costs.state, costs.rule_code), ("refused", "NOT-DUE"))
        # 2.43 of 75 days at the 4 % of 2026, less the 2.17 that were let off
        self.assertEqual((interest.state, interest.amount), ("booked", 0.26))

    def test_what_never_reached_the_debtor_is_asked_for_again(self):
        self._add_step()
        case = self._take_to_costs()
        first = case.charge_ids
        case.sent_message_ids[0]._update_state("cancelled")
        self.assertFalse(any(first.mapped("is_let_off")))
        self._go(24)
        costs = (case.charge_ids - first).filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.state, costs.amount), ("booked", 45))

    def test_charge_is_reversed_with_the_invoice_it_is_about(self):
        case = self._take_to_costs()
        self.invoice._reverse_moves([{"date": self.today}], cancel=True)
        self._go(23)
        self.assertEqual(set(case.charge_ids.mapped("state")), {"reversed"})
        self.assertEqual(case.state, "done")

    def test_message_that_never_left_charges_nothing(self):
        case = self._take_to_costs()
        case.sent_message_ids[0]._update_state("cancelled")
        self.assertEqual(set(case.charge_ids.mapped("state")), {"reversed"})

    def test_refusal_is_kept_and_the_step_goes_on(self):
        """No notice before: the step is taken without costs."""
        self._create_invoice(self.partner, 80)
        self._run_dunning()
        case = self.partner.dunning_case_ids
        refused = case.charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual(
            (refused.state, refused.rule_code), ("refused", "NL-NO-14-DAY-LETTER")
        )
        self.assertEqual(refused.message_id, case.sent_message_ids)
        self.assertIn("NL-NO-14-DAY-LETTER", case.fee_note)
        self.assertFalse(refused.move_id)

    def test_missing_rate_refuses(self):
        rules = self.env["dunning.law.rule"].search([("code", "=", "interest_rate")])
        rules.filtered(lambda rule: rule.date_to.year >= 2026).unlink()
        self._create_invoice(self.partner, 80)
        self._run_dunning()
        interest = self.partner.dunning_case_ids.charge_ids.filtered(
            lambda one: one.kind == "interest"
        )
        self.assertEqual(
            (interest.state, interest.rule_code), ("refused", "RATE-MISSING")
        )

    def test_law_of_a_business_is_that_of_the_creditor(self):
        """Directive 2011/7/EU; NL art. 6:96 par. 4 BW: no notice needed."""
        self.partner.write(
            {"debtor_kind": "business", "country_id": self.env.ref("base.de").id}
        )
        self._create_invoice(self.partner, 80, amount=3000)
        self._run_dunning()
        costs = self.partner.dunning_case_ids.charge_ids.filtered(
            lambda one: one.kind == "costs"
        )
        self.assertEqual((costs.amount, costs.rule_code), (425, "NL-B2B"))

    def test_law_of_a_consumer_is_that_of_the_own_country(self):
        """Rome I art. 6; who never said what they are is a consumer."""
        self.assertEqual(self.partner.debtor_kind, "consumer")
        table = (("de", "DE-NOT-IN-DEFAULT"), ("be", "BE-NO-CLAUSE"))
        for country, code in table:
            with self.subTest(country=country):
                partner = self._create_partner(
                    country_id=self.env.ref(f"base.{country}").id, vat=False
                )
                self._create_invoice(partner, 80, amount=3000)
                self._run_dunning()
                costs = partner.dunning_case_ids.charge_ids.filtered(
                    lambda one: one.kind == "costs"
                )
                self.assertEqual(
                    (costs.country_code, costs.rule_code), (country.upper(), code)
                )

    def test_fourth_due_date_of_a_year_may_cost_in_belgium(self):
        """Art. XIX.2 WER: January, February and April are free, July may cost.

        Costs that a letter asks for again are no due date of their own.
        """
        self.partner.country_id = self.env.ref("base.be")
        self.policy.has_clause = True
        self.steps.cost_kind = False
        self.steps[0].write({"cost_kind": "reminder", "days": 1, "channel": "email"})
        self.steps[1:].unlink()
        year = self.today.year - 1
        days = [date(year, month, 5) for month in (1, 2, 4, 7)]
        invoices = self._create_invoice(
            self.partner,
            *[(self.today - day).days for day in days],
            invoice_date=date(year - 1, 12, 1),
        )
        found = []
        for day, invoice in zip(days, invoices, strict=True):
            known = self.partner.dunning_case_ids.charge_ids
            with freeze_time(f"{day + timedelta(days=2)} 12:00:00"):
                self._run_dunning()
            charges = self.partner.dunning_case_ids.charge_ids - known
            found += charges.mapped("rule_code")
            # Paid once it was reminded of: a second reminder of it might cost.
            self._pay(invoice)
        self.assertEqual(found, ["BE-FREE-THREE-PER-YEAR"] * 3 + ["BE-REMINDER"])
        case = self.partner.dunning_case_ids
        self.assertEqual(len(case.sent_message_ids[0].line_ids), 2, "the costs, too")
        december = steps.Item(0, date(year, 12, 5), Decimal(15))
        self.assertEqual(case[0]._get_ranks([december]), {0: 5})

    def test_belgian_mail_needs_no_proof_of_arrival(self):
        """Art. XIX.2 WER: the sending is proven; nothing was opened or answered."""
        self.partner.country_id = self.env.ref("base.be")
        self.policy.has_clause = True
        self.company.company_registry = "0123.456.789"
        self._create_invoice(self.partner, 45, amount=300)
        self._run_dunning()
        case = self._go(22)
        costs = case.charge_ids.filtered(lambda one: one.kind == "costs")
        self.assertEqual((costs.state, costs.amount), ("booked", 45))
        self.assertFalse(case.activity_ids)

    def test_answer_of_the_law_is_never_changed(self):
        case = self._take_to_costs()
        with self.assertRaises(UserError):
            case.charge_ids[0].amount = 1
        with self.assertRaises(UserError):
            case.charge_ids.unlink()

    def test_younger_invoice_gets_its_step_beside_one_that_had_it(self):
        """One message lists both; only the younger one takes the step."""
        self.steps.cost_kind = False
        old = self._create_invoice(self.partner, 15)
        young = self._create_invoice(self.partner, 0)
        self._run_dunning()
        case = self._go(14)
        self.assertFalse(case.activity_ids.mapped("summary"))
        message = case.sent_message_ids[0]
        self.assertEqual(len(case.sent_message_ids), 2)
        self.assertEqual(message.line_ids.move_id, old | young)
        again = message.line_ids.filtered("is_again")
        self.assertEqual(again.move_id, old)
