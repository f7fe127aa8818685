from datetime import timedelta

from odoo import fields, models

from .. import const
from ..clients import pingen


class ResCompany(models.Model):
    """How letters are sent, what they may cost in a month, what they cost so far."""

    _inherit = "res.company"

    def _get_letter_delivery(self, kind):
        """How a letter of this kind of message is printed and sent.

        :param kind: a ``communication.type``, possibly none
        :rtype: clients.pingen.Delivery
        """
        self.ensure_one()
        kind = kind.sudo().with_company(self)
        mode = "duplex" if self.snailmail_duplex else "simplex"
        spectrum = "color" if self.snailmail_color else "grayscale"
        return pingen.Delivery(
            product=kind.letter_product or self.letter_product,
            print_mode=kind.letter_mode or mode,
            print_spectrum=kind.letter_spectrum or spectrum,
        )

    def _compute_letter_budget_spent(self):
        for company in self:
            company.letter_budget_spent = company._get_letter_spent()

    def _get_month_start(self):
        return self.env["dunning.agreement"]._get_today(self).replace(day=1)

    def _get_next_budget_day(self):
        """:return: the moment a new budget begins, datetime in UTC"""
        later = self._get_month_start() + timedelta(days=32)
        return fields.Datetime.to_datetime(later.replace(day=1))

    def _get_letter_spent(self, ignored=None):
        """Cost of the letters handed over this month, in the company's currency.

        A letter whose sending is not answered yet counts: it may have left.
        """
        self.ensure_one()
        start = fields.Datetime.to_datetime(self._get_month_start())
        domain = [
            ("company_id", "=", self.id),
            ("transport", "=", "pingen"),
            ("id", "!=", ignored.id if ignored else 0),
            "|",
            ("pingen_call", "=", "send"),
            "&",
            ("state", "in", (*const.AT_PRINTER, "sent", const.UNDELIVERABLE)),
            ("date_submitted", ">=", start),
        ]
        # Everybody who sends a letter needs the sum, not the letters.
        groups = (
            self.env["snailmail.letter"]
            .sudo()
            ._read_group(domain, ["price_currency"], ["price:sum"])
        )
        return sum(self._get_letter_amount(price, code) for code, price in groups)

    def _get_letter_amount(self, price, code):
        """A price of the service in the company's currency."""
        currency = self.env["res.currency"].search([("name", "=", code)], limit=1)
        if not price or not currency or currency == self.currency_id:
            return price or 0.0
        today = fields.Date.context_today(self)
        return currency._convert(price, self.currency_id, self, today)

    def _get_letter_budget_left(self, ignored=None):
        """:return: what may still be spent, ``None`` without a limit"""
        self.ensure_one()
        if not self.letter_budget:
            return None
        return self.letter_budget - self._get_letter_spent(ignored)

    def _wake_over_budget(self):
        """Another budget: letters that waited for money are looked at again."""
        letters = (
            self.env["snailmail.letter"]
            .sudo()
            .search([("company_id", "in", self.ids), ("is_over_budget", "=", True)])
        )
        letters.date_next_try = False
        if letters:
            letters._wake_hand_over()
