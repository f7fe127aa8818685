from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine.batch import Batch
from ..engine.combine import ways_to_pay
from ..engine.matcher import Matcher, OpenItemIndex
from .test_engine_matcher import item, propose, receipt

IBAN = "NL02INGB0123456789"
KNOWN = {"partner_key": "7", "ibans": {IBAN: 2}}


def codes(proposal):
    """Codes of all that speaks for and against a proposal."""
    return {piece.code for piece in (*proposal.evidence, *proposal.against)}


def keys(proposal):
    """Ids of the items a proposal pays."""
    return sorted(allocation.item.key[1] for allocation in proposal.allocations)


def batch(items, *receipts):
    """Proposals of several receipts of one run."""
    return Batch().propose(Matcher(OpenItemIndex(items)), receipts)


@tagged("post_install", "-at_install")
class TestEngineCombine(BaseCase):
    """Sets of items, parts, instalments, fees and other currencies (C7)."""

    def test_all_that_is_open_of_a_known_account_is_proposed_together(self):
        items = [item(1, "15.00", **KNOWN), item(2, "22.50", **KNOWN)]
        best = propose(receipt("37.50", payer_iban=IBAN), *items)[0]
        self.assertEqual(keys(best), [1, 2])
        self.assertFalse(best.automatic, "without a reference a person looks")
        self.assertLessEqual({"amounts_add_up", "iban_seen"}, codes(best))

    def test_one_number_and_a_known_account_point_at_the_only_set_that_adds_up(self):
        items = [item(n, a, **KNOWN) for n, a in ((1, "15"), (2, "22.50"), (3, "9"))]
        best = propose(
            receipt("37.50", "INV/2026/00001 en de andere", payer_iban=IBAN), *items
        )[0]
        self.assertEqual((keys(best), best.automatic), ([1, 2], True))

    def test_set_is_not_booked_when_another_adds_up_as_well(self):
        items = [item(n, "15.00", **KNOWN) for n in (1, 2, 3)]
        best = propose(receipt("30.00", "INV/2026/00001", payer_iban=IBAN), *items)[0]
        self.assertFalse(best.automatic)
        self.assertIn("several_ways", codes(best))

    def test_credit_note_is_set_off_in_odoo_and_not_at_moneybird(self):
        text = "INV/2026/00001 min INV/2026/00002"
        for ledger, expected in (("odoo", [1, 2]), ("moneybird", [1])):
            with self.subTest(ledger=ledger):
                best = propose(
                    receipt("10.00", text),
                    item(1, "15.00", ledger=ledger),
                    item(2, "-5.00", ledger=ledger),
                )[0]
                self.assertEqual(keys(best), expected)

    def test_credit_note_that_nobody_named_is_not_set_off_without_a_person(self):
        """22.50 less 15.00 is a third of 22.50 as well."""
        best = propose(
            receipt("7.50", "INV/2026/00001", payer_iban=IBAN),
            item(1, "22.50", **KNOWN),
            item(2, "-15.00", **KNOWN),
        )[0]
        self.assertFalse(best.automatic)

    def test_number_that_is_named_and_not_paid_needs_a_person(self):
        text = "INV/2026/00001 INV/2026/00002 INV/2026/00003"
        items = [item(1, "15"), item(2, "20"), item(3, "31")]
        best = propose(receipt("35.00", text), *items)[0]
        self.assertEqual((keys(best), best.automatic), ([1, 2], False))
        self.assertIn("named_not_paid", codes(best))

    def test_ways_are_exact_to_the_cent(self):
        items = [item(n, a) for n, a in ((1, "0.10"), (2, "0.20"), (3, "0.30"))]
        self.assertEqual(len(ways_to_pay(items, Decimal("0.60"))), 1)
        self.assertEqual(ways_to_pay(items, Decimal("0.61")), [])

    def test_twelve_items_that_never_add_up_cost_no_time(self):
        items = [item(n, f"{n}.01") for n in range(1, 13)]
        self.assertEqual(ways_to_pay(items, Decimal(1000)), [])

    def test_instalment_goes_to_the_one_that_is_due_first(self):
        parts = [
            item(
                key,
                numbers=("INV/2026/00009",),
                document="move/9",
                instalment=key,
                instalments=3,
                date_due=date(2026, 10 + key, 1),
            )
            for key in (1, 2)
        ]
        best = propose(receipt(text="INV/2026/00009"), *reversed(parts))[0]
        self.assertEqual((keys(best), best.automatic), ([1], True))
        self.assertIn("instalment_equal", codes(best))
        both = propose(receipt("30.00", "INV/2026/00009"), *parts)[0]
        self.assertEqual((keys(both), both.automatic), ([1, 2], True))

    def test_parts_of_one_item_are_sure_of_each_other(self):
        parts = [receipt("7.50", "INV/2026/00001"), receipt("7.50", "INV/2026/00001")]
        found = batch([item()], *parts)
        self.assertTrue(all(proposals[0].automatic for proposals in found))
        self.assertIn("receipts_add_up", codes(found[0][0]))
        alone = batch([item()], parts[0])
        self.assertFalse(alone[0][0].automatic)

    def test_second_payment_of_one_item_is_not_booked_and_says_why(self):
        found = batch(
            [item()], receipt(text="INV/2026/00001"), receipt(text="INV/2026/00001")
        )
        self.assertEqual([rows[0].automatic for rows in found], [True, False])
        self.assertIn("taken_before", codes(found[1][0]))

    def test_fee_that_was_withheld_is_told_and_a_person_decides(self):
        told = receipt("14.71", "INV/2026/00001", fee=Decimal("0.29"))
        guessed = receipt("14.71", "INV/2026/00001")
        for one, code in ((told, "fee_withheld"), (guessed, "fee_perhaps")):
            with self.subTest(code=code):
                best = propose(one, item())[0]
                self.assertIn(code, codes(best))
                self.assertFalse(best.automatic, "no silent tolerance")

    def test_other_currency_is_explained_by_what_the_payer_paid(self):
        best = propose(
            receipt(
                "13.80",
                "INV/2026/00001",
                currency="GBP",
                amount_original=Decimal("15.00"),
                currency_original="EUR",
            ),
            item(),
        )[0]
        self.assertIn("currency_converted", codes(best))
        self.assertFalse(best.automatic)

    def test_number_of_another_document_speaks_against(self):
        best = propose(receipt(text="INV/2025/00311", payer_iban=IBAN), item(**KNOWN))[
            0
        ]
        self.assertIn("other_reference", codes(best))
        self.assertFalse(best.automatic)

    def test_number_one_slip_away_is_a_hint_and_never_proof(self):
        known = receipt(text="INV/2026/00010", payer_iban=IBAN, payer_name="Jan Vries")
        best = propose(known, item(1, **KNOWN))[0]
        self.assertIn("number_similar", codes(best))
        self.assertFalse(best.automatic)

    def test_account_of_another_customer_stops_a_reference(self):
        """A reference may be copied, and a name of the family is like this one."""
        other = item(2, "99.00", partner_name="Fatima Yilmaz", ibans={IBAN: 4})
        rf = "RF18539007547034"
        copied = receipt(text=rf, payer_iban=IBAN, payer_name="Joost de Vries")
        best = propose(copied, item(structured=(rf,)), other)[0]
        self.assertEqual((keys(best), best.automatic), ([1], False))
        self.assertIn("iban_of_other", codes(best))

    def test_without_a_reference_the_usual_threshold_is_never_reached(self):
        everything = receipt(payer_iban=IBAN, payer_name="Jan de Vries")
        best = propose(everything, item(date_due=date(2026, 11, 20), **KNOWN))[0]
        self.assertLess(best.score, 90)
        self.assertTrue(
            Matcher(OpenItemIndex([item(date_due=date(2026, 11, 20), **KNOWN)]), 80)
            .propose(everything)[0]
            .automatic,
            "an organisation may lower its threshold",
        )

    def test_best_three_are_shown(self):
        items = [item(n, **{**KNOWN, "partner_key": str(n)}) for n in range(1, 7)]
        self.assertEqual(len(propose(receipt(payer_iban=IBAN), *items)), 3)

    def test_transaction_made_for_a_document_is_found(self):
        best = propose(
            receipt(transaction_ids=("tr_7UhSN1zuXS77",)),
            item(transaction_refs=("tr_7UhSN1zuXS77",)),
        )[0]
        self.assertTrue(best.automatic)
        self.assertIn("transaction_found", codes(best))
