from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _uninstall_blockers(self):
        """Override of `connection_base`: never drop what charges are found by."""
        blockers = super()._uninstall_blockers()
        if "subscription_mollie" not in self.mapped("name"):
            return blockers
        # Sudo: the question is whether there is any record, in any company.
        methods = (
            self.env["payment.token"]
            .sudo()
            .search_count([("mollie_customer_ref", "!=", False)])
        )
        under_way = (
            self.env["payment.transaction"]
            .sudo()
            .search_count(
                [
                    ("provider_code", "=", "mollie"),
                    ("operation", "in", ("offline", "refund")),
                    ("state", "in", ("draft", "pending")),
                ]
            )
        )
        if methods or under_way:
            blockers.append(
                self.env._(
                    "Mollie: %(methods)s saved methods rest on a mandate, and "
                    "%(under_way)s charges or refunds are under way. Uninstalling "
                    "would lose the mandates, and a charge could be made twice. "
                    "Archive these methods and wait for the bank first.",
                    methods=methods,
                    under_way=under_way,
                )
            )
        return blockers
