"""A new e-mail address: confirmed at the new one, announced at the old one."""

from odoo.http import Controller, request, route
from odoo.tools import email_normalize

from ..const import NEW_EMAIL
from .confirm import MemberCode, fresh_code_first


class NewEmail(MemberCode, Controller):
    purpose = NEW_EMAIL
    page = "/my/email"

    @route("/my/email", type="http", auth="user", website=True, sitemap=False)
    @fresh_code_first("/my/email")
    def portal_email(self, email="", **kwargs):
        """Ask for the new address (GET), send a code there (POST)."""
        error = ""
        if request.httprequest.method == "POST":
            address = email_normalize(email, strict=True)
            response, error = self._ask_at(address)
            if response:
                return response
        partner_sudo = request.env.user.partner_id
        values = {"current": partner_sudo.email, "email": email, "error": error}
        return self._render("customer_portal_otp.email_start", values)

    def _ask_at(self, address):
        if not request.env.user._is_portal():
            return None, request.env._("Staff change their address in the settings.")
        if not address:
            return None, request.env._("This is not an e-mail address.")
        if address == request.env.user.partner_id.email_normalized:
            return None, request.env._("This is your address already.")
        return self._send_code(address, "/my/account")

    @route("/my/email/code", type="http", auth="user", website=True, sitemap=False)
    def portal_email_code(self, code="", **kwargs):
        return self._type_code(code)

    @route("/my/email/done", type="http", auth="user", website=True, sitemap=False)
    @fresh_code_first("/my/email")
    def portal_email_done(self, **kwargs):
        """Write the address that was confirmed and tell the old one."""
        found = self._use_code()
        if not found:
            return request.redirect("/my/email", code=303)
        user_sudo = request.env.user.sudo()
        user_sudo._change_member_email(found[0])
        # The login is part of what a session is signed with: all others end.
        request.session.session_token = user_sudo._compute_session_token(
            request.session.sid
        )
        return request.redirect("/my/account?email_changed=1", code=303)
