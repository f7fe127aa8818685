from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _uninstall_blockers(self):
        """Override of `connection_base` to keep what was sent to debtors."""
        blockers = super()._uninstall_blockers()
        if "postal_dunning" not in self.mapped("name"):
            return blockers
        # Every company counts, whoever asks.
        messages_sudo = self.env["dunning.message"].sudo()
        letters_sudo = self.env["snailmail.letter"].sudo()
        if messages_sudo.search_count([], limit=1) or letters_sudo.search_count(
            [("transport", "=", "pingen")], limit=1
        ):
            blockers.append(
                self.env._(
                    "Collections keeps messages and letters that were sent to "
                    "debtors. Disconnect Pingen and switch off the policies instead; "
                    "the history then stays readable."
                )
            )
        return blockers
