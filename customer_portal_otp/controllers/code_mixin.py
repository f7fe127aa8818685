import time

from odoo.http import request

from ..const import COOKIE, DEVICE_COOKIE, DEVICE_SECONDS, SIGN_IN
from ..engine.ask import CLOSED, PAUSED, WRONG, Ask
from ..engine.visitor import local_path


class CodeMixin:
    """What all pages that ask for a mailed code share: cookies, texts, frame."""

    # === ASKING === #

    def _prepare_ask(self, address, target, **values):
        agent = request.httprequest.user_agent
        device = " ".join(p.capitalize() for p in (agent.browser, agent.platform) if p)
        return Ask(
            email=address,
            ip=request.httprequest.remote_addr or "",
            lang=request.env.lang or "",
            company_id=self._get_company().id,
            base_url=request.httprequest.url_root.rstrip("/"),
            redirect=target,
            device=device,
            old_token=request.cookies.get(COOKIE, ""),
            is_known_device=self._is_known_device(address),
            **values,
        )

    def _get_company(self):
        """The company of this website, or of this database."""
        website = getattr(request, "website", None)
        return website.company_id if website else request.env.company

    def _check_captcha(self):
        """Ask the captcha service, where one is configured, from the third code on."""
        requests = request.env["portal.sign.in.request"]
        if requests._needs_captcha(request.httprequest.remote_addr or ""):
            request.env["ir.http"]._verify_request_recaptcha_token("portal_sign_in")

    # === COOKIES === #

    def _find_challenge(self, purpose=SIGN_IN):
        """Return this browser's code for a purpose (empty when there is none)."""
        challenge = self._challenges()._find(request.cookies.get(COOKIE))
        return challenge.filtered(lambda found: found.purpose == purpose)

    def _challenges(self):
        return request.env["portal.sign.in.challenge"].sudo()

    def _set_cookie(self, name, value, seconds):
        request.future_response.set_cookie(
            name,
            value,
            max_age=seconds,
            expires=None,
            httponly=True,
            samesite="Lax",
            secure=request.httprequest.scheme == "https",
        )

    def _remember_device(self, email):
        """Let this browser ask for codes even while strangers use them up."""
        issued = str(int(time.time()))
        mac = self._challenges()._get_keyed().hash("device", email, issued)
        self._set_cookie(DEVICE_COOKIE, f"{issued}.{mac}", DEVICE_SECONDS)

    def _is_known_device(self, email):
        issued, _dot, mac = request.cookies.get(DEVICE_COOKIE, "").partition(".")
        if not (issued.isdigit() and len(issued) < 12 and mac):
            return False
        if time.time() - int(issued) > DEVICE_SECONDS:
            return False
        return self._challenges()._get_keyed().matches("device", mac, email, issued)

    # === TEXTS AND PAGES === #

    def _get_limit_text(self, reason):
        if reason == "mailbox":
            return request.env._(
                "Many codes were asked for this address. Please use the last one, "
                "or try again later."
            )
        return request.env._("Many codes were asked for. Please try again later.")

    def _get_code_text(self, proof):
        outcome = proof.outcome if proof else CLOSED
        if outcome == WRONG:
            return request.env._(
                "This is not the code from our last mail. Tries left: %(count)s",
                count=proof.tries_left,
            )
        if outcome == PAUSED:
            return request.env._(
                "Signing in by code is paused. Please use your password or try "
                "again later."
            )
        return request.env._("This code is no longer valid. Please ask for a new one.")

    def _render_code(self, challenge, error="", **values):
        values = {
            "email": challenge.email,
            "redirect": local_path(challenge.redirect),
            "wait": challenge._get_wait_seconds(),
            "error": error,
            "page": "/my/sign-in",
            **values,
        }
        return self._render("customer_portal_otp.sign_in_code", values)

    def _render(self, template, values):
        values |= {
            "disable_footer": True,
            "accent": self._get_company().sudo()._get_portal_accent(),
        }
        response = request.render(template, values)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        response.headers["Referrer-Policy"] = "same-origin"
        return response
