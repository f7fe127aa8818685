from odoo import api, fields, models

CHANNELS = [("email", "E-mail"), ("post", "Post"), ("manual", "By hand")]


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
        CHANNELS, string="Default Channel", company_dependent=True
    )
    is_formal = fields.Boolean(
        string="Formal Notice",
        help="Gives the debtor the time that the law grants before costs.",
    )

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This technical name is already used."
    )

    @api.model
    def _get_type(self, code):
        """The type with that technical name; the company's own goes first."""
        domain = [
            ("code", "=", code),
            ("company_id", "in", (self.env.company.id, False)),
        ]
        return self.search(domain, order="company_id", limit=1)
