from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal


class OutsidePortal(CustomerPortal):
    """Purchases of a member that Plug&Pay keeps: straight on to its own portal."""

    def _prepare_home_portal_values(self, counters):
        """Override of `_prepare_home_portal_values` for the card of the first page."""
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["has_outside_purchases"] = bool(self._get_outside_connection())
        return values

    def _get_outside_connection(self):
        """Return the connection that keeps something of the visitor.

        Sudo: members see no connections; only the portal's address leaves here.
        """
        connections_sudo = request.env["service.connection"].sudo()
        outside = [("provider", "=", "plugandpay")]
        if not connections_sudo.search_count(outside, limit=1):
            return connections_sudo
        partner = request.env.user.partner_id
        mine = [
            ("partner_id", "child_of", [partner.id]),
            ("connection_id.provider", "=", "plugandpay"),
        ]
        for model in ("subscription.subscription", "subscription.external.invoice"):
            if found := request.env[model].sudo().search(mine, limit=1):
                return found.connection_id
        return connections_sudo

    @route("/my/purchases", type="http", auth="user", website=True, readonly=True)
    def portal_my_purchases(self, **_kwargs):
        """Go on to Plug&Pay's portal, or say which of the two is missing (H12, H13)."""
        connection_sudo = self._get_outside_connection()
        if not connection_sudo:
            return request.redirect("/my/subscriptions")
        if not connection_sudo._get_missing_for_members():
            return request.redirect(connection_sudo.plugandpay_portal_url, local=False)
        return request.render(
            "subscription_connector.portal_outside_missing",
            self._prepare_portal_layout_values()
            | {
                "page_name": "subscription",
                "is_connected": connection_sudo.state in ("connected", "error"),
                "has_portal": bool(connection_sudo.plugandpay_portal_url),
            },
        )
