from odoo import api, fields, models


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
    amount_open = fields.Monetary("Open", readonly=True)
    currency_id = fields.Many2one(related="proposal_id.receipt_id.currency_id")
    name = fields.Char(compute="_compute_name", store=True)
    partner_name = fields.Char(compute="_compute_name", store=True)

    @api.depends("move_line_id", "open_item_id", "account_id")
    def _compute_name(self):
        for line in self:
            move = line.move_line_id.move_id
            name = move.name or line.open_item_id.number or line.account_id.name
            line.name = name or ""
            line.partner_name = (
                line.move_line_id.partner_id.name
                or line.open_item_id.partner_name
                or ""
            )

    def _get_account(self):
        """Account this part of the money goes to in Odoo."""
        self.ensure_one()
        return self.account_id or self.move_line_id.account_id

    def action_open(self):
        """Open the document."""
        self.ensure_one()
        if self.account_id:
            return self.account_id.get_formview_action()
        if self.open_item_id:
            return self.open_item_id.action_open_remote()
        return self.move_line_id.move_id.get_formview_action()
