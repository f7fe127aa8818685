from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..engine import channels

CHANNELS = [
    ("email", "E-mail"),
    ("post", "Post"),
    ("sms", "Text message"),
    ("manual", "By hand"),
]
#: technical name of the kind that core's own sending of invoices follows
INVOICE = "invoice"


class CommunicationType(models.Model):
    """A kind of message and the channel each organisation uses for it.

    The channel is kept per company; a customer's own preference goes before it
    (acceptance rows Z4 and Z5).
    """

    _name = "communication.type"
    _description = "Communication Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Technical name, by which programs find this type."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: used by every company, each with its own channel."
    )
    channel = fields.Selection(
        selection="_selection_channel",
        string="Default Channel",
        company_dependent=True,
    )
    letter_product = fields.Selection(
        const.PRODUCTS,
        string="Postal Product",
        company_dependent=True,
        help="Empty: that of the company. The same holds for colour and sides.",
    )
    letter_spectrum = fields.Selection(
        const.SPECTRA, string="Colour", company_dependent=True
    )
    letter_mode = fields.Selection(
        const.PRINT_MODES, string="Sides", company_dependent=True
    )
    is_formal = fields.Boolean(
        string="Formal Notice",
        help="Gives the debtor the time that the law grants before costs.",
    )

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This technical name is already used."
    )

    @api.model
    def _selection_channel(self):
        """The channels; Peppol where Odoo has it."""
        methods = self.env["res.partner"]._fields["invoice_sending_method"]
        known = dict(methods._description_selection(self.env))
        labels = self.env["dunning.message"]._fields["channel"]
        offered = list(labels._description_selection(self.env))
        return offered + ([("peppol", "Peppol")] if "peppol" in known else [])

    @api.constrains("channel", "code")
    def _check_channel(self):
        for kind in self:
            if kind.channel == channels.PEPPOL and kind.code != INVOICE:
                raise ValidationError(self.env._("Only invoices go through Peppol."))
            if kind.channel == channels.SMS and kind._is_document():
                raise ValidationError(
                    self.env._(
                        "A text message carries no document: choose another channel "
                        "for %(kind)s.",
                        kind=kind.name,
                    )
                )

    def _is_document(self):
        """Whether the message itself must reach the customer as a document."""
        return self.is_formal or self.code == INVOICE

    @api.model
    def _get_type(self, code):
        """The type with that technical name; the company's own goes first."""
        domain = [
            ("code", "=", code),
            ("company_id", "in", (self.env.company.id, False)),
        ]
        return self.search(domain, order="company_id", limit=1)
