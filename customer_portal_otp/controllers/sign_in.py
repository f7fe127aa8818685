import logging

from odoo.exceptions import AccessDenied, UserError
from odoo.http import Controller, request, route
from odoo.tools import email_normalize

from ..const import COOKIE, COOKIE_SECONDS, CREDENTIAL
from ..engine.ask import PROVEN
from ..engine.visitor import local_path
from .code_mixin import CodeMixin
from .language import apply_member_language

_logger = logging.getLogger(__name__)


class SignIn(CodeMixin, Controller):
    """Sign-in by code: address, code, and (shared mailbox) who to continue as.

    A known and an unknown address take the same way through this file: nothing
    here looks the address up before the code is proven.
    """

    # === ADDRESS === #

    @route("/my/sign-in", type="http", auth="public", website=True, sitemap=False)
    def portal_sign_in(self, redirect=None, email="", **kwargs):
        """The one field: GET shows it, POST sends a code."""
        target = local_path(redirect)
        if self._is_signed_in() and not self._is_preview(kwargs):
            return request.redirect(target)
        if request.httprequest.method != "POST" or self._is_signed_in():
            return self._render_start(email=email, redirect=target)
        address = email_normalize(email or "", strict=True)
        if not address:
            message = request.env._("This is not an e-mail address.")
            return self._render_start(email=email, redirect=target, error=message)
        return self._ask_code(address, target)

    def _is_preview(self, params):
        """Whether staff looks at the page from the settings; it sends nothing then."""
        return "preview" in params and request.env.user._is_internal()

    def _ask_code(self, address, target):
        try:
            old = self._find_challenge()
            if old.email == address and old._get_wait_seconds() and old._is_open():
                return request.redirect("/my/sign-in/code", code=303)
            self._check_captcha()
            asked = self._challenges()._ask(self._prepare_ask(address, target))
        except UserError as err:
            return self._render_refused(err, address, target)
        if asked.reason:
            return self._render_start(
                email=address, redirect=target, error=self._get_limit_text(asked.reason)
            )
        if self._is_told_unknown(address):
            message = request.env._("We do not know this e-mail address.")
            return self._render_start(email=address, redirect=target, error=message)
        self._set_cookie(COOKIE, asked.token, COOKIE_SECONDS)
        return request.redirect("/my/sign-in/code", code=303)

    def _is_told_unknown(self, address):
        """Whether the page itself says that an address is unknown (by switch)."""
        company = self._get_company().sudo()
        return company.portal_sign_in_unknown == "page" and not request.env[
            "res.partner"
        ]._get_sign_in_partners(address, company)

    # === CODE === #

    @route("/my/sign-in/code", type="http", auth="public", website=True, sitemap=False)
    def portal_sign_in_code(self, code="", **kwargs):
        """The code: GET shows the field, POST checks what was typed."""
        if self._is_signed_in():
            return request.redirect("/my")
        try:
            challenge = self._find_challenge()
            if not challenge:
                return self._render_start(info=self._get_other_browser_text())
            if request.httprequest.method != "POST":
                return self._render_code(challenge)
            return self._check_code(challenge, code)
        except UserError as err:
            return self._render_refused(err)

    def _check_code(self, challenge, code):
        if challenge._is_proven():
            return request.redirect("/my/sign-in/continue", code=303)
        proof = challenge._prove(
            request.cookies.get(COOKIE), code, self._is_known_device(challenge.email)
        )
        if proof.outcome == PROVEN:
            # The proof is written in a transaction of its own, which this one
            # does not see: what follows is a request of its own.
            return request.redirect("/my/sign-in/continue", code=303)
        return self._render_code(challenge, error=self._get_code_text(proof))

    # === CONTINUE AS === #

    @route(
        "/my/sign-in/continue", type="http", auth="public", website=True, sitemap=False
    )
    def portal_sign_in_continue(self, partner_id="", **kwargs):
        """After the proof: sign in, or choose among those who share the mailbox."""
        if self._is_signed_in():
            return request.redirect("/my")
        challenge = self._find_challenge()
        if not challenge._is_proven():
            return request.redirect("/my/sign-in", code=303)
        partners = challenge._get_sign_in_partners()
        if request.httprequest.method == "POST":
            chosen = partners.filtered(lambda partner: str(partner.id) == partner_id)
            return self._sign_in(challenge, chosen)
        if len(partners) == 1:
            return self._sign_in(challenge, partners)
        if not partners:
            return self._render_start(info=self._get_no_member_text())
        return self._render_choice(challenge, partners)

    def _sign_in(self, challenge, partner):
        user = partner and partner._get_sign_in_user(challenge.company_id)
        if not user:
            return request.redirect("/my/sign-in", code=303)
        target, email = local_path(challenge.redirect), challenge.email
        credential = {
            "type": CREDENTIAL,
            "login": user.login,
            "token": request.cookies.get(COOKIE),
        }
        try:
            auth_info = request.session.authenticate(request.env, credential)
        except AccessDenied as err:
            plain = err.args == AccessDenied().args
            message = self._get_code_text(None) if plain else err.args[0]
            return self._render_start(email=email, redirect=target, error=message)
        self._set_cookie(COOKIE, "", 0)
        self._remember_device(email)
        target = apply_member_language(user, target)
        if not request.session.uid:
            # A second factor comes first.
            user_sudo = request.env["res.users"].sudo().browse(auth_info["uid"])
            return request.redirect_query(
                user_sudo._mfa_url(), {"redirect": target}, code=303
            )
        return request.redirect(target, code=303)

    def _is_signed_in(self):
        return not request.env.user._is_public() and bool(request.session.uid)

    # === TEXTS AND PAGES === #

    def _get_other_browser_text(self):
        return request.env._(
            "A code works only in the browser that asked for it. Enter your e-mail "
            "address to get one here."
        )

    def _get_no_member_text(self):
        return request.env._(
            "There is nothing to open for this address. Please contact us."
        )

    def _render_refused(self, err, email="", redirect="/my"):
        _logger.error("Sign-in by code is not available: %s", err.args[0])
        message = request.env._(
            "Signing in by code is not available right now. Please use your password "
            "or contact us."
        )
        return self._render_start(email=email, redirect=redirect, error=message)

    def _render_start(self, email="", redirect="/my", error="", info=""):
        values = {"email": email, "redirect": redirect, "error": error, "info": info}
        return self._render("customer_portal_otp.sign_in_start", values)

    def _render_choice(self, challenge, partners):
        values = {"partners": partners, "email": challenge.email}
        return self._render("customer_portal_otp.sign_in_choice", values)
