from odoo import api, fields, models
from odoo.exceptions import UserError

from ..words import REASONS, tell


class MatchingPayout(models.Model):
    """Money that a service pays to the bank: payments in, refunds and fees out.

    Its parts add up to what arrives on the bank, to the cent. Booked, the clearing
    journals are emptied of it and the amount is on its way on the company's transfer
    account, until the bank line with its reference comes in and closes it.
    """

    _name = "matching.payout"
    _description = "Payout of a service"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Reference", required=True, help="As it stands on the bank line."
    )
    connection_id = fields.Many2one(
        "service.connection",
        "Service",
        required=True,
        index=True,
        domain="[('provider', 'in', ('ccv', 'mollie'))]",
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True, precompute=True
    )
    external_id = fields.Char("Id at the service", readonly=True, copy=False)
    origin = fields.Selection(
        [
            ("api", "Told by the service"),
            ("file", "Payout report"),
            ("hand", "Entered"),
        ],
        required=True,
        default="hand",
        readonly=True,
    )
    date = fields.Date("Paid out on", required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary("Paid to the bank", required=True)
    line_ids = fields.One2many("matching.payout.line", "payout_id", "Parts", copy=False)
    amount_payments = fields.Monetary("Payments", compute="_compute_amounts")
    amount_returns = fields.Monetary(
        "Refunds and chargebacks", compute="_compute_amounts"
    )
    amount_fees = fields.Monetary("Fees", compute="_compute_amounts")
    difference = fields.Monetary("Not explained", compute="_compute_amounts")
    state = fields.Selection(
        [("draft", "To check"), ("booked", "On its way"), ("closed", "On the bank")],
        compute="_compute_state",
        store=True,
    )
    statement_line_ids = fields.Many2many(
        "account.bank.statement.line", string="Entries", readonly=True, copy=False
    )
    transit_line_id = fields.Many2one(
        "account.move.line",
        "On its way",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    reason_code = fields.Char(readonly=True, copy=False)
    reason_values = fields.Json(readonly=True, copy=False)
    reason = fields.Char(compute="_compute_reason")

    _external_uniq = models.UniqueIndex(
        "(connection_id, external_id) WHERE external_id IS NOT NULL",
        "This payout is already here.",
    )

    @api.depends("amount", "line_ids.amount", "line_ids.kind")
    def _compute_amounts(self):
        for payout in self:
            sums = dict.fromkeys(("payment", "refund", "chargeback", "fee"), 0.0)
            for line in payout.line_ids:
                sums[line.kind] = sums.get(line.kind, 0.0) + line.amount
            payout.amount_payments = sums["payment"]
            payout.amount_returns = sums["refund"] + sums["chargeback"]
            payout.amount_fees = sums["fee"]
            payout.difference = payout.amount - sum(sums.values())

    @api.depends("transit_line_id")
    def _compute_state(self):
        """As the transit line is; its match calls this (`_follow_payouts`)."""
        for payout in self:
            if not payout.transit_line_id:
                payout.state = "draft"
            elif payout.transit_line_id.reconciled:
                payout.state = "closed"
            else:
                payout.state = "booked"

    @api.depends("reason_code", "reason_values")
    @api.depends_context("lang")
    def _compute_reason(self):
        for payout in self:
            payout.reason = payout.reason_code and tell(
                payout.env, REASONS, payout.reason_code, payout.reason_values
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if self.filtered("transit_line_id"):
            raise UserError(self.env._("A booked payout cannot be deleted."))

    def write(self, vals):
        """Override of `write`: what is booked stays as it was booked."""
        fixed = {"amount", "date", "connection_id", "currency_id", "line_ids", "name"}
        if fixed & vals.keys() and self.filtered("transit_line_id"):
            raise UserError(self.env._("A booked payout cannot be changed."))
        return super().write(vals)

    # === Filling in by hand ======================================================

    def action_take_receipts(self):
        """Take all payments of the service that are in no payout yet."""
        self.ensure_one()
        receipts = self.env["matching.receipt"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("date", "<=", self.date),
                ("currency_id", "=", self.currency_id.id),
                ("state", "in", ("matched", "open", "error")),
                ("kind", "in", ("payment", "refund", "chargeback")),
                ("payout_line_ids", "=", False),
            ]
        )
        self.line_ids.create(
            [
                {
                    "payout_id": self.id,
                    "receipt_id": receipt.id,
                    "external_id": receipt.external_id,
                    "kind": receipt.kind,
                    "amount": receipt.amount,
                }
                for receipt in receipts
            ]
        )
        return True

    def action_rest_is_fees(self):
        """What the service kept back is its fee."""
        self.ensure_one()
        if self.currency_id.compare_amounts(self.difference, 0) >= 0:
            raise UserError(
                self.env._("More was paid out than came in. Look for what is missing.")
            )
        self.line_ids.create(
            {
                "payout_id": self.id,
                "kind": "fee",
                "name": self.env._("Kept back by the service"),
                "amount": self.difference,
            }
        )
        return True
