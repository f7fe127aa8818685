from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.connection_base.exceptions import RejectedError

from .. import const
from ..clients import pingen

#: days after which a price is asked again
FRESH_DAYS = 7
#: prices asked in one go
BATCH = 50
#: destinations shown from the start, beside the organisation's own country
FIRST_COUNTRIES = ("NL", "BE", "DE")
FIRST_PAGES = (1, 2, 3)


class LetterPrice(models.Model):
    """What a letter costs, as the price calculator of the service says (row Z11).

    A row is asked once and asked again after a week; a combination that a letter needs
    and that nobody asked for yet gets its row when the letter is handed over.
    """

    _name = "letter.price"
    _description = "Price of a Letter"
    _order = "country, product, pages, print_spectrum, print_mode"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    country = fields.Char("To", required=True, readonly=True)
    country_name = fields.Char("Destination", compute="_compute_country_name")
    pages = fields.Integer(required=True, readonly=True)
    product = fields.Selection(const.PRODUCTS, required=True, readonly=True)
    print_mode = fields.Selection(
        const.PRINT_MODES, string="Sides", required=True, readonly=True
    )
    print_spectrum = fields.Selection(
        const.SPECTRA, string="Colour", required=True, readonly=True
    )
    price = fields.Float(readonly=True, digits=(16, 2))
    currency = fields.Char(readonly=True)
    is_offered = fields.Boolean(
        "Offered", readonly=True, help="The service sends such letters there."
    )
    date = fields.Datetime("Asked On", required=True, readonly=True)

    _combination_uniq = models.UniqueIndex(
        "(connection_id, country, pages, product, print_mode, print_spectrum)"
    )

    @api.depends("country")
    @api.depends_context("lang")
    def _compute_country_name(self):
        countries = self.env["res.country"].search(
            [("code", "in", self.mapped("country"))]
        )
        names = {country.code: country.name for country in countries}
        for price in self:
            price.country_name = names.get(price.country, price.country)

    @api.model
    def _get_domain(self, connection, country, pages, delivery, operator="="):
        return [
            ("connection_id", "=", connection.id),
            ("country", "=", country),
            ("pages", operator, pages),
            ("product", "=", delivery.product),
            ("print_mode", "=", delivery.print_mode),
            ("print_spectrum", "=", delivery.print_spectrum),
        ]

    @api.model
    def _find(self, connection, country, pages, delivery):
        """The price as known here, possibly none; calls nobody."""
        domain = self._get_domain(connection, country, pages, delivery)
        return self.search(domain, limit=1)

    @api.model
    def _look_up(self, company, country, pages, kind):
        """What a letter will cost as far as it is known here; calls nobody.

        :param kind: a ``communication.type``
        :return: the row for that many pages, else that for the most pages known below
            it, possibly none
        """
        connection = self.env["service.connection"]
        connection = connection._get_connections("pingen", company)[:1]
        if company.letter_transport != "pingen" or not connection:
            return self.browse()
        delivery = company._get_letter_delivery(kind)
        domain = self._get_domain(connection, country, pages, delivery, "<=")
        rows = self.search(domain, order="pages desc", limit=1)
        return rows.filtered("is_offered")

    @api.model
    def _ask(self, client, connection, country, pages, delivery):
        """The price, asked from the service unless it is fresh.

        :raises TemporaryError: the service does not answer now
        """
        row = self._find(connection, country, pages, delivery)
        if row and row.date > fields.Datetime.now() - timedelta(days=FRESH_DAYS):
            return row
        values = {"date": fields.Datetime.now(), "is_offered": True}
        try:
            found = client.get_price(country, pages, delivery)
            values |= {"price": float(found.amount), "currency": found.currency}
        except RejectedError:
            values |= {"price": 0, "is_offered": False}
        if row:
            row.write(values)
            return row
        return self.create(
            {
                "connection_id": connection.id,
                "country": country,
                "pages": pages,
                **delivery.as_choice(),
                **values,
            }
        )

    @api.model
    def _ask_first(self, client, connection):
        """Fill the list that people see right after connecting.

        Each way in which a kind of message is printed and sent has its prices.
        """
        company = connection.company_id
        for delivery in self._get_deliveries(company):
            for country in dict.fromkeys((company.country_id.code, *FIRST_COUNTRIES)):
                for pages in FIRST_PAGES if country else ():
                    self._ask(client, connection, country, pages, delivery)

    @api.model
    def _get_deliveries(self, company):
        """The company's own way to send letters, then those of the kinds of message."""
        none = self.env["communication.type"]
        kinds = none.sudo().search([("company_id", "in", (company.id, False))])
        found = {}
        for kind in (none, *kinds):
            delivery = company._get_letter_delivery(kind)
            found[tuple(delivery.as_choice().values())] = delivery
        return list(found.values())

    @api.model
    def _refresh(self, client, connection):
        """Ask old prices again, and those of ways to send that are new."""
        self._ask_first(client, connection)
        limit = fields.Datetime.now() - timedelta(days=FRESH_DAYS)
        old = self.search(
            [("connection_id", "=", connection.id), ("date", "<", limit)],
            order="date",
            limit=BATCH,
        )
        for row in old:
            row._ask(client, connection, row.country, row.pages, row._get_delivery())

    def _get_delivery(self):
        return pingen.Delivery(self.product, self.print_mode, self.print_spectrum)
