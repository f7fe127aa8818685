from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_subscription_sequence()
        return companies

    def _create_subscription_sequence(self):
        """Give each company its own numbers for subscriptions."""
        sequence_sudo = self.env["ir.sequence"].sudo()
        existing = sequence_sudo.search(
            [
                ("code", "=", "subscription.subscription"),
                ("company_id", "in", self.ids),
            ]
        ).company_id
        sequence_sudo.create(
            [
                {
                    "name": "Subscription",
                    "code": "subscription.subscription",
                    "prefix": "SUB",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self - existing
            ]
        )
