import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.image import image_data_uri

from ..engine import address, geometry, picture, preflight
from .account_move import join_pdfs


class SnailmailLetter(models.Model):
    """The check of a letter before it is handed over."""

    _inherit = "snailmail.letter"

    can_add_cover = fields.Boolean(compute="_compute_can_add_cover")

    def _get_layout(self):
        """:rtype: engine.geometry.Layout"""
        self.ensure_one()
        return geometry.get_layout(
            self.position or self.partner_id._get_letter_position(self.company_id)
        )

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
        self.findings = [one.as_list() for one in findings] or False
        self.finding_picture = self._draw_findings(pdf, layout, findings)
        return not findings

    def _lacks_address(self):
        """Whether the addressee's address itself is incomplete."""
        return bool(address.find_problems(self.partner_id._get_postal_address()))

    def action_add_cover(self):
        """Repair a letter that does not fit: a page with the address in front.

        :raises UserError: it would not help, or the letter is on its way
        """
        self.check_access("write")
        for letter in self.sudo():
            if not letter.can_add_cover:
                raise UserError(self.env._("A cover page does not help this letter."))
            pdf = join_pdfs(letter._render_cover(), letter.attachment_id.raw)
            attachment = letter.attachment_id.copy({"raw": pdf})
            letter.attachment_id = attachment
        self._queue()

    def _render_cover(self):
        """A page with the address in the window and nothing else to say."""
        company = self.company_id
        partner = self.partner_id
        lang = partner.lang or company.partner_id.lang or "en_US"
        return (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_letter(
                "postal_dunning.letter_cover",
                {
                    "company": company,
                    "lang_code": lang,
                    "name": partner.name,
                    "position": self._get_layout().position,
                    "address_lines": partner._get_letter_lines(company),
                    "facts": [],
                    "image_data_uri": image_data_uri,
                },
            )
        )

    @api.depends("state", "transport", "findings")
    def _compute_can_add_cover(self):
        for letter in self:
            codes = {values[0] for values in letter.findings or ()}
            letter.can_add_cover = (
                letter.state == "error"
                and letter.transport == "pingen"
                and bool(codes & preflight.FIRST_PAGE_CODES)
            )

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
                preflight.Finding.from_list(values) for values in letter.findings or ()
            ]
            letter.finding_note = self._get_finding_words(findings)

    @api.model
    def _get_finding_words(self, findings):
        """What is wrong and what to change, one line per kind of finding."""
        texts, advice = self._get_finding_texts(), self._get_finding_advice()
        lines = []
        for finding in findings:
            line = texts.get(finding.code, finding.code)
            if finding.detail:
                line = f"{line} ({finding.detail})"
            if finding.code in advice:
                line = f"{line} {advice[finding.code]}"
            if finding.zone:
                line = f"{line} {self._get_zone_words(finding.zone)}"
            if finding.page > 1:
                line = self.env._(
                    "%(text)s Page %(page)s.", text=line, page=finding.page
                )
            if line not in lines:
                lines.append(line)
        return "\n".join(lines)

    @api.model
    def _get_zone_words(self, zone):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        edges = {
            "left": zone.x,
            "right": zone.right,
            "top": zone.y,
            "bottom": zone.bottom,
        }
        return self.env._(
            "Zone: %(left)s to %(right)s mm from the left, "
            "%(top)s to %(bottom)s mm from the top.",
            **{
                edge: f"{millimetres:g}".replace(".", lang.decimal_point or ".")
                for edge, millimetres in edges.items()
            },
        )

    @api.model
    def _get_finding_advice(self):
        """What to do about a finding, where the finding itself does not say so."""
        move_address = self.env._(
            "Move the address into the window, or put a cover page in front."
        )
        move_rest = self.env._(
            "Move everything else out of the window, or put a cover page in front."
        )
        return {
            preflight.TOO_MANY_PAGES: self.env._("Send it in parts, or by e-mail."),
            preflight.NOT_A4: self.env._("Choose A4 portrait as paper format."),
            preflight.FONT_MISSING: self.env._("Embed all fonts when making the PDF."),
            preflight.ADDRESS_MISSING: move_address,
            preflight.ADDRESS_CUT: move_rest,
            preflight.ADDRESS_OTHER: move_rest,
            preflight.POSTAGE: self.env._(
                "Move logo and lines out of it, or put a cover page in front."
            ),
            preflight.BORDER: self.env._("Make the margins of the page wider."),
        }

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
