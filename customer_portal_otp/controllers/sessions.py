"""Where a member is signed in, and signing out there."""

from odoo.http import Controller, request, root, route


class Sessions(Controller):
    @route("/my/sessions", type="http", auth="user", website=True, sitemap=False)
    def portal_sessions(self, ended="", **kwargs):
        """List the visitor's own sessions."""
        values = {
            "page_name": "sessions",
            "devices": self._get_devices(),
            "is_ended": bool(ended),
        }
        return request.render("customer_portal_otp.portal_sessions", values)

    def _get_devices(self):
        """Return the visitor's living sessions, one row each, this one first.

        Sudo: Odoo lets staff alone read the list of devices; only the visitor's
        own rows are looked for.
        """
        devices_sudo = (
            request.env["res.device"]
            .sudo()
            .search([("user_id", "=", request.env.uid)], order="last_activity desc")
        )
        gone = root.session_store.get_missing_session_identifiers(
            devices_sudo.mapped("session_identifier")
        )
        seen = set(gone)
        newest = devices_sudo.browse()
        for device in devices_sudo:
            if device.session_identifier not in seen:
                seen.add(device.session_identifier)
                newest |= device
        return newest.sorted(lambda device: not device.is_current)

    @route(
        "/my/sessions/end",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_sessions_end(self, device_id="", **kwargs):
        """Sign out one other session, or all others without ``device_id``."""
        others = self._get_devices().filtered(lambda device: not device.is_current)
        chosen = others.filtered(lambda device: str(device.id) == device_id)
        ended = chosen if device_id else others
        if ended:
            ended._revoke()
            request.env["portal.member.event"]._record(
                "sign_out",
                request.env.user.partner_id,
                changes=[
                    ["", f"{device.display_name}, {device.ip_address}", ""]
                    for device in ended
                ],
            )
        return request.redirect("/my/sessions?ended=1", code=303)
