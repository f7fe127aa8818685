"""Prices before sending, the budget of a month, and how a letter is printed."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.connection_base.exceptions import TemporaryError

from .common import DunningCommon
from .pdf import build_pdf


@tagged("post_install", "-at_install")
class TestLetterPrice(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls._connect_pingen()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 5)
        cls.kinds = cls.env["communication.type"].with_company(cls.company)

    def _create_letter(self, partner=None, pages=1, **values):
        partner = partner or self.partner
        pdf = build_pdf(lines=partner._get_letter_lines(self.company), pages=pages)
        attachment = self.env["ir.attachment"].create({"name": "a.pdf", "raw": pdf})
        return self.env["snailmail.letter"].create(
            {
                "partner_id": partner.id,
                "model": "account.move",
                "res_id": self.invoice.id,
                "company_id": self.company.id,
                "attachment_id": attachment.id,
                **values,
            }
        )

    # === PRICE === #

    def test_prices_are_shown_on_the_integration(self):
        """Z11: by destination, pages and product, as the calculator says."""
        self.connection._ask_first_prices()
        prices = {
            (row.country, row.pages): row.price
            for row in self.connection.letter_price_ids
        }
        self.assertEqual(set(prices), {(c, p) for c in ("NL", "BE", "DE")
                                       for p in (1, 2, 3)})  # fmt: skip
        self.assertEqual(prices["NL", 1], 1.74)
        self.assertEqual(prices["NL", 2], 1.98)
        self.assertEqual(prices["BE", 1], 2.24)

    def test_price_is_known_before_the_letter_leaves(self):
        """Z11: asked once for each combination, kept with the letter."""
        self.pingen.check_result = "validating"
        letter = self._create_letter(pages=2)
        other = self._create_letter(pages=2)
        self._run_hand_over()
        self.assertEqual(letter.price_expected, 1.98)
        self.assertEqual(other.price_expected, 1.98)
        self.assertFalse(self.pingen.sent)
        self.assertEqual(self.pingen.calls.count("price"), 1)

    def test_old_price_is_asked_again(self):
        self.connection._ask_first_prices()
        rows = self.connection.letter_price_ids
        rows[0].write({"price": 99, "date": fields.Datetime.now() - timedelta(days=8)})
        self.pingen.calls.clear()
        self.connection._sync(self.connection._start_run("sync"))
        self.assertEqual(self.pingen.calls.count("price"), 1)
        self.assertNotEqual(rows[0].price, 99)

    def test_product_that_does_not_go_there_is_told(self):
        self.company.letter_product = "premium"
        self.connection._ask_first_prices()
        self.assertFalse(any(self.connection.letter_price_ids.mapped("is_offered")))

    def test_calculator_that_is_silent_does_not_keep_from_connecting(self):
        self.pingen.faults["price"] = [TemporaryError("busy")]
        self.connection._ask_first_prices()
        self.assertFalse(self.connection.letter_price_ids)

    def test_whoever_sends_an_invoice_sees_its_postage(self):
        """Z11: in core's own dialog."""
        self.connection._ask_first_prices()
        send = self.env["account.move.send"]
        data = {self.invoice: {"sending_methods": {"snailmail"}}}
        self.assertIn("1.74", send._get_price_words(self.invoice, data))
        data = {self.invoice: {"sending_methods": {"email"}}}
        self.assertEqual(send._get_price_words(self.invoice, data), "")

    def _get_words(self, invoices):
        data = {invoice: {"sending_methods": {"snailmail"}} for invoice in invoices}
        return self.env["account.move.send"]._get_price_words(invoices, data)

    def test_postage_is_that_of_the_pages_the_letter_really_has(self):
        """Z11: the letter is made and counted; the budget is told."""
        self.connection._ask_first_prices()
        self.company.letter_budget = 3
        lines = self.partner._get_letter_lines(self.company)
        pdf = build_pdf(lines=lines, pages=2)
        with patch.object(
            self.env.registry["account.move"], "_build_letter_pdf", return_value=pdf
        ) as made:
            words = self._get_words(self.invoice)
            self._get_words(self.invoice)
            self.assertEqual(made.call_count, 1)
        self.assertRegex(words, r"pages: 2, about .*1\.98")
        self.assertRegex(words, r"leaves .*3\.00")
        self.company.letter_budget = 1
        self.assertIn("Letters beyond it wait", self._get_words(self.invoice))

    def test_more_pages_than_have_a_price_are_told_as_at_least(self):
        self.connection._ask_first_prices()
        pdf = build_pdf(pages=5)
        with patch.object(
            self.env.registry["account.move"], "_build_letter_pdf", return_value=pdf
        ):
            words = self._get_words(self.invoice)
        self.assertRegex(words, r"pages: 5, at least .*2\.22")

    def test_pages_of_many_letters_are_estimated(self):
        self.connection._ask_first_prices()
        invoices = self._create_invoice(self.partner, *range(1, 7))
        with patch.object(
            self.env.registry["account.move"], "_build_letter_pdf", return_value=b""
        ) as made:
            words = self._get_words(invoices)
            made.assert_not_called()
        self.assertRegex(words, r"Letters: 6, pages: 6, about .*10\.44")

    def test_way_to_send_of_a_kind_of_message_has_its_prices(self):
        self.kinds._get_type("formal_notice").letter_product = "fast"
        self.connection._ask_first_prices()
        rows = self.connection.letter_price_ids
        self.assertEqual(set(rows.mapped("product")), {"cheap", "fast"})

    def test_preview_of_a_run_tells_channel_and_price_of_each_message(self):
        """Before a run: which channel, at what price, and what the budget leaves."""
        self.connection._ask_first_prices()
        self.company.letter_budget = 3
        names = ("Mail", "Post", "Paper")
        partners = [self._create_partner(name=name) for name in names]
        for partner in partners:
            self._create_invoice(partner, 20)
        for partner in partners[1:]:
            partner.with_company(self.company).communication_channel = "post"
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        preview._load()
        lines = {line.case_id.partner_id.name: line for line in preview.line_ids}
        self.assertEqual(lines["Post"].channel_note, "The customer's choice")
        self.assertEqual((lines["Post"].pages, lines["Post"].cost), (1, 1.74))
        self.assertEqual((lines["Mail"].channel, lines["Mail"].cost), ("email", 0))
        self.assertEqual((preview.letters_due, preview.cost_due), (2, 3.48))
        self.assertEqual(preview.budget_left, 3)
        self.assertTrue(preview.is_over_budget)
        self.assertIn("Post: 2", preview.channel_words)
        lines["Paper"].is_chosen = False
        self.assertEqual(preview.cost_due, 1.74)
        self.assertFalse(preview.is_over_budget)

    def test_preview_says_when_a_price_is_not_known(self):
        partner = self._create_partner()
        self._create_invoice(partner, 20)
        partner.with_company(self.company).communication_channel = "post"
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        preview._load()
        self.assertTrue(preview.is_cost_partial)
        self.assertFalse(preview.has_budget)

    def test_prices_are_not_written_by_people(self):
        self.connection._ask_first_prices()
        row = self.connection.letter_price_ids[0].with_user(self.user)
        self.assertTrue(row.price)
        with self.assertRaises(AccessError):
            row.price = 0

    # === BUDGET === #

    def test_letters_beyond_the_budget_wait_for_the_next_month(self):
        self.company.letter_budget = 4
        letters = self._create_letter() + self._create_letter() + self._create_letter()
        self._run_hand_over()
        self.assertEqual(
            letters.mapped("state"),
            ["pingen_submitted", "pingen_submitted", "pingen_waiting"],
        )
        self.assertEqual(self.company.letter_budget_spent, 3.48)
        last = letters[2]
        self.assertTrue(last.is_over_budget)
        first_day = (self.today.replace(day=1) + timedelta(days=32)).replace(day=1)
        self.assertEqual(last.date_next_try.date(), first_day)
        self.assertEqual(len(self.connection.activity_ids), 1)

    def test_higher_budget_lets_them_go(self):
        self.company.letter_budget = 1
        letter = self._create_letter()
        self._run_hand_over()
        self.assertTrue(letter.is_over_budget)
        self.company.letter_budget = 10
        self.assertFalse(letter.date_next_try)
        self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")
        self.assertFalse(letter.is_over_budget)

    def test_budget_of_another_organisation_is_its_own(self):
        """Z10."""
        other = self.env["res.company"].create({"name": "Second", "letter_budget": 1})
        self._create_letter()
        self._run_hand_over()
        self.assertEqual(other.letter_budget_spent, 0)
        self.assertEqual(self.company.letter_budget_spent, 1.74)

    def test_called_back_letter_costs_nothing(self):
        letter = self._create_letter()
        self._run_hand_over()
        letter.sudo()._become_state("canceled")
        self.assertEqual(self.company.letter_budget_spent, 0)

    # === HOW IT IS PRINTED === #

    def test_kind_of_message_decides_how_it_is_printed(self):
        self.company.write({"letter_product": "fast", "snailmail_duplex": True})
        kind = self.kinds._get_type("invoice")
        kind.write({"letter_spectrum": "color", "letter_mode": "simplex"})
        letter = self._create_letter()
        self.assertEqual(
            (letter.product, letter.color, letter.duplex), ("fast", True, False)
        )
        kind.letter_product = "cheap"
        self.assertEqual(self._create_letter().product, "cheap")
        delivery = letter._get_delivery()
        self.assertEqual(
            delivery.as_attributes(),
            {
                "delivery_product": "fast",
                "print_mode": "simplex",
                "print_spectrum": "color",
            },
        )

    def test_registered_letter_names_its_recipient_in_parts(self):
        self.company.letter_product = "registered"
        attributes = self._create_letter()._get_delivery().as_attributes()
        self.assertEqual(
            attributes["meta_data"]["recipient"],
            {
                "name": "Jan Bos",
                "street": "Dam",
                "number": "1",
                "zip": "1012 JS",
                "city": "Amsterdam",
                "country": "NL",
            },
        )
