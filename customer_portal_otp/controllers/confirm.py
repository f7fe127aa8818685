"""Who is signed in shows again who he is: a fresh code before what matters."""

import logging
import time
from functools import wraps

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..const import (
    CONFIRM,
    COOKIE,
    COOKIE_SECONDS,
    FRESH_SECONDS,
    IDENTITY_CHECK,
    SESSION_START,
)
from ..engine.ask import PROVEN
from ..engine.visitor import local_path
from .code_mixin import CodeMixin

_logger = logging.getLogger(__name__)


def is_fresh():
    """Whether the visitor showed who he is within the last ten minutes.

    Asked of members alone: staff have Odoo's own check of the password. A member
    without an e-mail address can get no code and signed in with a password.
    """
    user = request.env.user
    if not user._is_portal() or not user.partner_id.email_normalized:
        return True
    if getattr(request, "is_member_preview", False):
        # Staff looks at what the member sees; nothing can be changed there.
        return True
    since = time.time() - request.session.get(IDENTITY_CHECK, 0)
    return since < FRESH_SECONDS


def fresh_code_first(page):
    """Route decorator: a member without a fresh code gives one first.

    :param str page: local path to come back to after the code
    """

    def decorate(method):
        @wraps(method)
        def guarded(self, *args, **kwargs):
            if is_fresh():
                return method(self, *args, **kwargs)
            return request.redirect_query("/my/confirm", {"redirect": page}, code=303)

        return guarded

    return decorate


class MemberCode(CodeMixin):
    """A code for somebody who is signed in: asked for, typed, used once.

    Say in the class what it is for (``purpose``) and where its pages are
    (``page``).
    """

    purpose = ""
    page = ""

    def _send_code(self, address, target):
        """Mail a code and show where to type it.

        :return: the response, and the limit's text where no code was sent
        """
        old = self._find_own_challenge()
        if not (old.email == address and old._get_wait_seconds() and old._is_open()):
            ask = self._prepare_ask(
                address, target, purpose=self.purpose, user_id=request.env.uid
            )
            try:
                asked = self._challenges()._ask(ask)
            except UserError as err:
                _logger.error("Code for a member is not available: %s", err.args[0])
                return None, request.env._("No code can be sent right now.")
            if asked.reason:
                return None, self._get_limit_text(asked.reason)
            self._set_cookie(COOKIE, asked.token, COOKIE_SECONDS)
        return request.redirect(f"{self.page}/code", code=303), ""

    def _find_own_challenge(self):
        challenge = self._find_challenge(self.purpose)
        return challenge.filtered(lambda found: found.user_id == request.env.user)

    def _type_code(self, code):
        """Show the field for the code, or check what was typed in it."""
        challenge = self._find_own_challenge()
        if not challenge:
            return request.redirect(self.page, code=303)
        if challenge._is_proven(self.purpose, request.env.user):
            return request.redirect(f"{self.page}/done", code=303)
        error = ""
        if request.httprequest.method == "POST":
            proof = challenge._prove(request.cookies.get(COOKIE), code, is_trusted=True)
            if proof.outcome == PROVEN:
                # Proven in a transaction of its own: used in the next request.
                return request.redirect(f"{self.page}/done", code=303)
            error = self._get_code_text(proof)
        return self._render_code(
            challenge, error, page=self.page, is_member=True, back="/my"
        )

    def _use_code(self):
        """Use the proven code; return (address, target) or nothing."""
        challenge = self._find_own_challenge()
        if not challenge._is_proven(self.purpose, request.env.user):
            return None
        found = challenge.email, local_path(challenge.redirect)
        if not challenge._consume():
            return None
        self._set_cookie(COOKIE, "", 0)
        return found


class Confirm(MemberCode, Controller):
    """The fresh code, to the address on file."""

    purpose = CONFIRM
    page = "/my/confirm"

    @route("/my/confirm", type="http", auth="user", website=True, sitemap=False)
    def portal_confirm(self, redirect=None, **kwargs):
        """Offer to send a code (GET), send it (POST)."""
        target, error = local_path(redirect), ""
        if is_fresh():
            return request.redirect(target, code=303)
        address = request.env.user.partner_id.email_normalized
        if request.httprequest.method == "POST":
            response, error = self._send_code(address, target)
            if response:
                return response
        values = {"redirect": target, "error": error, "email": address}
        return self._render("customer_portal_otp.confirm_start", values)

    @route("/my/confirm/code", type="http", auth="user", website=True, sitemap=False)
    def portal_confirm_code(self, code="", **kwargs):
        return self._type_code(code)

    @route("/my/confirm/done", type="http", auth="user", website=True, sitemap=False)
    def portal_confirm_done(self, **kwargs):
        """Note in the session that the code was right, and go on."""
        found = self._use_code()
        if not found:
            return request.redirect("/my/confirm", code=303)
        request.session[IDENTITY_CHECK] = time.time()
        if SESSION_START in request.session:
            # What was proven belongs to a session that nobody else has seen.
            request.session.should_rotate = True
        return request.redirect(found[1], code=303)
