from dataclasses import dataclass, field

from odoo import models
from odoo.tools.image import image_data_uri

from ..engine import address, geometry, preflight


@dataclass(frozen=True)
class LetterDocument:
    """A document of the organisation, rendered as it would go by post.

    :param name: what people call it
    :param lines: the recipient as it must stand in the window
    :param country: of the recipient, ISO 3166-1 alpha-2
    """

    name: str
    pdf: bytes
    layout: geometry.Layout
    lines: list[str]
    country: str
    findings: list[preflight.Finding] = field(default_factory=list)

    def check(self):
        """:return: the same document with what is wrong with it"""
        findings = preflight.check_letter(
            self.pdf, self.layout, self.lines, self.country
        )
        return LetterDocument(
            self.name, self.pdf, self.layout, self.lines, self.country, findings
        )


class ResCompany(models.Model):
    """The documents of an organisation, measured before they go by post."""

    _inherit = "res.company"

    def _check_letter_documents(self):
        """Render each document that goes by post and measure it (row Z3).

        :rtype: list[LetterDocument]
        """
        self.ensure_one()
        problems = address.find_problems(self.partner_id._get_postal_address())
        if problems:
            findings = [preflight.Finding(code) for code in problems]
            layout = geometry.get_layout(geometry.LEFT)
            name = self.env._("Address of %(company)s", company=self.name)
            return [LetterDocument(name, b"", layout, [], "", findings)]
        return [document.check() for document in self._get_letter_documents()]

    def _get_letter_documents(self):
        """The kinds of document that go by post, each with a real example.

        The newest one is taken, because texts and lists of real life are what does not
        fit; without one, a letter of the organisation to itself.
        """
        documents = [self._build_sample_letter()]
        message = self.env["dunning.message"].search(
            [("company_id", "=", self.id), ("channel", "!=", "manual")],
            order="id desc",
            limit=1,
        )
        if message:
            documents.append(
                self._build_document(
                    message.step_id.name, message._render_pdf(), message.partner_id
                )
            )
        invoice = self._find_sample_invoice()
        if invoice:
            documents.append(
                self._build_document(
                    self.env._("Invoice %(number)s", number=invoice.name),
                    invoice._build_letter_pdf(),
                    invoice.partner_id,
                )
            )
        return documents

    def _build_document(self, name, pdf, partner):
        return LetterDocument(
            name=name,
            pdf=pdf,
            layout=geometry.get_layout(partner._get_letter_position(self)),
            lines=partner._get_letter_lines(self),
            country=partner.country_id.code or "",
        )

    def _find_sample_invoice(self):
        """The newest invoice to somebody whose address is complete."""
        invoices = self.env["account.move"].search(
            [
                ("company_id", "=", self.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
            ],
            order="invoice_date desc, id desc",
            limit=20,
        )
        return invoices.filtered(
            lambda move: (
                not address.find_problems(move.partner_id._get_postal_address())
            )
        )[:1]

    def _build_sample_letter(self):
        """A letter of the organisation to itself."""
        partner = self.partner_id
        lang = partner.lang or "en_US"
        pdf = (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_letter(
                "postal_dunning.letter_sample",
                {
                    "company": self,
                    "lang_code": lang,
                    "position": partner._get_letter_position(self),
                    "address_lines": partner._get_letter_lines(self),
                    "facts": [],
                    "image_data_uri": image_data_uri,
                },
            )
        )
        return self._build_document(self.env._("Letter"), pdf, partner)

    def _get_letter_numbers(self):
        """Numbers of the organisation as a letter shows them, each with its name.

        A German number carries the name of its register itself.
        """
        self.ensure_one()
        registry = self.company_registry or ""
        names = {"NL": "KvK", "BE": self.env._("Enterprise number")}
        name = names.get(self.country_id.code, "")
        # In Belgium both are one number.
        if registry and registry not in (self.vat or ""):
            registry = f"{name} {registry}".strip()
        else:
            registry = ""
        vat = self.env._("VAT %(number)s", number=self.vat) if self.vat else ""
        return [number for number in (registry, vat) if number]
