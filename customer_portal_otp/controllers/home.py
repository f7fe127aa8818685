"""The first page of the member's area: four places, and what waits for the member."""

from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal


class MemberHome(CustomerPortal):
    @route()
    def home(self, more="", **kwargs):
        """Override of `home` to show the places, not a card of each module.

        Odoo's own cards come with ``more``, or instead where the organisation wants
        them.
        """
        user = request.env.user
        # Sudo: members read no settings of the company.
        if more or user.company_id.sudo().is_portal_all_cards:
            return super().home(**kwargs)
        partner = user.partner_id.with_env(request.env)
        values = self._prepare_portal_layout_values()
        values |= self._prepare_home_portal_values([])
        values |= {
            "places": sorted(
                partner._get_portal_places(), key=lambda place: place["sequence"]
            ),
            "alerts": [*self._get_quotation_alerts(), *partner._get_portal_alerts()],
        }
        return request.render("customer_portal_otp.member_home", values)

    def _get_quotation_alerts(self):
        """Offers that wait for an answer, where Odoo's sales are installed."""
        counts = self._prepare_home_portal_values(["quotation_count"])
        if count := counts.get("quotation_count"):
            return [(count, request.env._("Quotations to review"), "/my/quotes")]
        return []

    def _prepare_home_portal_values(self, counters):
        """Override of `_prepare_home_portal_values` to offer a passkey there too."""
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["is_passkey_offered"] = request.env.user._is_passkey_offered()
        return values
