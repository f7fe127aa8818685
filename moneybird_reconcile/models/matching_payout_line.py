from odoo import api, fields, models


class MatchingPayoutLine(models.Model):
    """One part of a payout; its amount has the sign it adds to the payout with."""

    _name = "matching.payout.line"
    _description = "Part of a payout"
    _order = "payout_id, kind desc, id"

    payout_id = fields.Many2one(
        "matching.payout", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="payout_id.company_id", store=True, precompute=True
    )
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("refund", "Refund"),
            ("chargeback", "Chargeback"),
            ("fee", "Fee"),
            ("reserve", "Held back as reserve"),
            ("other", "Other"),
        ],
        required=True,
        default="payment",
    )
    name = fields.Char("Description")
    external_id = fields.Char("Transaction", index="btree_not_null")
    receipt_id = fields.Many2one(
        "matching.receipt",
        compute="_compute_receipt_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )
    currency_id = fields.Many2one(related="payout_id.currency_id")
    amount = fields.Monetary(required=True)
    amount_vat = fields.Monetary("VAT in it", help="Of a fee; has the fee's sign.")
    return_count = fields.Integer(
        "Returned payments", readonly=True, help="For how many a fee was kept."
    )
    account_id = fields.Many2one(
        "account.account",
        "Account",
        help="Where another part goes. Fees have their own.",
    )

    _receipt_uniq = models.UniqueIndex(
        "(receipt_id) WHERE receipt_id IS NOT NULL",
        "This payment is in a payout already.",
    )

    @api.depends("external_id")
    def _compute_receipt_id(self):
        """Find the receipt by its transaction; one that is known stays."""
        for line in self.filtered("external_id"):
            if not line.receipt_id:
                line.receipt_id = self.env["matching.receipt"].search(
                    [
                        ("external_id", "=", line.external_id),
                        ("source", "=", line.payout_id.connection_id.provider),
                        ("company_id", "=", line.payout_id.company_id.id),
                    ],
                    limit=1,
                )
