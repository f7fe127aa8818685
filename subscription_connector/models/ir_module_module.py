from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _uninstall_blockers(self):
        """Override of `connection_base`: never drop what proves the billing."""
        blockers = super()._uninstall_blockers()
        if "subscription_connector" not in self.mapped("name"):
            return blockers
        # Sudo: the question is whether there is any record, in any company.
        periods = self.env["subscription.period"].sudo().search_count([], limit=1)
        running = (
            self.env["subscription.subscription"]
            .sudo()
            .search_count([("state", "in", ("planned", "active", "paused"))], limit=1)
        )
        if periods or running:
            blockers.append(
                self.env._(
                    "Subscriptions have been billed or are running. Uninstalling would "
                    "delete which periods were billed and charged, and they could be "
                    "billed a second time. End the subscriptions and archive their "
                    "plans instead."
                )
            )
        return blockers
