from odoo import api, fields, models


class SubscriptionOutsideTax(models.Model):
    """Which tax of Odoo a rate of the outside service is, for booking its invoices.

    Rows come with the first invoice that has the rate. Where one tax alone fits it is
    filled in; where none or several do, a person chooses, and invoices wait for it.
    """

    _name = "subscription.outside.tax"
    _description = "Tax of an Outside Service"
    _order = "connection_id, country_id, percent desc"
    _rec_name = "percent"

    connection_id = fields.Many2one(
        "service.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    percent = fields.Float(string="Rate (%)", digits=(6, 3), readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    tax_id = fields.Many2one(
        "account.tax",
        string="Tax in Odoo",
        ondelete="restrict",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', '=', company_id)]",
    )

    _once = models.UniqueIndex(
        "(connection_id, percent, COALESCE(country_id, 0))",
        "This rate is in the list already.",
    )

    @api.model
    def _get_rate(self, line):
        """Return the row for a line of an outside invoice, made where it is missing.

        :param line: a ``subscription.external.invoice.line``
        """
        connection = line.invoice_id.connection_id
        country, percent = line.tax_country_id, line.tax_percent
        return self.search(
            [
                ("connection_id", "=", connection.id),
                ("percent", "=", percent),
                ("country_id", "=", country.id),
            ],
            limit=1,
        ) or self.create(
            {
                "connection_id": connection.id,
                "percent": percent,
                "country_id": country.id,
                "tax_id": self._find_only_tax(connection.company_id, country, percent),
            }
        )

    @api.model
    def _find_only_tax(self, company, country, percent):
        """Return the id of the one tax that fits; 0 % means too many things."""
        if not percent:
            return False
        taxes = self.env["account.tax"].search(
            [
                ("company_id", "=", company.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", percent),
                ("country_id", "=", (country or company.account_fiscal_country_id).id),
            ]
        )
        return taxes.id if len(taxes) == 1 else False
