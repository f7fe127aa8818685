from odoo import fields, models


class PortalMemberEvent(models.Model):
    _inherit = "portal.member.event"

    kind = fields.Selection(
        selection_add=[("subscription", "Subscription changed")],
        ondelete={"subscription": "cascade"},
    )

    def _is_noted(self):
        """Override of `_is_noted`: changes of a subscription are in the chatter."""
        return self.kind == "subscription" or super()._is_noted()
