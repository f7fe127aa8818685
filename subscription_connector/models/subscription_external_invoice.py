from odoo import api, fields, models

from ..engine import outside


class SubscriptionExternalInvoice(models.Model):
    """An invoice of an outside ledger, shown to member and staff (H1).

    It is a document, not an entry: revenue and tax are counted where it was made,
    unless the connection says that they are booked here.
    """

    _name = "subscription.external.invoice"
    _description = "External Invoice"
    _order = "date desc, id desc"
    _rec_name = "number"

    connection_id = fields.Many2one(
        "service.connection", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    outside_ref = fields.Char(string="Outside Number", required=True)
    number = fields.Char(string="Invoice Number")
    date = fields.Date(required=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", index="btree_not_null", ondelete="set null"
    )
    currency_id = fields.Many2one("res.currency", required=True)
    amount_untaxed = fields.Monetary(string="Without Tax")
    amount_total = fields.Monetary(string="Total")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("processing", "In progress"),
            ("paid", "Paid"),
            ("reversed", "Reversed"),
            ("credited", "Credited"),
            ("credit_invoice", "Credit note"),
        ],
        default="open",
        required=True,
    )
    payment_method = fields.Char()
    url = fields.Char(string="Payment Link")
    line_ids = fields.One2many("subscription.external.invoice.line", "invoice_id")

    _outside_unique = models.Constraint(
        "UNIQUE (connection_id, outside_ref)",
        "This outside invoice is here already.",
    )

    @api.model
    def _apply_outside(self, connection, row):
        """Create or bring up to date the invoice of one Plug&Pay order.

        Orders from before the connection was made are left alone (H6), and so are
        those whose invoice is still a concept.

        :return: ``imported``, ``updated`` or ``skipped``
        """
        data = outside.parse_order(row)
        activated = connection.plugandpay_date_activated
        if not data.is_final or not activated or data.created < activated:
            return "skipped"
        known = self.search(
            [("connection_id", "=", connection.id), ("outside_ref", "=", data.ref)]
        )
        state = (
            data.payment_state
            if data.payment_state in dict(self._fields["state"].selection)
            else "open"
        )
        values = {
            "number": data.number,
            "state": state,
            "payment_method": data.payment_method,
            "url": data.url,
        }
        if known:
            changed = any((known[k] or "") != v for k, v in values.items())
            if changed:
                known.write(values)
            known._book()
            return "updated" if changed else "skipped"
        self.create(values | self._prepare_outside_vals(connection, data))._book()
        return "imported"

    @api.model
    def _prepare_outside_vals(self, connection, data):
        subscription = self.env["subscription.subscription"].search(
            [
                ("connection_id", "=", connection.id),
                ("outside_ref", "=", data.subscription_ref),
            ],
            limit=1,
        )
        partner = subscription.partner_id or self.env[
            "res.partner"
        ]._get_outside_partner(connection.company_id, data.contact)
        return {
            "connection_id": connection.id,
            "outside_ref": data.ref,
            "date": data.created.date(),
            "partner_id": partner.id,
            "subscription_id": subscription.id,
            # The service writes no currency on an order; its accounts are in euro.
            "currency_id": self.env.ref("base.EUR").id,
            "amount_untaxed": float(data.amount_untaxed),
            "amount_total": float(data.amount_total),
            "line_ids": [
                fields.Command.create(
                    {
                        "name": line.name,
                        "quantity": float(line.quantity),
                        "amount_untaxed": float(line.amount_untaxed),
                        "amount_total": float(line.amount_total),
                        "tax_percent": float(line.tax_percent or 0.0),
                        "is_taxed": line.tax_percent is not None,
                        "tax_country_id": self.env["res.country"]
                        .search([("code", "=", line.tax_country)], limit=1)
                        .id,
                    }
                )
                for line in data.lines
            ],
        }
