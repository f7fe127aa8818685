import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..const import MAX_UPLOAD
from ..engine.facts import FactError
from ..engine.payout_file import parse_payout_file
from ..words import REASONS, tell


class MatchingPayoutWizard(models.TransientModel):
    """Bring in the payout report of a service: whole or not at all."""

    _name = "matching.payout.wizard"
    _description = "Import a payout report"

    connection_id = fields.Many2one(
        "service.connection",
        "Service",
        required=True,
        domain="[('provider', 'in', ('ccv', 'mollie'))]",
    )
    data = fields.Binary("Report (CSV)", required=True, attachment=False)
    filename = fields.Char()
    name = fields.Char(
        "Reference", required=True, help="As it stands on the bank line."
    )
    date = fields.Date("Paid out on", required=True, default=fields.Date.context_today)
    amount = fields.Float(
        "Paid to the bank", help="Empty: what the report adds up to.", digits=(16, 2)
    )

    def action_import(self):
        """Make a payout of the report and open it.

        :raises UserError: it cannot be read; the text says where
        """
        self.ensure_one()
        data = base64.b64decode(self.data)
        if len(data) > MAX_UPLOAD:
            raise UserError(tell(self.env, REASONS, "file_too_large", {}))
        try:
            parts = parse_payout_file(data)
        except FactError as error:
            words = tell(self.env, REASONS, error.code, error.values)
            raise UserError(words) from error
        total = float(sum(part.amount for part in parts))
        payout = self.env["matching.payout"].create(
            {
                "connection_id": self.connection_id.id,
                "origin": "file",
                "name": self.name,
                "date": self.date,
                "amount": self.amount or total,
                "currency_id": self.connection_id.company_id.currency_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "kind": part.kind,
                            "external_id": part.external_id or False,
                            "amount": float(part.amount),
                            "amount_vat": float(part.amount_vat),
                            "return_count": part.returns,
                            "name": part.name,
                        }
                    )
                    for part in parts
                ],
            }
        )
        return payout.get_formview_action()
