from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    portal_function_methods = fields.Boolean(
        string="Add and remove payment methods", default=True
    )
    portal_function_pay = fields.Boolean(string="Pay invoices", default=True)
    portal_document_scope = fields.Selection(
        [
            ("company", "Those of the whole customer company"),
            ("own", "Their own only"),
        ],
        string="Contacts See Invoices",
        default="company",
        required=True,
        help="Of a customer company with several contacts in the portal. Whoever is "
        "named as payer on a contact sees that contact's invoices in both cases.",
    )
