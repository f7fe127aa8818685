from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine.facts import OpenItem, Receipt
from ..engine.matcher import Matcher, OpenItemIndex

DAY = date(2026, 11, 20)
RF = "RF18539007547034"


def item(key=1, amount="15.00", ledger="odoo", **values):
    values.setdefault("numbers", (f"INV/2026/{key:05d}",))
    values.setdefault("partner_name", "Jan de Vries")
    values.setdefault("currency", "EUR")
    value = Decimal(amount)
    return OpenItem((ledger, key), value, value, **values)


def receipt(amount="15.00", text="", **values):
    values.setdefault("currency", "EUR")
    values.setdefault("texts", (text,))
    return Receipt(1, Decimal(amount), date=DAY, **values)


def propose(one_receipt, *items, threshold=90):
    return Matcher(OpenItemIndex(items), threshold).propose(one_receipt)


@tagged("post_install", "-at_install")
class TestEngineMatcher(BaseCase):
    """What is booked by itself, what is proposed, and what looks right but is not."""

    def assert_automatic(self, one_receipt, *items, key=1):
        proposals = propose(one_receipt, *items)
        self.assertTrue(proposals and proposals[0].automatic, proposals)
        self.assertEqual(proposals[0].allocations[0].item.key[1], key)
        self.assertGreaterEqual(len(proposals[0].groups), 2)

    def assert_proposed(self, one_receipt, *items):
        proposals = propose(one_receipt, *items)
        self.assertTrue(proposals)
        self.assertFalse(any(proposal.automatic for proposal in proposals), proposals)
        return proposals

    def test_structured_reference_and_amount_are_enough(self):
        self.assert_automatic(
            receipt(text="RF18 5390 0754 7034"), item(structured=(RF,))
        )

    def test_number_and_amount_are_enough(self):
        self.assert_automatic(receipt(text="betaling inv 2026 1"), item(), item(2))

    def test_order_reference_and_amount_are_enough(self):
        self.assert_automatic(
            receipt(order_refs=("S00077",)), item(order_refs=("S00077",)), item(2)
        )

    def test_end_to_end_id_is_compared_as_a_whole(self):
        self.assert_automatic(
            receipt(end_to_end_ids=("S00077",)), item(order_refs=("S00077",)), item(2)
        )
        self.assert_proposed(
            receipt(end_to_end_ids=("S000777",)), item(order_refs=("S00077",))
        )

    def test_equal_amounts_of_many_are_no_evidence(self):
        proposals = self.assert_proposed(receipt(), *(item(key) for key in range(1, 9)))
        self.assertEqual(len(proposals), 3)
        self.assertEqual(
            {piece.code for piece in proposals[0].evidence}, {"amount_equal"}
        )

    def test_label_twelve_does_not_point_at_invoice_twelve(self):
        """A17: what account matching by "label contains" books wrongly."""
        proposals = propose(receipt("9.00", "12"), item(12, numbers=("INV12",)))
        self.assertEqual(proposals, [])

    def test_wrong_check_digit_is_no_reference(self):
        self.assert_proposed(receipt(text="RF19539007547034"), item(structured=(RF,)))

    def test_other_amount_always_needs_a_person(self):
        known = {"ibans": {"NL02INGB0123456789": 2}}
        for amount in ("14.99", "15.01", "7.50"):
            with self.subTest(amount=amount):
                self.assert_proposed(
                    receipt(amount, RF, payer_iban="NL02INGB0123456789"),
                    item(structured=(RF,), **known),
                )

    def test_two_invoices_named_and_only_one_paid_needs_a_person(self):
        proposals = self.assert_proposed(
            receipt(text="INV/2026/00001 INV/2026/00002"), item(1), item(2)
        )
        self.assertEqual(len(proposals), 2)

    def test_name_and_amount_are_only_a_proposal(self):
        self.assert_proposed(receipt(payer_name="J. de Vries"), item())

    def test_name_that_differs_stops_a_number_without_check_digit(self):
        decoy = item(partner_name="Fatima Yilmaz")
        proposals = self.assert_proposed(
            receipt(text="INV/2026/00001", payer_name="Jan de Vries"), decoy
        )
        self.assertIn("name_differs", [piece.code for piece in proposals[0].against])

    def test_other_currency_is_never_automatic(self):
        self.assert_proposed(receipt(text=RF, currency="USD"), item(structured=(RF,)))

    def test_money_out_does_not_pay_an_invoice(self):
        self.assertEqual(propose(receipt("-15.00", RF), item(structured=(RF,))), [])

    def test_credit_note_is_found_for_money_out(self):
        self.assert_automatic(
            receipt("-15.00", RF), item(amount="-15.00", structured=(RF,))
        )

    def test_items_that_add_up_are_taken_together_within_one_ledger(self):
        text = "INV/2026/00001 en INV/2026/00002"
        proposals = propose(receipt("35.00", text), item(1), item(2, "20.00"))
        self.assertTrue(proposals[0].automatic)
        self.assertEqual(
            sum(a.amount for a in proposals[0].allocations), Decimal("35.00")
        )
        mixed = propose(
            receipt("35.00", text), item(1), item(2, "20.00", ledger="moneybird")
        )
        self.assertFalse(any(proposal.automatic for proposal in mixed))

    def test_same_reference_in_two_ledgers_needs_a_person(self):
        self.assert_proposed(
            receipt(text=RF),
            item(1, structured=(RF,)),
            item(1, structured=(RF,), ledger="moneybird"),
        )

    def test_higher_threshold_stops_booking_by_itself(self):
        proposals = propose(receipt(text="INV/2026/00001"), item(), threshold=101)
        self.assertFalse(proposals[0].automatic)

    def test_date_that_looks_like_a_number_is_weak(self):
        decoy = item(1, numbers=("2026-1120",))
        proposals = propose(receipt(text="pinbetaling 20261120"), decoy)
        self.assertFalse(proposals[0].automatic)

    def test_amount_of_zero_has_no_proposal(self):
        self.assertEqual(propose(receipt("0"), item()), [])
