from odoo import models
from odoo.tools import format_date


class ResPartner(models.Model):
    """What the first page of the member's area says about each of its places."""

    _inherit = "res.partner"

    def _get_portal_places(self):
        """Return the places of the member's area, in their order. Extend it.

        Each is a dict: ``sequence``, ``url``, ``icon``, ``title``, ``text`` (what there
        is now), ``hint`` (what can be done there) and ``function``: the name of the
        switch that takes the hint away (see ``ir.http._get_portal_functions``).

        :return: list of dicts, sorted
        """
        self.ensure_one()
        # Sudo: the visitor's own contact.
        own = self.sudo()
        place = [own.street, " ".join(part for part in (own.zip, own.city) if part)]
        return [
            {
                "sequence": 10,
                "url": "/my/account",
                "icon": "/customer_portal_otp/static/src/img/details.svg",
                "title": self.env._("Your details"),
                "text": ", ".join(part for part in (own.name, *place) if part),
                "hint": self.env._("Edit"),
                "function": "details",
            }
        ]

    def _get_portal_alerts(self):
        """Return what waits for the member: list of (count, text, url). Extend it."""
        self.ensure_one()
        return []

    def _format_portal_day(self, day):
        """Return a day as text that is not broken within: 25-12-2026 has hyphens."""
        return format_date(self.env, day).replace("-", "\N{NON-BREAKING HYPHEN}")
