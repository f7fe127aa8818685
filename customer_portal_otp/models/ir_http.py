import re
import time
from urllib.parse import urlencode

from werkzeug.exceptions import abort

from odoo import api, models
from odoo.exceptions import UserError
from odoo.http import SessionExpiredException, request

from ..const import PARAM, SEEN_STEP, SESSION_SEEN, SESSION_START

_LANGUAGE = re.compile(r"^/(?!my/)[A-Za-z]{2,3}(_[A-Za-z@]+)?(?=/)")
_SWITCHED = ("/my/", "/payment/", "/invoice/")
_MEMBER_PAGE = re.compile(r"^(/[A-Za-z]{2,3}(_[A-Za-z@]+)?)?/my(/|$)")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _authenticate_explicit(cls, auth):
        """Override of `_authenticate_explicit` to end sessions opened by code."""
        cls._follow_asked_language()
        session = request.session
        if session.uid is not None and SESSION_START in session:
            if cls._is_code_session_over():
                session.logout(keep_db=True)
                request.env = api.Environment(request.env.cr, None, session.context)
            elif time.time() - session.get(SESSION_SEEN, 0) > SEEN_STEP:
                session[SESSION_SEEN] = time.time()
        return super()._authenticate_explicit(auth)

    @classmethod
    def _follow_asked_language(cls):
        """Keep the language that a link into the member's area asks for.

        ``/my/invoices?lang=nl_NL`` (or ``lang=nl``), as organisations put it into
        their websites and mails, goes on to the page itself in that language. The
        choice is written when the member is known, so a visitor's link cannot
        change anything of somebody who is signed in with a broken session.
        """
        http_request = request.httprequest
        asked = http_request.args.get("lang")
        if (
            not asked
            or http_request.method != "GET"
            or not _MEMBER_PAGE.match(http_request.path)
        ):
            return
        rest = [(k, v) for k, v in http_request.args.items(multi=True) if k != "lang"]
        path = http_request.path + (f"?{urlencode(rest)}" if rest else "")
        offered = request.env["res.lang"].sudo()._get_frontend()
        code = next((c for c in offered if asked in (c, c.split("_")[0])), None)
        query = urlencode({"code": code or "", "redirect": path})
        abort(request.redirect(f"/my/language?{query}", code=303))

    @classmethod
    def _is_code_session_over(cls):
        """Whether a session by code was idle too long, or is too old."""
        params = request.env["ir.config_parameter"].sudo()
        idle = params.get_param(PARAM % "idle_minutes") or 30
        hours = params.get_param(PARAM % "session_hours") or 12
        now, session = time.time(), request.session
        return (
            now - session.get(SESSION_SEEN, 0) > float(idle) * 60
            or now - session[SESSION_START] > float(hours) * 3600
        )

    # === SWITCHES === #

    @classmethod
    def _get_portal_functions(cls):
        """Return {function: pattern of the paths that belong to it}. Extend it.

        Each needs a Boolean ``portal_function_<name>`` on the company. A path here is
        one that changes something or leads to changing it, not one that only shows.
        """
        return {
            "details": r"/my/(address(/submit|/archive)?|email(/.*)?)",
            "data": r"/my/data(/.*)?",
        }

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Override of `_pre_dispatch` to keep closed what the organisation closed."""
        super()._pre_dispatch(rule, args)
        path = _LANGUAGE.sub("", request.httprequest.path)
        if not path.startswith(_SWITCHED) or not request.env.user._is_portal():
            return
        company = request.env.user.company_id.sudo()
        for name in company._get_closed_portal_functions():
            if re.fullmatch(cls._get_portal_functions()[name], path):
                cls._refuse_closed()

    @classmethod
    def _refuse_closed(cls):
        message = request.env._("This is not possible here at the moment.")
        if request.dispatcher.routing_type != "http":
            raise UserError(message)
        abort(request.redirect("/my?closed=1", code=303))

    @classmethod
    def _handle_error(cls, exception):
        """Override of `_handle_error` to send members to their own sign-in page.

        Pages below /my are the member's area; all else keeps /web/login.
        """
        response = super()._handle_error(exception)
        path = request.httprequest.path
        if isinstance(exception, SessionExpiredException) and _MEMBER_PAGE.match(path):
            location = getattr(response, "location", None) or ""
            head, login, query = location.partition("/web/login")
            if login:
                response.location = f"{head}/my/sign-in{query}"
        return response

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Override of `_get_translation_frontend_modules_name` for our scripts."""
        return [
            *super()._get_translation_frontend_modules_name(),
            "customer_portal_otp",
        ]
