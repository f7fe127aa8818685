from unittest.mock import patch

from odoo.tests import tagged

from ..engine.batch import Batch
from ..engine.matcher import Matcher, OpenItemIndex
from ..models import matching_receipt_near
from .common import IBAN_JAN, MatchingCommon


@tagged("post_install", "-at_install")
class TestNear(MatchingCommon):
    """A few receipts read only the open items that they can point at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create(
            [
                {"name": "Jörg Weiß"},
                {"name": "Fatima Yilmaz"},
                *({"name": f"Lid {number}"} for number in range(12)),
            ]
        )
        cls.weiss, cls.fatima, *cls.members = partners
        cls.env["res.partner.bank"].create(
            {"acc_number": IBAN_JAN, "partner_id": cls.fatima.id}
        )
        for number, partner in enumerate(cls.members):
            cls._create_invoice(100.0 + number, partner)
        cls.of_jan = cls._create_invoice(15.0)
        cls.of_weiss = cls._create_invoice(31.0, cls.weiss)
        cls.of_fatima = cls._create_invoice(32.0, cls.fatima)
        cls.ordered = cls._create_invoice(
            33.0, cls.members[0], invoice_origin="WEB-778899", ref="KENMERK 20260815"
        )

    def _items(self, receipt):
        return receipt._get_open_items(self.company, receipt._get_ledgers())

    def _loaded(self, **values):
        """Documents that are read for one receipt; its proposals are those of all."""
        values.setdefault("amount", "77.77")
        receipt = self._fetch(self._make_facts(**values))
        receipt.proposal_ids.unlink()
        near = self._items(receipt)
        with patch.object(matching_receipt_near, "FEW_RECEIPTS", 0):
            everything = self._items(receipt)
        self.assertLess(len(near), len(everything))
        facts = [receipt._to_engine()]
        found, expected = (
            Batch().propose(Matcher(OpenItemIndex(items)), facts)
            for items in (near, everything)
        )
        self.assertEqual(found, expected)
        lines = self.env["account.move.line"].browse(item.key[1] for item in near)
        return lines.move_id

    def test_number_in_any_spelling_reads_its_document(self):
        """C7: the item that is named is found without reading the others."""
        number = self.of_jan.name.replace("/", " ").lower()
        self.assertEqual(self._loaded(description=f"factuur {number}"), self.of_jan)

    def test_reference_and_origin_read_their_document(self):
        of_member = self._loaded(order_reference="web 778899")
        self.assertIn(self.ordered, of_member)
        self.assertEqual(of_member.partner_id, self.members[0])
        self.assertEqual(
            self._loaded(external_id="tr_2", description="kenmerk 20260815"), of_member
        )

    def test_name_with_foreign_letters_reads_what_is_open_for_it(self):
        self.assertEqual(self._loaded(payer_name="J. WEISS"), self.of_weiss)

    def test_account_on_the_customer_reads_what_is_open_for_him(self):
        self.assertEqual(
            self._loaded(payer_name="F", payer_iban=IBAN_JAN), self.of_fatima
        )

    def test_account_of_an_earlier_payment_reads_what_is_open_for_its_payer(self):
        iban = "BE68 5390 0754 7034"
        earlier = self._create_invoice(44.0, self.weiss)
        self._fetch(
            self._make_facts(
                "tr_9", "44.00", description=earlier.name, payer_iban=iban.lower()
            )
        )
        self.assertEqual(earlier.payment_state, "paid")
        self.assertEqual(
            self._loaded(payer_name="W", payer_iban=iban.replace(" ", "")),
            self.of_weiss,
        )

    def test_amount_alone_reads_what_has_it(self):
        self.assertEqual(self._loaded(amount="31.00"), self.of_weiss)

    def test_nothing_in_common_reads_nothing(self):
        self.assertFalse(self._loaded(description="tot ziens"))

    def test_item_at_moneybird_is_read_by_its_number(self):
        """C7: Moneybird's items as well as Odoo's."""
        moneybird = self._create_moneybird()
        self.mollie.matching_ledger = "moneybird"
        self._create_item(moneybird, "2026-0001", 50.0, external_id="1")
        named = self._create_item(moneybird, "2026-0002", 60.0, external_id="2")
        receipt = self._fetch(
            self._make_facts(amount="77.77", description="fact 2026 0002")
        )
        self.assertEqual(
            [item.key for item in self._items(receipt)], [("moneybird", named.id)]
        )
