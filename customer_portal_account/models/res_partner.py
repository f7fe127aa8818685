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

    @api.constrains("portal_payer_id")
    def _check_portal_payer_id(self):
        for partner in self:
            if partner.portal_payer_id == partner:
                raise ValidationError(
                    self.env._("Nobody is named as the own guardian or payer.")
                )
