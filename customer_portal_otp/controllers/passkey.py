"""A passkey is offered to who signed in by code; "not now" is kept."""

from odoo.http import Controller, request, route

from ..engine.visitor import local_path


class PasskeyOffer(Controller):
    @route(
        "/my/passkey/later",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_passkey_later(self, redirect="/my", **kwargs):
        """Do not offer it to this member again."""
        # Sudo: members write nothing on users; this is their own answer.
        request.env.user.sudo().is_passkey_declined = True
        return request.redirect(local_path(redirect), code=303)
