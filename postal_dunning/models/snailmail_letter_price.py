from odoo import api, fields, models

from .. import const
from ..clients import pingen
from ..engine import address, preflight
from .communication_type import INVOICE


class SnailmailLetter(models.Model):
    """How a letter is printed, what it will cost, and whether there is money for it."""

    _inherit = "snailmail.letter"

    product = fields.Selection(
        const.PRODUCTS, string="Postal Product", readonly=True, copy=False
    )
    price_expected = fields.Float(
        "Expected Price", readonly=True, copy=False, digits=(16, 2)
    )
    is_over_budget = fields.Boolean(readonly=True, copy=False)

    @api.model
    def _prepare_delivery_vals(self, vals, company):
        """Product, colour and sides: of the kind of message, else of the company.

        What is given explicitly stays.
        """
        delivery = company._get_letter_delivery(self._find_kind(vals, company))
        return {
            "product": delivery.product,
            "color": vals.get("color", delivery.print_spectrum == "color"),
            "duplex": vals.get("duplex", delivery.print_mode == "duplex"),
        }

    @api.model
    def _find_kind(self, vals, company):
        """The kind of message that a new letter belongs to."""
        kinds = self.env["communication.type"].sudo().with_company(company)
        if vals.get("dunning_message_id"):
            message = self.env["dunning.message"].sudo()
            message = message.browse(vals["dunning_message_id"])
            return message.type_id.with_company(company)
        if vals.get("model") == "account.move":
            return kinds._get_type(INVOICE)
        return kinds

    def _get_delivery(self):
        """:rtype: clients.pingen.Delivery"""
        product = self.product or self.company_id.letter_product
        recipient = None
        if product == "registered":
            recipient = address.get_parts(self.partner_id._get_postal_address())
        return pingen.Delivery(
            product=product,
            print_mode="duplex" if self.duplex else "simplex",
            print_spectrum="color" if self.color else "grayscale",
            recipient=recipient,
        )

    # === PRICE === #

    def _estimate(self, client):
        """Ask what this letter will cost, unless that is known."""
        connection = self._get_pingen_connection()
        row = (
            self.env["letter.price"]
            .sudo()
            ._ask(
                client,
                connection,
                self.partner_id.country_id.code or "",
                self.pages or self._count_pages(),
                self._get_delivery(),
            )
        )
        self.write({"price_expected": row.price, "pages": row.pages})
        if not self.price_currency:
            self.price_currency = row.currency

    def _count_pages(self):
        return preflight.count_pages(self.attachment_id.raw or b"") or 1

    # === BUDGET === #

    def _fits_budget(self, price):
        """Whether there is money for this letter this month; else it waits.

        :param price: of the letter, in the currency of the account
        """
        self.ensure_one()
        company = self.company_id
        amount = company._get_letter_amount(price, self.price_currency)
        left = company._get_letter_budget_left(ignored=self)
        fits = left is None or company.currency_id.compare_amounts(amount, left) <= 0
        if fits:
            self.is_over_budget = False
            return True
        at = company._get_next_budget_day()
        words = self.env._("The budget for letters of this month is used up.")
        self.write({"is_over_budget": True, "date_next_try": at, "info_msg": words})
        self._get_pingen_connection()._ask_for_budget()
        return False
