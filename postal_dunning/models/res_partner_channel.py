from dataclasses import replace

from odoo import api, fields, models

from ..const import TRIED, UNDELIVERABLE
from ..engine import address, channels
from .communication_type import INVOICE

#: after so many returned mails an address counts as dead
MAX_BOUNCES = 3
#: a call or a visit: by hand whatever the customer prefers
PERSONAL = "personal"
#: how core names the channels of an invoice
INVOICE_METHODS = {
    channels.EMAIL: "email",
    channels.POST: "snailmail",
    channels.PEPPOL: "peppol",
    channels.MANUAL: "manual",
}


class ResPartner(models.Model):
    """How a customer is reached: what is wanted, what is possible, what happens."""

    _inherit = "res.partner"

    communication_plan = fields.Html(
        compute="_compute_communication_plan",
        sanitize=False,
        groups="postal_dunning.group_dunning_user",
    )
    letter_alternative = fields.Char(
        string="Without Letters",
        compute="_compute_letter_alternative",
        groups="postal_dunning.group_dunning_user,base.group_system",
        help="How this customer is reached once letters are switched off.",
    )

    @api.depends(
        "communication_channel",
        "invoice_sending_method",
        "email",
        "message_bounce",
        "phone",
        "street",
        "street2",
        "zip",
        "city",
        "country_id",
    )
    @api.depends_context("company", "lang")
    def _compute_communication_plan(self):
        """What the next message of each kind takes, and why."""
        company = self.env.company
        kinds = self.env["communication.type"].search(
            [("company_id", "in", (company.id, False)), ("code", "!=", PERSONAL)]
        )
        for partner in self:
            rows = [
                (kind, partner._choose_channel_for(kind, company)) for kind in kinds
            ]
            partner.communication_plan = self.env["ir.qweb"]._render(
                "postal_dunning.communication_plan",
                {
                    "rows": [
                        (
                            kind.name,
                            self._get_channel_label(choice.channel),
                            self._get_choice_words(choice),
                            bool(choice.problem),
                        )
                        for kind, choice in rows
                    ]
                },
            )

    @api.depends("email", "message_bounce", "phone")
    @api.depends_context("company", "lang")
    def _compute_letter_alternative(self):
        for partner in self:
            addressee = partner._get_letter_addressee()
            problem = addressee._get_email_problem()
            partner.letter_alternative = self._get_channel_label(
                channels.MANUAL if problem else channels.EMAIL
            )
            if problem:
                notes = self.env["dunning.message"]._get_channel_notes()
                partner.letter_alternative += f" ({notes[problem]})"

    @api.model
    def _get_channel_label(self, channel):
        kinds = self.env["communication.type"]._fields["channel"]
        return dict(kinds._description_selection(self.env)).get(channel, channel)

    @api.model
    def _get_choice_words(self, choice):
        """Why this channel: whose wish it was, or what stood in the way of it."""
        notes = self.env["dunning.message"]._get_channel_notes()
        if choice.problem:
            return self.env._(
                "instead of %(wanted)s: %(reason)s",
                wanted=self._get_channel_label(choice.wanted),
                reason=notes[choice.problem],
            )
        return notes[choice.origin]

    # === CHOICE === #

    def _choose_channel_for(self, kind, company, addressee=None):
        """The channel that the next message of this kind takes (rows Z4 and Z5).

        :param addressee: the contact that gets it, default that of the customer
        :rtype: engine.channels.Choice
        """
        self.ensure_one()
        addressee = addressee or self._get_letter_addressee()
        partner = self.commercial_partner_id.with_company(company)
        wanted = self.with_company(company).communication_channel
        wanted = wanted or partner.communication_channel
        if kind.code == INVOICE:
            wanted = partner._get_invoice_channel() or wanted
        default = kind.with_company(company).channel
        return channels.choose(
            "",
            wanted or "",
            default or "",
            addressee._get_reach_for(kind, company),
        )

    def _get_invoice_channel(self):
        """The customer's choice in core's own field for invoices."""
        by_method = {method: name for name, method in INVOICE_METHODS.items()}
        return by_method.get(self.invoice_sending_method, "")

    # === REACH === #

    def _get_reach_for(self, kind, company):
        """Reach for one kind of message.

        :rtype: engine.channels.Reach
        """
        reach = self._get_reach(company)
        if kind.code == INVOICE and company.sudo().letter_transport == "odoo":
            # Invoices go on by Odoo's own service; letters of ours never do.
            problem = address.find_problems(self._get_postal_address())
            reach = replace(reach, post_problem=channels.NO_ADDRESS if problem else "")
        return reach.for_document() if kind._is_document() else reach

    def _get_reach(self, company):
        """What stands in the way of each channel, as codes.

        :rtype: engine.channels.Reach
        """
        self.ensure_one()
        problems = {
            "email": self._get_email_problem(),
            "post": self._get_post_problem(company),
            "sms": self._get_sms_problem(),
            "peppol": self._get_peppol_problem(company),
        }
        # What is said again does not take a channel that failed for it.
        problems |= self.env.context.get(TRIED, {})
        return channels.Reach(
            **{f"{channel}_problem": code for channel, code in problems.items()}
        )

    def _get_email_problem(self):
        if not self.email_normalized:
            return channels.NO_EMAIL
        if self.message_bounce >= MAX_BOUNCES or self.is_blacklisted:
            return channels.EMAIL_BOUNCED
        return ""

    def _get_post_problem(self, company):
        if company.sudo().letter_transport != "pingen":
            return channels.POST_OFF
        if address.find_problems(self._get_postal_address()):
            return channels.NO_ADDRESS
        if self._has_returned_letter(company):
            return channels.POST_RETURNED
        return ""

    def _has_returned_letter(self, company):
        """Whether a letter to the present address came back."""
        domain = [
            ("company_id", "=", company.id),
            ("state", "=", UNDELIVERABLE),
            ("partner_id", "=", self.id),
            ("street", "=", self.street),
            ("zip", "=", self.zip),
            ("city", "=", self.city),
        ]
        # Letters belong to collections; whether one came back may be known to all.
        return bool(self.env["snailmail.letter"].sudo().search_count(domain, limit=1))

    def _get_sms_problem(self):
        if not self.phone_sanitized:
            return channels.NO_PHONE
        return channels.PHONE_BLOCKED if self.phone_sanitized_blacklisted else ""

    def _get_peppol_problem(self, company):
        """Peppol comes with Odoo's own addon; without it nobody is reached there."""
        partner = self.commercial_partner_id.with_company(company)
        if "peppol_verification_state" not in partner._fields:
            return channels.NO_PEPPOL
        is_known = partner.peppol_verification_state == "valid"
        return "" if is_known else channels.NO_PEPPOL

    # === PORTAL === #

    @api.model
    def _get_frontend_writable_fields(self):
        """Override of `portal` to let members choose their channel."""
        return super()._get_frontend_writable_fields() | {"communication_channel"}

    @api.model
    def _get_portal_channels(self, company):
        """The channels that members may choose, by technical name."""
        offered = [channels.EMAIL, channels.SMS]
        if company.sudo().letter_transport == "pingen":
            offered.insert(1, channels.POST)
        return {name: self._get_channel_label(name) for name in offered}
