from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request


class LetterLinkController(http.Controller):
    """The short address printed on a letter."""

    @http.route("/l/<string:code>", type="http", auth="public", website=True)
    def open_letter_link(self, code, **_query):
        """Lead to the invoice, or show the invoices of a reminder.

        Whoever has the letter has the code; it opens what the link in a mail opens.
        """
        link_sudo = request.env["letter.link"].sudo()._find(code)
        moves_sudo = link_sudo._get_moves()
        if not moves_sudo:
            raise NotFound()
        if len(moves_sudo) == 1:
            return request.redirect(moves_sudo.get_portal_url())
        return request.render(
            "postal_dunning.letter_link_page",
            {
                "moves": moves_sudo,
                "company": link_sudo.company_id,
                "reference": link_sudo.message_id.name,
            },
        )
