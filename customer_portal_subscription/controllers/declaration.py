from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.customer_portal_otp.controllers.code_mixin import CodeMixin


class DeclarationUndo(CodeMixin, Controller):
    """The undo link of a cancellation, sent to the address on file only."""

    @route(
        "/contract/undo/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def contract_undo(self, token, **kwargs):
        """Ask (GET: mail scanners follow links), then take it back (POST)."""
        declaration = request.env["portal.declaration"]._find_by_token("undo", token)
        if not declaration.subscription_id:
            return request.not_found()
        state = "ask" if declaration._may_undo() else "late"
        if request.httprequest.method == "POST" and state == "ask":
            try:
                declaration._undo()
                state = "done"
            except UserError:
                state = "late"
        values = declaration._prepare_values() | {"state": state, "token": token}
        return self._render("customer_portal_subscription.declaration_undo", values)
