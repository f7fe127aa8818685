from odoo import models
from odoo.tools import format_date
from odoo.tools.image import image_data_uri

#: characters of a transfer's text (SEPA credit transfer, unstructured remittance)
MAX_REFERENCE = 140


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
            "image_data_uri": image_data_uri,
            **self._get_payment_values(),
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

    def _get_payment_reference(self):
        """One structured reference, or the numbers of all invoices.

        A bank carries no more than 140 characters; where the numbers are more, the
        number of this message stands for them.
        """
        moves = self.line_ids.move_id
        if len(moves) == 1:
            return moves.payment_reference or moves.name
        numbers = " ".join(moves.mapped("name"))
        return numbers if len(numbers) <= MAX_REFERENCE else self.name

    def _get_payment_values(self):
        """Values of the payment box; the code holds euros only."""
        self.ensure_one()
        bank = self._get_bank()
        values = self.env["letter.payment"]._prepare(
            self, bank, self.amount, self._get_payment_reference()
        )
        if self.currency_id.name != "EUR":
            values["qr_image"] = ""
        return values

    def _get_pay_urls(self):
        """Portal page of each invoice, for the mail."""
        return [(line, line.move_id.get_base_url() + line.move_id.get_portal_url())
                for line in self.line_ids]  # fmt: skip
