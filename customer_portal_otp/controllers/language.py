"""The member's language: the browser's at first, then the member's choice, kept."""

from odoo.http import Controller, request, route

from ..engine.visitor import local_path

CHOSEN = "portal_lang_chosen"


class Language(Controller):
    @route("/my/language", type="http", auth="public", website=True, sitemap=False)
    def portal_language(self, code="", redirect="/my/sign-in", **kwargs):
        """Change the language and keep the choice.

        :param str code: language code; anything not offered is ignored
        :param str redirect: local path of the page to show in that language
        """
        target = local_path(redirect, "/my/sign-in")
        if code not in request.env["res.lang"]._get_frontend():
            return request.redirect(target, code=303)
        user = request.env.user
        if user._is_public():
            request.session[CHOSEN] = code
        elif user._is_portal():
            keep_language(user, code)
        return request.redirect(in_language(target, code), code=303)


def in_language(target, code):
    """Return the local path in a language and let the browser remember it."""
    request.future_response.set_cookie("frontend_lang", code)
    return request.env["ir.http"]._url_lang(target, code)


def keep_language(user, code):
    """Write the member's choice: pages, mails and invoices follow it."""
    user_sudo = user.sudo()
    partner, old = user_sudo.partner_id, user_sudo.lang
    user_sudo.is_portal_lang_chosen = True
    if old != code:
        partner.lang = code
        request.env["portal.member.event"]._record(
            "language", partner, user=user_sudo, changes=[["", old, code]]
        )


def apply_member_language(user, target):
    """After sign-in: keep what was chosen on the way in, or use the kept choice.

    :param user: ``res.users`` who signed in
    :param str target: local path to go to
    :return: the path, in the member's language where there is one
    """
    chosen = request.session.pop(CHOSEN, None)
    if chosen and user._is_portal():
        keep_language(user, chosen)
    offered = request.env["res.lang"]._get_frontend()
    if user.is_portal_lang_chosen and user.lang in offered:
        return in_language(target, user.lang)
    return target
