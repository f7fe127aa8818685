from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    portal_function_subscriptions = fields.Boolean(
        string="Pause, change and cancel subscriptions", default=True
    )
    portal_subscription_scope = fields.Selection(
        [
            ("own", "Their own only"),
            ("company", "Those of the whole customer company"),
        ],
        string="Contacts See Subscriptions",
        default="own",
        required=True,
        help="Of a customer company with several contacts in the portal. Whoever is "
        "named as payer on a contact sees that contact's subscriptions in both cases. "
        "Each contact changes only what is theirs.",
    )

    def _get_portal_scope_fields(self):
        """Override of `_get_portal_scope_fields` to add subscriptions."""
        return super()._get_portal_scope_fields() | {"portal_subscription_scope"}
