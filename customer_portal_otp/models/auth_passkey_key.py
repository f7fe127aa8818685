from odoo import api, models
from odoo.http import request


class AuthPasskeyKey(models.Model):
    _inherit = "auth.passkey.key"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: a passkey that a member adds is on his timeline."""
        keys = super().create(vals_list)
        keys._record_member_event(lambda name: ["", "", name])
        return keys

    def unlink(self):
        """Override of `unlink`: so is one that he removes."""
        self._record_member_event(lambda name: ["", name, ""])
        return super().unlink()

    def _record_member_event(self, get_change):
        user = self.env.user
        if request and self and user._is_portal():
            changes = [get_change(key.name) for key in self]
            self.env["portal.member.event"]._record(
                "passkey", user.partner_id, changes=changes
            )
