import base64
from decimal import Decimal

from odoo import models
from odoo.tools import format_date
from odoo.tools.image import image_data_uri

from odoo.addons.account.tools import is_valid_structured_reference

from ..engine import epc


class DunningMessage(models.Model):
    """What is printed: address, text, items, and how to pay."""

    _inherit = "dunning.message"

    def _render_pdf(self):
        """The letter as PDF bytes, in the language of the addressee."""
        self.ensure_one()
        message = self.with_context(lang=self.lang)
        return message.env["ir.actions.report"]._render_letter(
            "postal_dunning.letter_reminder", message._prepare_letter_values()
        )

    def _prepare_letter_values(self):
        """Values of the letter's template."""
        return {
            "doc": self,
            "company": self.company_id,
            "lang_code": self.lang,
            "position": self.partner_id._get_letter_position(self.company_id),
            "address_lines": self.partner_id._get_letter_lines(self.company_id),
            "facts": [
                (self.env._("Date"), format_date(self.env, self.date)),
                (self.env._("Our reference"), self.name),
            ],
            "qr_image": self._get_qr_image(),
            "image_data_uri": image_data_uri,
        }

    def _get_subject(self):
        step = self.step_id
        return step.subject or self.env._(
            "%(kind)s: %(amount)s to be paid",
            kind=self.type_id.name,
            amount=self.currency_id.format(self.amount),
        )

    # === PAYMENT === #

    def _get_bank(self):
        """The account to pay to: that of the invoices, else the company's first."""
        self.ensure_one()
        banks = self.line_ids.move_id.partner_bank_id or self.company_id.bank_ids
        return banks[:1]

    def _get_payee(self):
        """The name exactly as the bank knows it."""
        return self._get_bank().acc_holder_name or self.company_id.name

    def _get_payment_reference(self):
        """One structured reference, or the numbers of all invoices."""
        moves = self.line_ids.move_id
        if len(moves) == 1:
            return moves.payment_reference or moves.name
        return " ".join(moves.mapped("name"))

    def _get_qr_payload(self):
        """Text of the code to pay, empty when the bank app could not use it."""
        bank = self._get_bank()
        if not bank or bank.acc_type != "iban" or self.currency_id.name != "EUR":
            return ""
        reference = self._get_payment_reference()
        is_structured = is_valid_structured_reference(reference)
        try:
            return epc.build_payload(
                epc.Transfer(
                    name=self._get_payee(),
                    iban=bank.sanitized_acc_number,
                    amount=Decimal(str(self.amount)),
                    reference=reference if is_structured else "",
                    text="" if is_structured else reference,
                    bic=bank.bank_bic or "",
                )
            )
        except ValueError:
            return ""

    def _get_qr_image(self):
        payload = self._get_qr_payload()
        if not payload:
            return ""
        return image_data_uri(base64.b64encode(epc.draw_png(payload)))

    def _get_pay_urls(self):
        """Portal page of each invoice, for the mail."""
        return [(line, line.move_id.get_base_url() + line.move_id.get_portal_url())
                for line in self.line_ids]  # fmt: skip
