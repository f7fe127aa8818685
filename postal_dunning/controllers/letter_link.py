from odoo import http
from odoo.http import request


class LetterLinkController(http.Controller):
    """The short address printed on a letter."""

    @http.route(
        ["/l", "/l/<string:code>"],
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def open_letter_link(self, code="", **_query):
        """Lead to the invoice, or show the invoices of a reminder.

        Whoever has the letter has the code; it opens what the link in a mail opens.
        A code that nobody has asks to look at the letter again.
        """
        link_sudo = request.env["letter.link"].sudo()._find(code)
        moves_sudo = link_sudo._get_moves()
        if not moves_sudo:
            page = request.render("postal_dunning.letter_link_unknown", {"code": code})
            page.status_code = 404 if code else 200
            return page
        if not request.env.user._is_internal():
            link_sudo._note_opened()
        if len(moves_sudo) == 1:
            return request.redirect(moves_sudo.get_portal_url())
        return request.render(
            "postal_dunning.letter_link_page", link_sudo._prepare_page_values()
        )
