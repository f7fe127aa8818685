import base64

from odoo import api, models
from odoo.tools.image import image_data_uri

from ..engine import address, geometry, picture, preflight


class SnailmailLetter(models.Model):
    """The check of a letter before it is handed over."""

    _inherit = "snailmail.letter"

    def _get_layout(self):
        """:rtype: engine.geometry.Layout"""
        self.ensure_one()
        return geometry.get_layout(self.company_id.letter_position)

    def _check_before_hand_over(self):
        """Measure the rendered letter; keep what is wrong with a picture.

        :return: True when the letter may go
        """
        self.ensure_one()
        partner = self.partner_id
        pdf = self.attachment_id.raw or b""
        problems = address.find_problems(partner._get_postal_address())
        findings = [preflight.Finding(code) for code in problems]
        layout = self._get_layout()
        if not findings:
            findings = preflight.check_letter(
                pdf,
                layout,
                partner._get_letter_lines(self.company_id),
                partner.country_id.code or "",
            )
        self.findings = [[one.code, one.page, one.detail] for one in findings] or False
        self.finding_picture = self._draw_findings(pdf, layout, findings)
        return not findings

    @api.model
    def _draw_findings(self, pdf, layout, findings):
        """The first page that is wrong, with the zones marked."""
        marked = [finding for finding in findings if finding.zone]
        if not marked:
            return False
        page = marked[0].page
        zones = [finding.zone for finding in marked if finding.page == page]
        return base64.b64encode(picture.draw_page(pdf, layout, page, zones))

    def _compute_finding_note(self):
        for letter in self:
            findings = [
                preflight.Finding(code, page, detail=detail)
                for code, page, detail in letter.findings or ()
            ]
            letter.finding_note = self._get_finding_words(findings)

    @api.model
    def _get_finding_words(self, findings):
        """What to change, one sentence per kind of finding."""
        words = self._get_finding_texts()
        lines = []
        for finding in findings:
            line = words.get(finding.code, finding.code)
            if finding.detail:
                line = f"{line} ({finding.detail})"
            if finding.page > 1:
                line = self.env._(
                    "%(text)s Page %(page)s.", text=line, page=finding.page
                )
            if line not in lines:
                lines.append(line)
        return " ".join(lines)

    @api.model
    def _get_finding_texts(self):
        return {
            preflight.NOT_READABLE: self.env._("The PDF cannot be read."),
            preflight.TOO_LARGE: self.env._("The PDF is larger than 8 MB."),
            preflight.TOO_MANY_PAGES: self.env._("Too many pages for this country."),
            preflight.NOT_A4: self.env._("The page is not A4 portrait."),
            preflight.FONT_MISSING: self.env._("A font is not embedded."),
            preflight.ADDRESS_MISSING: self.env._(
                "The recipient is not in the address window."
            ),
            preflight.ADDRESS_CUT: self.env._("Text sticks out of the address window."),
            preflight.ADDRESS_OTHER: self.env._("The address window shows other text."),
            preflight.POSTAGE: self.env._("The zone for postage must stay empty."),
            preflight.BORDER: self.env._("The border of the page must stay empty."),
            "NAME-MISSING": self.env._("The name is missing."),
            "STREET-MISSING": self.env._("The street is missing."),
            "ZIP-MISSING": self.env._("The postcode is missing."),
            "CITY-MISSING": self.env._("The city is missing."),
            "COUNTRY-MISSING": self.env._("The country is missing."),
            "ZIP-FORMAT": self.env._("The postcode does not fit the country."),
            "TOO-MANY-LINES": self.env._("The address has too many lines."),
            "LINE-TOO-LONG": self.env._("A line of the address is too long."),
        }

    @api.model
    def _check_sample(self, company):
        """Render a letter of the company to itself and measure it (row Z3).

        :return: findings, empty when letters fit
        """
        partner = company.partner_id
        problems = address.find_problems(partner._get_postal_address())
        if problems:
            return [preflight.Finding(code) for code in problems]
        return preflight.check_letter(
            self._render_sample(company),
            geometry.get_layout(company.letter_position),
            partner._get_letter_lines(company),
            partner.country_id.code or "",
        )

    @api.model
    def _render_sample(self, company):
        """A letter without items, as PDF bytes."""
        lang = company.partner_id.lang or "en_US"
        return (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_letter(
                "postal_dunning.letter_sample",
                {
                    "company": company,
                    "lang_code": lang,
                    "address_lines": company.partner_id._get_letter_lines(company),
                    "facts": [],
                    "image_data_uri": image_data_uri,
                },
            )
        )
