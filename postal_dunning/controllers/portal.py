from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount


class PortalCommunication(PortalAccount):
    """The member's own choice of channel."""

    def _prepare_my_account_rendering_values(self, *args, **kwargs):
        """Override of `account`: post is offered where letters are switched on."""
        values = super()._prepare_my_account_rendering_values(*args, **kwargs)
        company = request.env.company
        if company.sudo().letter_transport == "none":
            values["invoice_sending_methods"].pop("snailmail", None)
        partners = request.env["res.partner"]
        values["communication_channels"] = partners._get_portal_channels(company)
        return values

    def _validate_address_values(self, address_values, *args, **kwargs):
        """Override of `portal` to take only a channel that was offered."""
        invalid, missing, words = super()._validate_address_values(
            address_values, *args, **kwargs
        )
        wanted = address_values.get("communication_channel")
        partners = request.env["res.partner"]
        if wanted and wanted not in partners._get_portal_channels(request.env.company):
            invalid.add("communication_channel")
            words.append(request.env._("This channel is not offered."))
        return invalid, missing, words
