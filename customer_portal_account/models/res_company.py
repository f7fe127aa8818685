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
        "named as payer on a contact sees that contact's invoices in both cases. "
        "Methods that the customer company saved follow the same choice.",
    )

    def write(self, vals):
        """Override of `write`: record rules are kept, and hold these choices."""
        if self._get_portal_scope_fields() & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def _get_portal_scope_fields(self):
        """Return the fields that say whose records members see. Extend it."""
        return {"portal_document_scope"}
