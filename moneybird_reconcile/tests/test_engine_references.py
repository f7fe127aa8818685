import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.account.tools.structured_reference import (
    is_valid_structured_reference_be,
    is_valid_structured_reference_iso,
    is_valid_structured_reference_nl,
)

from ..engine import (
    bank_formats,
    batch,
    camt_xml,
    combine,
    csv_file,
    facts,
    fingerprint,
    matcher,
    mt940,
    mt940_details,
    names,
    redact,
    references,
)

MODULES = (
    *(bank_formats, csv_file, mt940, mt940_details),
    *(batch, camt_xml, combine, facts, fingerprint, matcher, names, redact),
    references,
)


@tagged("post_install", "-at_install")
class TestEngineReferences(BaseCase):
    """References and names, and the examples in the docstrings of the engine."""

    def test_examples_of_the_engine_are_true(self):
        for module in MODULES:
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)

    def test_check_digits_agree_with_those_of_odoo(self):
        """Another implementation by other people is the judge."""
        for number in range(1, 3000, 7):
            belgian = f"{number:010d}{number % 97 or 97:02d}"
            self.assertTrue(references.is_belgian(belgian))
            self.assertTrue(is_valid_structured_reference_be(belgian))
            rf_text = f"RF{number % 98:02d}INV{number:06d}"
            self.assertEqual(
                references.is_rf(rf_text),
                bool(is_valid_structured_reference_iso(rf_text)),
            )
            dutch = f"{number % 10}{number * 7919:015d}"
            self.assertEqual(
                references.is_dutch(dutch),
                bool(is_valid_structured_reference_nl(dutch)),
            )

    def test_one_wrong_digit_is_always_noticed_in_rf(self):
        good = "RF18539007547034"
        for place in range(2, len(good)):
            digit = str((int(good[place]) + 1) % 10)
            bad = good[:place] + digit + good[place + 1 :]
            self.assertFalse(references.is_rf(bad), bad)

    def test_rf_is_found_among_other_words_in_any_spelling(self):
        for text in (
            "RF18 5390 0754 7034",
            "kenmerk:rf18539007547034, dank",
            "/ROC/RF18539007547034//",
            "RF18 5390 0754 7034 van Jan",
        ):
            with self.subTest(text=text):
                found = [ref.value for ref in references.find_structured([text])]
                self.assertIn("RF18539007547034", found)

    def test_numbers_are_found_in_the_spellings_people_use(self):
        keys = set(references.number_keys("INV/2026/00042"))
        for text in (
            "INV/2026/00042",
            "inv 2026 42",
            "Inv-2026-00042 dank",
            "INV202600042",
            "betreft:inv.2026.0042",
        ):
            with self.subTest(text=text):
                self.assertTrue(keys & references.spellings([text]))

    def test_a_month_is_not_a_number(self):
        keys = set(references.number_keys("2026-0011"))
        self.assertFalse(keys & references.spellings(["contributie 2026-11"]))
        self.assertTrue(keys & references.spellings(["factuur 2026-0011"]))

    def test_names_with_other_initials_are_other_people(self):
        self.assertGreaterEqual(
            names.similarity("J de Vries", "Jan de Vries"), names.WEAK
        )
        self.assertGreaterEqual(
            names.similarity("VRIES, J. DE", "J. de Vries"), names.STRONG
        )
        self.assertLess(names.similarity("P de Vries", "Jan de Vries"), names.WEAK)
        self.assertEqual(names.similarity("", "Jan"), 0)
