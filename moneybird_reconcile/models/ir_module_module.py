from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _uninstall_blockers(self):
        """Override of `connection_base`: booked receipts keep this addon in place."""
        blockers = super()._uninstall_blockers()
        if "moneybird_reconcile" in self.mapped("name"):
            # Every company counts, whatever the administrator sees.
            live = (
                self.env["matching.booking"]
                .sudo()
                .search_count([("is_live", "=", True)])
            )
            if live:
                blockers.append(
                    self.env._(
                        "Payments: %(count)s receipts are booked. Uninstalling would "
                        "lose what they were matched to. Disconnect the services "
                        "instead.",
                        count=live,
                    )
                )
        return blockers
