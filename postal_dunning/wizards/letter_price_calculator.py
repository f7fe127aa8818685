from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.connection_base.exceptions import ProviderError

from .. import const
from ..clients import pingen

MAX_PAGES = 50


class LetterPriceCalculator(models.TransientModel):
    """What a letter would cost, asked from the print service (acceptance row Z11)."""

    _name = "letter.price.calculator"
    _description = "Price of a Letter"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    country_id = fields.Many2one(
        "res.country",
        string="To",
        required=True,
        default=lambda self: self.env.company.country_id,
    )
    pages = fields.Integer(default=1, required=True)
    copies = fields.Integer("Letters", default=1, required=True)
    product = fields.Selection(
        const.PRODUCTS,
        string="Postal Product",
        required=True,
        default=lambda self: self._default_delivery().product,
    )
    print_spectrum = fields.Selection(
        const.SPECTRA,
        string="Colour",
        required=True,
        default=lambda self: self._default_delivery().print_spectrum,
    )
    print_mode = fields.Selection(
        const.PRINT_MODES,
        string="Sides",
        required=True,
        default=lambda self: self._default_delivery().print_mode,
    )
    answer = fields.Char("Price", readonly=True)

    @api.model
    def _default_delivery(self):
        """How the company sends its letters."""
        none = self.env["communication.type"]
        return self.env.company.sudo()._get_letter_delivery(none)

    @api.onchange(
        "country_id", "pages", "copies", "product", "print_spectrum", "print_mode"
    )
    def _onchange_letter(self):
        """A price belongs to the letter it was asked for."""
        self.answer = False

    def action_calculate(self):
        """Ask the price and show it.

        :raises UserError: letters are not connected, or the service does not answer
        """
        self.ensure_one()
        if not 0 < self.pages <= MAX_PAGES:
            raise UserError(
                self.env._("A letter has 1 to %(count)s pages.", count=MAX_PAGES)
            )
        row = self._ask()
        if row.is_offered:
            words = self.env._(
                "%(currency)s %(price).2f for a letter, "
                "%(currency)s %(total).2f for all",
                currency=row.currency,
                price=row.price,
                total=row.price * max(self.copies, 1),
            )
        else:
            words = self.env._("The service does not send such letters there.")
        self.answer = words
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Price of a Letter"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _ask(self):
        """:rtype: letter.price"""
        # The credentials are for administrators, prices for whoever sends letters.
        connections_sudo = self.env["service.connection"].sudo()
        connection_sudo = connections_sudo._get_connections("pingen", self.company_id)
        if not connection_sudo:
            raise UserError(self.env._("Connect Pingen first: it knows the prices."))
        delivery = pingen.Delivery(self.product, self.print_mode, self.print_spectrum)
        try:
            return (
                self.env["letter.price"]
                .sudo()
                ._ask(
                    connection_sudo[:1]._get_client(),
                    connection_sudo[:1],
                    self.country_id.code,
                    self.pages,
                    delivery,
                )
            )
        except ProviderError as error:
            raise UserError(str(error)) from error
