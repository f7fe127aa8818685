from odoo import fields, models


class MatchingOpenItem(models.Model):
    """An invoice at Moneybird that is, or was, open. Odoo's own are read directly."""

    _name = "matching.open.item"
    _description = "Open item at Moneybird"
    _order = "date_due, id"
    _rec_name = "number"

    connection_id = fields.Many2one(
        "service.connection",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        [
            ("sales_invoice", "Sales invoice"),
            ("external_sales_invoice", "External sales invoice"),
        ],
        required=True,
        readonly=True,
    )
    external_id = fields.Char("Moneybird id", required=True, readonly=True)
    version = fields.Char(readonly=True)
    number = fields.Char(readonly=True)
    reference = fields.Char(readonly=True)
    payment_reference = fields.Char(readonly=True)
    short_payment_reference = fields.Char(readonly=True)
    contact_ref = fields.Char(readonly=True)
    partner_name = fields.Char("Customer", readonly=True)
    partner_iban = fields.Char("Account of customer", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date("Due", readonly=True)
    amount_total = fields.Monetary("Total", readonly=True)
    amount_open = fields.Monetary("Open", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    currency_code = fields.Char(readonly=True)
    status = fields.Char("Status at Moneybird", readonly=True)
    is_open = fields.Boolean(readonly=True, index=True)
    url = fields.Char(readonly=True)

    _external_uniq = models.Constraint(
        "UNIQUE (connection_id, kind, external_id)", "This item is already here."
    )

    def _upsert(self, connection, items):
        """Write items as Moneybird has them now.

        :param items: list of :class:`clients.moneybird.MoneybirdItem`
        :return: number of items that are new here
        """
        known = {
            (record.kind, record.external_id): record
            for record in self.search(
                [
                    ("connection_id", "=", connection.id),
                    ("external_id", "in", [item.external_id for item in items]),
                ]
            )
        }
        to_create = []
        for item in items:
            vals = self._prepare_vals(connection, item)
            record = known.get((item.kind, item.external_id))
            if record:
                record.write(vals)
            else:
                to_create.append(vals)
        self.create(to_create)
        return len(to_create)

    def _prepare_vals(self, connection, item):
        currency = self.env["res.currency"].search(
            [("name", "=", item.currency)], limit=1
        )
        return {
            "connection_id": connection.id,
            "kind": item.kind,
            "external_id": item.external_id,
            "version": str(item.version),
            "number": item.number,
            "reference": item.reference,
            "payment_reference": item.payment_reference,
            "short_payment_reference": item.short_payment_reference,
            "contact_ref": item.contact_id,
            "partner_name": item.contact_name,
            "partner_iban": item.contact_iban,
            "date": item.date,
            "date_due": item.date_due,
            "amount_total": float(item.amount_total),
            "amount_open": float(item.amount_open),
            "currency_id": currency.id,
            "currency_code": item.currency,
            "status": item.state,
            "is_open": item.is_open,
            "url": item.url,
        }

    def action_open_remote(self):
        """Open the invoice at Moneybird, or its record here when it has no address."""
        self.ensure_one()
        if self.url and self.url.startswith(("https://", "http://127.0.0.1")):
            return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}
        return self.get_formview_action()
