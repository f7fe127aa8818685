"""Public pages: cancel a contract, withdraw from a contract. No sign-in.

One page asks and declares (cancel), or asks and then confirms (withdraw); both work
without scripts. Nothing here looks a contract up: see ``portal.declaration``.
"""

import base64

from odoo import fields
from odoo.http import Controller, content_disposition, request, route
from odoo.tools import email_normalize

from ..models.portal_declaration import CANCEL, WITHDRAW
from .code_mixin import CodeMixin

MAX_TEXT = 1000
FIELDS = ("name", "email", "contract", "reason", "date_wanted", "is_extraordinary")


class Declaration(CodeMixin, Controller):
    @route("/contract/cancel", type="http", auth="public", website=True)
    def contract_cancel(self, **post):
        """Ask and declare on one page (§ 312k II BGB)."""
        return self._declare(CANCEL, post)

    @route("/contract/withdraw", type="http", auth="public", website=True)
    def contract_withdraw(self, **post):
        """Ask, show it again with the button that confirms (article 11a)."""
        return self._declare(WITHDRAW, post)

    def _declare(self, kind, post):
        company = self._get_company().sudo()
        if not company._is_declaration_offered(kind):
            return request.not_found()
        values = {name: (post.get(name) or "").strip()[:MAX_TEXT] for name in FIELDS}
        if request.httprequest.method != "POST" or post.get("change"):
            return self._show(kind, values)
        error = self._get_error(values)
        # A field that people do not see: a program filled it in.
        if error or post.get("website"):
            return self._show(kind, values, error)
        if kind == WITHDRAW and not post.get("confirmed"):
            return self._show(kind, values, step="confirm")
        return self._receive(kind, company, values)

    def _receive(self, kind, company, values):
        if not request.env["portal.sign.in.request"]._count_declaration(
            request.httprequest.remote_addr or ""
        ):
            return self._show(kind, values, self._get_limit_text("network"))
        declaration = request.env["portal.declaration"]._receive(
            kind, company, self._prepare_vals(values)
        )
        token = declaration._get_link_token("receipt")
        return request.redirect(f"/contract/receipt/{token}", code=303)

    def _get_error(self, values):
        if not (values["name"] and values["contract"]):
            return request.env._(
                "Please give your name and say which contract is meant."
            )
        if not email_normalize(values["email"], strict=True):
            return request.env._("This is not an e-mail address.")
        return ""

    def _prepare_vals(self, values):
        try:
            day = fields.Date.to_date(values["date_wanted"] or None)
        except ValueError:
            day = None
        return {
            "name": values["name"],
            "email": email_normalize(values["email"]),
            "contract": values["contract"],
            "reason": values["reason"],
            "date_wanted": day,
            "is_extraordinary": bool(values["is_extraordinary"]),
        }

    def _show(self, kind, values, error="", step="ask"):
        return self._render(
            f"customer_portal_otp.declaration_{kind}",
            {"post": values, "error": error, "step": step},
        )

    @route(
        ["/contract/receipt/<string:token>", "/contract/receipt/<string:token>/<kind>"],
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def contract_receipt(self, token, kind="", **kwargs):
        """Show the receipt, or give it as PDF."""
        declaration = request.env["portal.declaration"]._find_by_token("receipt", token)
        if not declaration or kind not in ("", "pdf"):
            return request.not_found()
        if kind == "pdf" and declaration.receipt:
            headers = [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(declaration.receipt_name)),
                ("Cache-Control", "no-store"),
            ]
            return request.make_response(base64.b64decode(declaration.receipt), headers)
        values = declaration._prepare_values() | {"token": token}
        return self._render("customer_portal_otp.declaration_receipt", values)
