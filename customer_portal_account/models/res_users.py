from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_portal_payee_ids(self):
        """Return the ids of the contacts whom this user pays for, for record rules.

        Ids and not a path through the contact: a join would have each list of invoices
        read all of them. Odoo keeps the result with the rule; it is forgotten whenever
        a payer changes.
        """
        self.ensure_one()
        # Sudo: members read no other contacts; only ids leave here, for the rule.
        return (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("portal_payer_id", "=", self.partner_id.id)])
            .ids
        )
