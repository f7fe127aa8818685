"""Messages from the services."""

import logging

from werkzeug.exceptions import Forbidden, NotFound, RequestEntityTooLarge

from odoo import http
from odoo.exceptions import AccessDenied
from odoo.http import request

from ..const import WEBHOOK_MAX_BYTES

_logger = logging.getLogger(__name__)

KEPT_HEADERS = ("content-type", "user-agent", "date")
"""Headers that are stored; the others may hold secrets or signatures."""
MAX_ID = 200


class WebhookController(http.Controller):
    """The inbox: check first, store once, answer, act later."""

    @http.route(
        "/connection/webhook/<string:provider>/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        # One byte more: a body sent in pieces is cut there without complaint.
        max_content_length=WEBHOOK_MAX_BYTES + 1,
        keep_raw_body=True,
    )
    def receive(self, provider, token, **params):
        """Store a message that is authentic.

        Answers 200 also for a repeat, 403 when it is not authentic, 404 for an
        unknown address, 413 for a body over 256 kB.
        """
        http_request = request.httprequest
        if (http_request.content_length or 0) > WEBHOOK_MAX_BYTES:
            raise RequestEntityTooLarge()
        connection_sudo = request.env["service.connection"]._find_by_webhook(
            provider, token
        )
        if not connection_sudo:
            raise NotFound()
        body = http_request.get_data(cache=True)
        if len(body) > WEBHOOK_MAX_BYTES:
            raise RequestEntityTooLarge()
        headers = {name.lower(): value for name, value in http_request.headers.items()}
        params = {key: value for key, value in params.items() if isinstance(value, str)}
        try:
            external_id = connection_sudo._verify_webhook(headers, body, params)
        except AccessDenied:
            _logger.info("webhook for connection %s refused", connection_sudo.id)
            raise Forbidden() from None
        if not external_id:
            raise Forbidden()
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        request.env["service.webhook.event"].sudo()._store(
            connection_sudo, str(external_id)[:MAX_ID], body, kept, params
        )
        return request.make_response("ok", [("Content-Type", "text/plain")])
