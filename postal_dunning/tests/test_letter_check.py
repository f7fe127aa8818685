"""What an administrator sees before letters are connected."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.connection_base.exceptions import ProviderError
from odoo.addons.postal_dunning.engine import geometry

from .common import DunningCommon
from .pdf import build_pdf

CREDENTIALS = {"client_id": "id", "client_secret": "secret-of-a-test"}


@tagged("post_install", "-at_install")
class TestLetterCheck(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "letters_admin",
            "base.group_system",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.connection = cls._create_connection(
            "pingen", state="disconnected", company_id=cls.company.id
        ).with_user(cls.admin)
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 5)
        cls.company.letter_invoice_form = "plain"

    def _print_invoice(self, pdf):
        """The organisation's own document, as its template makes it."""
        return patch.object(
            self.env.registry["ir.actions.report"],
            "_render_qweb_pdf",
            lambda report, *args, **kwargs: (pdf, "pdf"),
        )

    def _open(self, pdf):
        with self._print_invoice(pdf):
            action = self.connection.action_connect()
        self.assertEqual(action["res_model"], "letter.check")
        check = self.env["letter.check"].with_user(self.admin)
        return check.browse(action["res_id"])

    def test_connecting_takes_two_steps(self):
        """Z2: first the letters are shown, then the credentials asked for."""
        lines = self.partner._get_letter_lines(self.company)
        check = self._open(build_pdf(lines=lines))
        self.assertTrue(check.is_ok)
        self.assertEqual(
            check.line_ids.mapped("name"), ["Letter", f"Invoice {self.invoice.name}"]
        )
        self.assertTrue(all(line.picture for line in check.line_ids))
        action = check.action_connect()
        self.assertEqual(action["res_model"], "service.connect.wizard")
        self.assertEqual(action["context"]["default_connection_id"], self.connection.id)

    def test_document_that_does_not_fit_is_shown_with_what_to_change(self):
        """Z3: the banner says exactly what to change."""
        check = self._open(build_pdf(x=120, boxes=[(30, 45, 5, 5)]))
        self.assertFalse(check.is_ok)
        bad = check.line_ids.filtered(lambda line: not line.is_ok)
        self.assertEqual(bad.name, f"Invoice {self.invoice.name}")
        self.assertIn("Zone: 22 to 107.5 mm from the left", bad.note)
        self.env["res.lang"]._activate_lang("nl_NL")
        zone = geometry.get_layout(geometry.LEFT).window
        words = self.env["snailmail.letter"].with_context(lang="nl_NL")
        self.assertIn("107,5 mm", words._get_zone_words(zone))
        self.assertIn("cover page", bad.note)
        self.assertTrue(bad.picture)

    def test_each_page_that_does_not_fit_is_a_picture(self):
        """Z3."""
        lines = self.partner._get_letter_lines(self.company)
        check = self._open(build_pdf(lines=lines, pages=3, boxes=[(1, 100, 1, 1)]))
        bad = check.line_ids.filtered(lambda line: not line.is_ok)
        self.assertEqual(bad.mapped("page"), [1, 2, 3])
        self.assertEqual(len(set(bad.mapped("picture"))), 3)

    def test_misfit_keeps_the_connection_closed(self):
        """Z3: also when somebody passes the page by."""
        with (
            self._print_invoice(build_pdf(x=120)),
            self.assertRaisesRegex(ProviderError, "address window"),
        ):
            self.connection._connect_with(CREDENTIALS)
        self.assertEqual(self.company.letter_transport, "none")

    def test_cover_page_repairs_and_opens_the_way(self):
        """Z3 bettered: a generated cover page."""
        check = self._open(build_pdf(x=120))
        self.assertTrue(check.can_add_cover)
        with self._print_invoice(build_pdf(x=120)):
            check.action_add_cover()
            self.assertTrue(check.is_ok)
            self.connection._connect_with(CREDENTIALS)
        self.assertEqual(self.company.letter_transport, "pingen")

    def test_window_follows_the_country_of_the_recipient(self):
        """Z3: left in NL and DE, right in BE, unless one side is wanted."""
        self.company.letter_position = "country"
        for code, side in (("nl", "left"), ("de", "left"), ("be", "right")):
            with self.subTest(country=code):
                self.partner.country_id = self.env.ref(f"base.{code}")
                self.assertEqual(self.partner._get_letter_position(self.company), side)
        self.company.letter_position = "left"
        self.assertEqual(self.partner._get_letter_position(self.company), "left")

    def test_check_is_for_those_who_set_up_letters(self):
        with self.assertRaises(AccessError):
            self.env["letter.check"].with_user(self.user)._open(self.company)

    # === ONE LETTER === #

    def _create_letter(self, pdf):
        attachment = self.env["ir.attachment"].create({"name": "a.pdf", "raw": pdf})
        return self.env["snailmail.letter"].create(
            {
                "partner_id": self.partner.id,
                "model": "account.move",
                "res_id": self.invoice.id,
                "company_id": self.company.id,
                "attachment_id": attachment.id,
            }
        )

    def test_letter_that_does_not_fit_is_repaired_by_a_cover_page(self):
        self.connection.sudo().active = False
        self._connect_pingen()
        letter = self._create_letter(build_pdf(x=120))
        self._run_hand_over()
        self.assertEqual(letter.state, "error")
        self.assertTrue(letter.finding_picture)
        self.assertIn("Zone:", letter.finding_note)
        letter.action_add_cover()
        self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")
        self.assertEqual(len(self.pingen.sent), 1)

    def test_cover_page_is_not_put_on_a_letter_under_way(self):
        self.connection.sudo().active = False
        self._connect_pingen()
        letter = self._create_letter(
            build_pdf(lines=self.partner._get_letter_lines(self.company))
        )
        self._run_hand_over()
        with self.assertRaises(UserError):
            letter.action_add_cover()

    def test_letter_keeps_the_side_it_was_printed_for(self):
        self.connection.sudo().active = False
        self._connect_pingen()
        letter = self._create_letter(
            build_pdf(lines=self.partner._get_letter_lines(self.company))
        )
        self.company.letter_position = "right"
        self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")
        (order,) = self.pingen.letters.values()
        self.assertEqual(order["position"], "left")
