import base64
from decimal import Decimal

from odoo import api, models
from odoo.tools.image import image_data_uri

from odoo.addons.account.tools import (
    is_valid_structured_reference,
    sanitize_structured_reference,
)

from ..engine import epc


class LetterPayment(models.AbstractModel):
    """How a letter says where and what to pay: account, reference, code, address."""

    _name = "letter.payment"
    _description = "Payment Box of a Letter"

    @api.model
    def _prepare(self, record, bank, amount, reference):
        """Values of the payment box.

        :param record: the invoice or message that the address to pay leads to
        """
        payee = bank.acc_holder_name or record.company_id.name
        payload = self._build_payload(bank, payee, amount, reference)
        image = base64.b64encode(epc.draw_png(payload)) if payload else b""
        url = self.env["letter.link"]._get_url(record)
        return {
            "bank": bank,
            "payee": payee,
            "reference": reference,
            "pay_amount": record.currency_id.format(amount),
            "qr_image": image_data_uri(image) if image else "",
            "pay_url": url,
            "pay_words": url.split("://", 1)[-1],
        }

    @api.model
    def _build_payload(self, bank, payee, amount, reference):
        """Text of the code to pay, empty when the bank app could not use it.

        :param amount: in euros, a float from the books
        """
        if not bank or bank.acc_type != "iban":
            return ""
        is_structured = is_valid_structured_reference(reference)
        structured = sanitize_structured_reference(reference) if is_structured else ""
        try:
            return epc.build_payload(
                epc.Transfer(
                    name=payee,
                    iban=bank.sanitized_acc_number,
                    amount=Decimal(str(amount)),
                    reference=structured,
                    text="" if is_structured else reference,
                    bic=bank.bank_bic or "",
                )
            )
        except ValueError:
            return ""
