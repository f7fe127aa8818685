from odoo import fields, models
from odoo.fields import Domain

from ..engine.facts import OpenItem
from .matching_receipt_match import ODOO, to_decimal


class MatchingReceipt(models.Model):
    """The bank line of a payout finds what is on its way."""

    _inherit = "matching.receipt"

    payout_line_ids = fields.One2many(
        "matching.payout.line", "receipt_id", "Paid out in", readonly=True
    )

    def _get_odoo_items(self, company):
        """Override of `_get_odoo_items`: payouts on their way are open items too."""
        return super()._get_odoo_items(company) + self._get_payout_items(company)

    def _get_payout_items(self, company):
        # Proposals are made for all that is open in the company, as for invoices.
        payouts_sudo = (
            self.env["matching.payout"]
            .sudo()
            .search([("company_id", "=", company.id), ("state", "=", "booked")])
        )
        return [self._to_payout_item(payout) for payout in payouts_sudo]

    @staticmethod
    def _to_payout_item(payout):
        line = payout.transit_line_id
        amount = to_decimal(
            line.amount_residual_currency, line.currency_id.decimal_places
        )
        return OpenItem(
            key=(ODOO, line.id),
            amount_open=amount,
            amount_total=amount,
            currency=line.currency_id.name,
            date=payout.date,
            date_due=payout.date,
            numbers=(payout.name,),
            order_refs=tuple(filter(None, (payout.external_id,))),
            partner_name=payout.connection_id._get_spec().name,
        )

    def _get_hand_domain(self):
        """Override of `_get_hand_domain`: payouts on their way can be chosen too."""
        payouts = self.env["matching.payout"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "booked")]
        )
        sign = ">" if self.amount > 0 else "<"
        return super()._get_hand_domain() | Domain(
            [
                ("id", "in", payouts.transit_line_id.ids),
                ("amount_residual_currency", sign, 0),
                ("currency_id", "=", self.currency_id.id),
            ]
        )
