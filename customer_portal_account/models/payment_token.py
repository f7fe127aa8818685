from odoo import api, models
from odoo.http import request


class PaymentToken(models.Model):
    _inherit = "payment.token"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: a method saved in the portal is on the timeline."""
        tokens = super().create(vals_list)
        if request:
            for token in tokens:
                token._record_member_event("method_added", "", token.display_name)
        return tokens

    @api.model
    def _get_available_tokens(
        self, providers_ids, partner_id, is_validation=False, **kwargs
    ):
        """Override of `_get_available_tokens`: on the page of methods those of the
        customer company only where its contacts see its documents.
        """
        tokens = super()._get_available_tokens(
            providers_ids, partner_id, is_validation=is_validation, **kwargs
        )
        if is_validation and self._is_own_only():
            return tokens.filtered(lambda token: token.partner_id.id == partner_id)
        return tokens

    @api.model
    def _is_own_only(self):
        """Whether the visitor is a member who sees only what is his own."""
        user = self.env.user
        # Sudo: members read no settings of the company.
        scope = user.company_id.sudo().portal_document_scope
        return user._is_portal() and scope == "own"

    def _handle_archiving(self):
        """Override of `_handle_archiving`: so is one that a member removes."""
        res = super()._handle_archiving()
        if request:
            for token in self:
                token._record_member_event("method_removed", token.display_name, "")
        return res

    def _record_member_event(self, kind, old, new):
        """Note it for the member; what staff does is not his doing.

        A provider may confirm the method in a request of its own, without a session:
        that is still the member's doing.
        """
        user = self.env.user
        if user._is_public():
            user = self.partner_id.sudo().user_ids[:1]
        if user and user._is_portal():
            self.env["portal.member.event"]._record(
                kind, self.partner_id, user=user, changes=[["", old, new]]
            )
