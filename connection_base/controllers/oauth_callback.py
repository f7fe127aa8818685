"""Where services send people back to after signing in."""

import logging

from odoo import http
from odoo.exceptions import AccessDenied, UserError
from odoo.http import request

from ..const import CALLBACK_PATH, OAUTH_SESSION_KEY
from ..exceptions import ProviderError

_logger = logging.getLogger(__name__)

PAGE = "/odoo/integrations"


class OauthCallback(http.Controller):
    """One address for all services."""

    @http.route(
        CALLBACK_PATH,
        type="http",
        auth="public",
        methods=["GET"],
        readonly=False,
        sitemap=False,
    )
    def callback(self, state="", code="", error="", **params):
        """Finish a sign-in that this session started, and show the cards.

        The route is open to visitors so that a lost session gives a page with words,
        not a sign-in page with the code in its address.
        """
        env = request.env
        if not env.user.has_group("base.group_system"):
            return self._refuse(env._("Sign in as an administrator and connect again."))
        if error or not code:
            return self._refuse(
                env._("The service did not give access. Nothing was connected.")
            )
        nonce = request.session.get(OAUTH_SESSION_KEY) or ""
        # Only administrators come here; the tokens are written past their own rights.
        connections_sudo = env["service.connection"].sudo()
        try:
            connections_sudo._finish_oauth(state, {"code": code, **params}, nonce)
        except AccessDenied:
            _logger.info("sign-in refused: unknown, used or old state")
            return self._refuse(
                env._(
                    "This sign-in is too old, was used already, or was started "
                    "somewhere else. Connect again from the card of the service."
                )
            )
        except (ProviderError, UserError) as err:
            return self._refuse(str(err))
        return request.redirect(PAGE)

    def _refuse(self, message):
        response = request.render(
            "connection_base.oauth_refused", {"message": message, "page": PAGE}
        )
        response.status_code = 403
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
