from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    portal_payer_id = fields.Many2one(
        "res.partner",
        string="Guardian or Payer",
        index="btree_not_null",
        copy=False,
        help="Sees the invoices of this contact in the portal and can pay them: a "
        "parent, a guardian, an employer.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: whom somebody pays for is part of the record rules."""
        if any(vals.get("portal_payer_id") for vals in vals_list):
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """Override of `write`: as `create`."""
        if "portal_payer_id" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.constrains("portal_payer_id")
    def _check_portal_payer_id(self):
        for partner in self:
            if partner.portal_payer_id == partner:
                raise ValidationError(
                    self.env._("Nobody is named as the own guardian or payer.")
                )
