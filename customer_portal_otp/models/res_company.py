from odoo import fields, models

from ..engine.colour import accent


class ResCompany(models.Model):
    _inherit = "res.company"

    is_portal_access_by_code = fields.Boolean(
        string="Portal Access by Code",
        default=True,
        help="A customer without a portal user gets one with the first code that "
        "proves the mailbox.",
    )
    portal_sign_in_unknown = fields.Selection(
        [
            ("mail", "Answer in the mailbox"),
            ("silent", "Send nothing"),
            ("page", "Say so on the page (closed networks only)"),
        ],
        string="Unknown Addresses",
        default="mail",
        required=True,
        help="The page says the same for known and unknown addresses, so that nobody "
        "can find out who is a customer. With the last choice it does not.",
    )

    def _get_portal_accent(self):
        """Return (colour, readable text colour) or None: see the engine."""
        self.ensure_one()
        return accent(self.primary_color)
