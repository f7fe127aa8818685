from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from .test_engine_combine import IBAN, KNOWN, codes
from .test_engine_matcher import item, propose, receipt


def parts(proposal):
    """Item → what goes to it, in the order of the money."""
    return [(one.item.key[1], str(one.amount)) for one in proposal.allocations]


@tagged("post_install", "-at_install")
class TestEngineOrder(BaseCase):
    """NL, art. 6:44 BW: costs and interest first where nobody said what it is for."""

    def setUp(self):
        super().setUp()
        older = {"date_due": date(2026, 9, 1), **KNOWN}
        self.items = [
            item(1, "300.00", **older),
            item(2, "200.00", date_due=date(2026, 10, 1), **KNOWN),
            item(3, "47.17", date_due=date(2026, 11, 1), rank=-1, **KNOWN),
        ]

    def test_part_without_a_word_goes_to_costs_then_to_the_oldest(self):
        best = propose(receipt("100.00", payer_iban=IBAN), *self.items)[0]
        self.assertEqual(parts(best), [(3, "47.17"), (1, "52.83")])
        self.assertIn("order_of_law", codes(best))
        self.assertFalse(best.automatic, "a person looks")

    def test_more_than_costs_and_the_oldest_goes_on(self):
        best = propose(receipt("400.00", payer_iban=IBAN), *self.items)[0]
        self.assertEqual(parts(best), [(3, "47.17"), (1, "300.00"), (2, "52.83")])

    def test_less_than_the_costs_goes_to_them_once(self):
        found = propose(receipt("20.00", payer_iban=IBAN), *self.items)
        self.assertEqual(parts(found[0]), [(3, "20.00")])
        self.assertEqual(len({one.keys for one in found}), len(found))

    def test_several_named_items_are_paid_in_the_order_of_the_law(self):
        """Whoever names the whole letter said no more than what it is about."""
        text = "INV/2026/00001 INV/2026/00003"
        best = propose(receipt("100.00", text), *self.items)[0]
        self.assertEqual(parts(best), [(3, "47.17"), (1, "52.83")])

    def test_payer_who_names_one_item_pays_that_one(self):
        best = propose(
            receipt("100.00", "INV/2026/00001", payer_iban=IBAN), *self.items
        )[0]
        self.assertEqual(parts(best), [(1, "100.00")])

    def test_equal_amount_says_what_it_is_for(self):
        best = propose(receipt("300.00", payer_iban=IBAN), *self.items)[0]
        self.assertEqual(parts(best), [(1, "300.00")])

    def test_without_costs_nothing_is_divided(self):
        items = [item(n, "300.00", **KNOWN) for n in (1, 2)]
        for found in propose(receipt("100.00", payer_iban=IBAN), *items):
            self.assertEqual(len(found.allocations), 1)

    def test_more_than_everything_is_not_divided(self):
        for found in propose(receipt("900.00", payer_iban=IBAN), *self.items):
            self.assertNotIn("order_of_law", codes(found))

    def test_no_cent_is_lost_or_made(self):
        for cents in range(1, 54718, 997):
            amount = Decimal(cents) / 100
            for found in propose(receipt(str(amount), payer_iban=IBAN), *self.items):
                if "order_of_law" in codes(found):
                    total = sum(one.amount for one in found.allocations)
                    self.assertEqual(total, amount)
