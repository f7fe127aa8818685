from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: a letter about what was just paid is called back."""
        partials = super().create(vals_list)
        # Whoever books a payment has no rights on letters.
        lines_sudo = self.env["dunning.message.line"].sudo()
        paid = lines_sudo.search(
            [
                ("move_line_id", "in", partials.debit_move_id.ids),
                ("message_id.state", "=", "waiting"),
            ]
        )
        paid.message_id._wake_call_back()
        return partials
