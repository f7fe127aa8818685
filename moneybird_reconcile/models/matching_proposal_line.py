from odoo import api, fields, models
from odoo.exceptions import UserError

from ..exceptions import BookingError


class MatchingProposalLine(models.Model):
    """How much of a proposal goes to one open item, in Odoo or at Moneybird."""

    _name = "matching.proposal.line"
    _description = "Item of a proposed match"

    proposal_id = fields.Many2one(
        "matching.proposal",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="proposal_id.company_id", store=True, precompute=True
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        "Item in Odoo",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    open_item_id = fields.Many2one(
        "matching.open.item",
        "Item at Moneybird",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    account_id = fields.Many2one(
        "account.account", "Written off on", readonly=True, ondelete="cascade"
    )
    ledger_account_id = fields.Many2one(
        "matching.ledger.account",
        "Written off on, at Moneybird",
        readonly=True,
        ondelete="cascade",
    )
    label = fields.Char("Reason of the write-off", readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_open = fields.Monetary(
        "Open", readonly=True, currency_field="item_currency_id"
    )
    currency_id = fields.Many2one(related="proposal_id.receipt_id.currency_id")
    item_currency_id = fields.Many2one(
        "res.currency", "Currency of the item", compute="_compute_item_currency_id"
    )
    name = fields.Char(compute="_compute_name", store=True)
    partner_name = fields.Char(compute="_compute_name", store=True)

    @api.depends("move_line_id", "open_item_id", "proposal_id")
    def _compute_item_currency_id(self):
        for line in self:
            line.item_currency_id = (
                line.move_line_id.currency_id
                or line.open_item_id.currency_id
                or line.currency_id
            )

    @api.depends("move_line_id", "open_item_id", "account_id", "ledger_account_id")
    def _compute_name(self):
        for line in self:
            line.name = (
                line.move_line_id.move_id.name
                or line.ledger_account_id.name
                or line.open_item_id.number
                or line.account_id.name
                or ""
            )
            line.partner_name = (
                line.move_line_id.partner_id.name
                or line.open_item_id.partner_name
                or ""
            )

    def _get_account(self):
        """Account this part of the money goes to in Odoo."""
        self.ensure_one()
        return self.account_id or self.move_line_id.account_id

    def _get_part(self, receipt):
        """How much of the item the receipt pays, in the currency of the item.

        :raises BookingError: it is in another currency and nothing bridges the two
        :raises UserError: it is not as open any more as it was when this was proposed
        """
        self.ensure_one()
        item = self.move_line_id
        if not receipt._is_other_currency(item):
            return self.amount
        if self.proposal_id.difference != "currency":
            raise BookingError(
                "currency_item",
                item=self.name,
                open=item.currency_id.name,
                currency=receipt.currency_id.name,
            )
        worth = (self.amount, item.amount_residual)
        if receipt.currency_id.compare_amounts(*worth):
            raise UserError(
                self.env._("%(item)s changed meanwhile. Try again.", item=self.name)
            )
        return item.amount_residual_currency

    def action_open(self):
        """Open the document."""
        self.ensure_one()
        if self.account_id:
            return self.account_id.get_formview_action()
        if self.open_item_id:
            return self.open_item_id.action_open_remote()
        return self.move_line_id.move_id.get_formview_action()
