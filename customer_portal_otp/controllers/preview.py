"""What one member sees, for the administrator: a look, never a session of his."""

from contextlib import contextmanager

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError
from odoo.http import Controller, Response, request, route

from ..engine.still_page import freeze, is_shown

# Whatever a page brings along: no script runs, no form is sent, nothing frames it.
POLICY = (
    "script-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin"
)


class MemberPreview(Controller):
    @route(
        "/portal/preview/<int:partner_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_preview(self, partner_id, page="/my", **kwargs):
        """Show a page of the member's area as that member gets it, without its effects.

        The page is made with the member's rights inside a savepoint that is always
        rolled back, by a visitor who stays who he is. Each look is on the member's
        timeline.
        """
        member = self._find_member(partner_id)
        if not member or not is_shown(page):
            return request.not_found()
        text = self._render_as(member, page, kwargs)
        if not text:
            return request.not_found()
        partner = member.partner_id
        request.env["portal.member.event"]._record(
            "preview", partner, user=request.env.user, changes=[["", page, ""]]
        )
        banner = request.env["ir.qweb"]._render(
            "customer_portal_otp.preview_banner", {"member": partner}
        )
        still = freeze(text, f"/portal/preview/{partner_id}", str(banner))
        headers = [
            ("Content-Security-Policy", POLICY),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
        ]
        return request.make_response(still, headers)

    def _find_member(self, partner_id):
        """Return the portal user of a contact that the visitor may look at.

        Only who manages the whole system may, only in companies of his own, and only
        for a contact he can read; everybody else gets what a missing one gives.
        """
        user = request.env.user
        if not user.has_group("base.group_system"):
            return user.browse()
        partner = request.env["res.partner"].browse(partner_id).exists()
        try:
            partner.check_access("read")
        except AccessError:
            return user.browse()
        # Sudo: the rights were checked; the user stands for the contact.
        member = partner.sudo().user_ids.filtered(lambda one: one._is_portal())[:1]
        return member if member.company_id <= user.company_ids else user.browse()

    def _render_as(self, member, page, query):
        """Return the page's HTML, or nothing where it leads elsewhere.

        :rtype: str
        """
        adapter = request.env["ir.http"].routing_map().bind("preview")
        try:
            rule, arguments = adapter.match(page, method="GET", return_rule=True)
        except NotFound:
            return ""
        with self._standing_in(member):
            response = Response.load(rule.endpoint(**(query | arguments)))
            if response.status_code != 200:
                return ""
            return response.render() if response.is_qweb else ""

    @contextmanager
    def _standing_in(self, member):
        """Make pages for the member in this request; undo whatever that wrote."""
        own_env, own_session = request.env, dict(request.session)
        savepoint = request.env.cr.savepoint()
        request.is_member_preview = True
        try:
            request.update_env(
                user=member.id,
                context={
                    "lang": member.lang,
                    "tz": member.tz,
                    "allowed_company_ids": member.company_id.ids,
                },
            )
            website = getattr(request, "website", None)
            if website:
                request.website = website.with_env(request.env)
            yield
        finally:
            savepoint.close()
            request.is_member_preview = False
            request.update_env(user=own_env.uid, context=own_env.context)
            if website := getattr(request, "website", None):
                request.website = website.with_env(request.env)
            for name in set(request.session) - set(own_session):
                del request.session[name]
            request.session.update(own_session)
