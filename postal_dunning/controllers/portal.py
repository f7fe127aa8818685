from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount


class PortalCommunication(PortalAccount):
    """The member's own choice of channel."""

    def _prepare_my_account_rendering_values(self, *args, **kwargs):
        """Override of `account`: post is offered where letters are switched on."""
        values = super()._prepare_my_account_rendering_values(*args, **kwargs)
        if request.env.company.sudo().letter_transport == "none":
            values["invoice_sending_methods"].pop("snailmail", None)
        return values
