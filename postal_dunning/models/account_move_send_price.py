import logging
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..engine import pages, preflight
from .communication_type import INVOICE

_logger = logging.getLogger(__name__)

#: most letters that are made to count their pages; of more they are estimated
MAX_RENDERED = 5


class AccountMoveSend(models.AbstractModel):
    """What sending by post will cost, said before it is sent (row Z11)."""

    _inherit = "account.move.send"

    @api.model
    def _get_price_words(self, moves, moves_data):
        """Number of letters, their pages and postage, and what the budget leaves."""
        by_post = [
            move
            for move in moves
            if "snailmail" in moves_data[move]["sending_methods"]
            and move.company_id.sudo().letter_transport == "pingen"
        ]
        words = []
        grouped = defaultdict(list)
        for move in by_post:
            grouped[move.company_id].append(move)
        for company, chosen in grouped.items():
            words += self._get_company_price_words(company, chosen)
        return "\n".join(words)

    @api.model
    def _get_company_price_words(self, company, moves):
        """:return: sentences, none when no price is known"""
        total, sheets, is_least = 0.0, 0, False
        for move in moves:
            count = self._count_letter_pages(
                move, is_rendered=len(moves) <= MAX_RENDERED
            )
            row = self._find_letter_price(move, count)
            sheets += count
            is_least = is_least or row.pages != count
            total += company.sudo()._get_letter_amount(row.price, row.currency)
        if not total:
            return []
        values = {
            "count": len(moves),
            "pages": sheets,
            "price": company.currency_id.format(total),
        }
        if is_least:
            words = [
                self.env._(
                    "Letters: %(count)s, pages: %(pages)s, at least %(price)s.",
                    **values,
                )
            ]
        else:
            words = [
                self.env._(
                    "Letters: %(count)s, pages: %(pages)s, about %(price)s.", **values
                )
            ]
        return words + self._get_budget_words(company, total)

    @api.model
    def _get_budget_words(self, company, total):
        left = company.sudo()._get_letter_budget_left()
        if left is None:
            return []
        money = company.currency_id.format(max(left, 0))
        words = self.env._("The budget of this month leaves %(money)s.", money=money)
        if company.currency_id.compare_amounts(total, left) > 0:
            words += " " + self.env._("Letters beyond it wait.")
        return [words]

    @api.model
    def _find_letter_price(self, move, count):
        """:return: the price of so many pages to the addressee, possibly none"""
        # Who sends an invoice may know its postage; connections are for others.
        prices_sudo = self.env["letter.price"].sudo()
        kind = self.env["communication.type"].sudo()._get_type(INVOICE)
        country = move.partner_id.country_id.code or ""
        return prices_sudo._look_up(move.company_id.sudo(), country, count, kind)

    # === PAGES === #

    @api.model
    def _count_letter_pages(self, move, is_rendered):
        """Pages of the invoice as a letter.

        :param is_rendered: make the letter and count, instead of estimating
        """
        if is_rendered:
            stamp = f"{move.write_date}{move.partner_id.write_date}"
            form = move.company_id.letter_invoice_form
            try:
                return self._count_rendered_pages(move.id, stamp, form)
            except UserError:
                _logger.info("invoice %s: no letter to count pages of", move.id)
        cover = move.company_id.letter_invoice_form == "cover"
        return pages.estimate_invoice(len(move.invoice_line_ids)) + int(cover)

    @ormcache("move_id", "stamp", "form")
    def _count_rendered_pages(self, move_id, stamp, form):
        """Counted once for each version of an invoice: the dialog asks often."""
        move = self.env["account.move"].browse(move_id)
        return preflight.count_pages(move._build_letter_pdf()) or 1
