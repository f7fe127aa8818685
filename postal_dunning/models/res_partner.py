from odoo import api, fields, models

from ..engine import address as engine_address
from ..engine import geometry
from .communication_type import CHANNELS


class ResPartner(models.Model):
    _inherit = "res.partner"

    communication_channel = fields.Selection(
        CHANNELS,
        string="Preferred Channel",
        company_dependent=True,
        help="For every message, from the next one on. "
        "Empty: the default of the kind of message.",
    )
    debtor_kind = fields.Selection(
        [
            ("consumer", "Consumer"),
            ("business", "Business"),
            ("sole_trader", "Sole trader in business"),
            ("association", "Association"),
        ],
        string="Law For",
        default="consumer",
        required=True,
        help="Decides which law protects this customer. "
        "A consumer is protected best, so that is the default.",
    )
    dunning_case_ids = fields.One2many(
        "dunning.case", "partner_id", groups="postal_dunning.group_dunning_user"
    )
    dunning_case_count = fields.Integer(
        compute="_compute_dunning_case_count",
        groups="postal_dunning.group_dunning_user",
    )

    @api.depends("dunning_case_ids")
    def _compute_dunning_case_count(self):
        groups = self.env["dunning.case"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.dunning_case_count = counts.get(partner.id, 0)

    @api.model
    def _commercial_fields(self):
        """Override of `base` to keep the law that applies on the whole customer."""
        return super()._commercial_fields() + ["debtor_kind"]

    def action_view_dunning_cases(self):
        self.ensure_one()
        cases = self.dunning_case_ids
        action = self.env["ir.actions.actions"]._for_xml_id(
            "postal_dunning.dunning_case_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {}
        if len(cases) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = cases.id
        return action

    def action_view_dunning_messages(self):
        """Everything said to this customer, with proof, cost and what it led to."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "postal_dunning.dunning_message_action"
        )
        action["domain"] = [("case_id.partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action

    def _get_letter_addressee(self):
        """The contact that gets invoices and reminders of this customer."""
        self.ensure_one()
        return self.browse(self.address_get(["invoice"])["invoice"]) or self

    def _get_postal_address(self):
        """The address as the engine wants it.

        :rtype: engine.address.PostalAddress
        """
        self.ensure_one()
        commercial = self.commercial_partner_id
        name = self.name or ""
        company_name = ""
        if commercial != self and commercial.is_company:
            company_name = commercial.name or ""
        if not name:
            name, company_name = commercial.name or "", ""
        country = self.country_id.with_context(lang="en_US")
        return engine_address.PostalAddress(
            name=name,
            street=self.street or "",
            street2=self.street2 or "",
            zip=self.zip or "",
            city=self.city or "",
            country=country.code or "",
            country_name=country.name or "",
            company_name=company_name,
        )

    def _get_letter_lines(self, company):
        """The lines printed in the window of a letter from ``company``."""
        sender = company.country_id.code or ""
        return engine_address.format_lines(self._get_postal_address(), sender)

    def _get_letter_position(self, company):
        """Side of the address window of a letter from ``company``."""
        return geometry.get_position(
            company.letter_position, self.country_id.code or ""
        )
