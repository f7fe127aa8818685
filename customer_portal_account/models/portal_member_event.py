from odoo import fields, models


class PortalMemberEvent(models.Model):
    _inherit = "portal.member.event"

    kind = fields.Selection(
        selection_add=[
            ("method_added", "Payment method added"),
            ("method_removed", "Payment method removed"),
            ("payment", "Payment started"),
        ],
        ondelete={
            "method_added": "cascade",
            "method_removed": "cascade",
            "payment": "cascade",
        },
    )

    def _is_noted(self):
        """Override of `_is_noted`: methods are in the chatter, payments are not."""
        return self.kind.startswith("method_") or super()._is_noted()
