from odoo import fields, models


class SubscriptionExternalInvoiceLine(models.Model):
    _name = "subscription.external.invoice.line"
    _description = "External Invoice Line"
    _order = "id"

    invoice_id = fields.Many2one(
        "subscription.external.invoice", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="invoice_id.company_id", store=True)
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    name = fields.Char(string="Description")
    quantity = fields.Float(default=1.0)
    amount_untaxed = fields.Monetary(string="Without Tax")
    amount_total = fields.Monetary(string="Total")
    tax_percent = fields.Float(string="Tax (%)", digits=(6, 3))
    is_taxed = fields.Boolean(help="The service named a rate, be it 0.")
    tax_country_id = fields.Many2one("res.country", string="Tax of")
