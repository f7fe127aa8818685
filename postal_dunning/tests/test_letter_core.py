"""Core's own letters: which doors stay open, and which do not."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.iap.tools import iap_tools

from .common import DunningCommon
from .pdf import build_pdf


@tagged("post_install", "-at_install")
class TestLetterCore(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 45)
        cls.attachment = cls.env["ir.attachment"].create(
            {"name": "letter.pdf", "raw": build_pdf()}
        )

    def _create_letter(self, **values):
        return self.env["snailmail.letter"].create(
            {
                "partner_id": self.partner.id,
                "model": "account.move",
                "res_id": self.invoice.id,
                "company_id": self.company.id,
                "attachment_id": self.attachment.id,
                **values,
            }
        )

    def _forbid_odoo(self):
        """Nothing may go through Odoo's paid service here."""
        return patch.object(
            iap_tools, "iap_jsonrpc", side_effect=AssertionError("left by Odoo's way")
        )

    def _run_core_queue(self):
        with self._forbid_odoo():
            self.env["snailmail.letter"]._snailmail_cron(autocommit=False)

    def test_core_queue_never_sends_our_letters(self):
        self._connect_pingen()
        letter = self._create_letter()
        for state in ("pingen_waiting", "pingen_handover", "pingen_submitted"):
            letter.sudo().state = state
            self._run_core_queue()
            self.assertEqual(letter.state, state)
        letter.sudo()._pingen_fail("does not fit", "sn_format")
        self._run_core_queue()
        letter.sudo()._pingen_fail("something else")
        self._run_core_queue()
        self.assertEqual(letter.state, "error")

    def test_buttons_of_core_only_queue(self):
        self._connect_pingen()
        letter = self._create_letter()
        with self._forbid_odoo():
            letter._snailmail_print()
            letter.snailmail_print()
            letter.message_id.send_letter()
        self.assertEqual(letter.state, "pingen_waiting")
        self.assertFalse(self.pingen.calls)

    def test_letter_of_odoo_stops_when_the_company_moves_to_pingen(self):
        self.company.letter_transport = "odoo"
        letter = self._create_letter()
        self.assertEqual((letter.state, letter.transport), ("pending", "odoo"))
        self._connect_pingen()
        self.assertEqual(letter.state, "canceled")
        self._run_core_queue()

    def test_letter_of_odoo_still_leaves_where_it_is_used(self):
        self.company.letter_transport = "odoo"
        letter = self._create_letter()
        model = self.env.registry["snailmail.letter"]
        with (
            patch.object(model, "_snailmail_print_valid_address") as sent,
            patch.object(self.env.cr, "commit"),
        ):
            letter._snailmail_print()
        self.assertEqual(sent.call_count, 1)

    def test_pending_letter_of_a_company_without_letters_does_not_leave(self):
        self.company.letter_transport = "odoo"
        letter = self._create_letter()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET letter_transport = 'none' WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        self._run_core_queue()
        self.assertEqual(letter.state, "canceled")

    def test_post_is_offered_only_with_a_transport(self):
        """Z7: what was set to post goes by e-mail while letters are off."""
        send = self.env["account.move.send"]
        self.partner.with_company(self.company).invoice_sending_method = "snailmail"
        self.assertFalse(send._is_applicable_to_company("snailmail", self.company))
        self.assertEqual(send._get_default_sending_methods(self.invoice), {"email"})
        self._connect_pingen()
        self.assertTrue(send._is_applicable_to_company("snailmail", self.company))
        self.assertEqual(send._get_default_sending_methods(self.invoice), {"snailmail"})

    def test_invoice_by_post_is_a_ready_letter_of_ours(self):
        """Z1: invoices by post to the billing address."""
        self._connect_pingen()
        self.invoice.invoice_pdf_report_file = False
        with patch.object(
            self.env.registry["ir.actions.report"],
            "_render_qweb_pdf",
            lambda report, *args, **kwargs: (build_pdf(lines=("Invoice",)), "pdf"),
        ):
            values = self.env["account.move.send"]._prepare_snailmail_letter_values(
                self.invoice
            )
        letter = self.env["snailmail.letter"].create(values)
        letter._snailmail_print(immediate=False)
        self._run_hand_over()
        self.assertEqual(letter.state, "pingen_submitted")
        self.assertEqual(len(self.pingen.sent), 1)

    def test_letter_without_its_pdf_is_refused(self):
        self._connect_pingen()
        with self.assertRaises(UserError):
            self._create_letter(attachment_id=False)

    def test_state_of_a_letter_is_not_written_by_people(self):
        self._connect_pingen()
        letter = self._create_letter()
        as_user = letter.with_user(self.user)
        for values in ({"state": "sent"}, {"pingen_ref": "x"}, {"transport": "odoo"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                as_user.write(values)

    def test_new_letter_cannot_pretend_to_be_sent(self):
        self._connect_pingen()
        letter = (
            self.env["snailmail.letter"]
            .with_user(self.user)
            .create(
                {
                    "partner_id": self.partner.id,
                    "model": "dunning.case",
                    "res_id": self._create_case(self.partner).id,
                    "company_id": self.company.id,
                    "attachment_id": self.env["ir.attachment"]
                    .with_user(self.user)
                    .create({"name": "x.pdf", "raw": build_pdf()})
                    .id,
                    "state": "sent",
                    "pingen_ref": "stolen",
                }
            )
        )
        self.assertEqual(letter.state, "pingen_waiting")
        self.assertFalse(letter.pingen_ref)

    def test_printed_address_stays_when_the_customer_moves(self):
        self._connect_pingen()
        letter = self._create_letter()
        letter.sudo().state = "pingen_submitted"
        self.partner.street = "Dam 99"
        self.assertEqual(letter.street, "Dam 1")

    def test_letter_that_left_is_not_deleted(self):
        self._connect_pingen()
        letter = self._create_letter().sudo()
        letter.pingen_ref = "letter-1"
        with self.assertRaises(UserError):
            letter.unlink()
