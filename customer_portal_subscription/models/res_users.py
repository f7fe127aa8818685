from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_portal_shared_ids(self):
        """Return the contact whose subscriptions, with those below it, are shared.

        For record rules, which Odoo keeps: forgotten when the company's choice changes.

        :return: ids, none where contacts see only their own
        """
        self.ensure_one()
        if self.company_id.sudo().portal_subscription_scope != "company":
            return []
        return self.partner_id.commercial_partner_id.ids
