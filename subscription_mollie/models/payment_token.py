from odoo import fields, models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    mollie_customer_ref = fields.Char(
        string="Mollie Customer",
        readonly=True,
        groups="base.group_system",
        help="The customer at Mollie to whom the mandate belongs.",
    )
