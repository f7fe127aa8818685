from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    """Uninstalling is refused with words while it would lose what must be kept."""

    _inherit = "ir.module.module"

    def _uninstall_blockers(self) -> list[str]:
        """Return why these addons cannot be uninstalled now, in sentences.

        ``self`` holds all addons that would go. Extend ``super()``'s list.
        """
        blockers = []
        if "connection_base" in self.mapped("name"):
            connections = (
                self.env["service.connection"]
                .sudo()
                .search([("state", "!=", "disconnected")])
            )
            if connections:
                blockers.append(
                    self.env._(
                        "These services are connected: %(names)s. Disconnect them "
                        "first in Settings, Integrations.",
                        names=", ".join(connections.mapped("name")),
                    )
                )
        return blockers

    def _check_uninstall_blockers(self):
        if blockers := (self | self.downstream_dependencies())._uninstall_blockers():
            raise UserError("\n".join(blockers))

    def button_uninstall(self):
        """Override of `base` to refuse while something would be lost."""
        self._check_uninstall_blockers()
        return super().button_uninstall()

    def button_immediate_uninstall(self):
        """Override of `base` to refuse while something would be lost."""
        self._check_uninstall_blockers()
        return super().button_immediate_uninstall()

    def module_uninstall(self):
        """Override of `base` to refuse before the first table is dropped."""
        if blockers := self._uninstall_blockers():
            raise UserError("\n".join(blockers))
        return super().module_uninstall()
