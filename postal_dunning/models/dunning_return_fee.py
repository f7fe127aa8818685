from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: what the office tells; the rest is kept by our own work
BY_HAND = frozenset({"move_line_id", "date", "amount", "proof_file", "proof_name"})


class DunningReturnFee(models.Model):
    """What a bank or payment service really charged for a returned direct debit.

    It belongs to the open item whose debit came back, and is kept once with what proves
    it: the bank's document, or the line in the books that a source tells it from. The
    law decides at the debtor's next step whether it may be asked for, exactly that
    amount and once (``engine.returns``).
    """

    _name = "dunning.return.fee"
    _description = "Bank Fee of a Returned Debit"
    _order = "date desc, id desc"
    _rec_name = "move_id"
    _check_company_auto = True

    move_line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        domain="[('account_type', '=', 'asset_receivable'),"
        " ('parent_state', '=', 'posted'), ('move_type', '=', 'out_invoice')]",
        help="The item whose direct debit came back.",
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Invoice")
    company_id = fields.Many2one(
        related="move_line_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="move_line_id.partner_id.commercial_partner_id",
        string="Debtor",
        store=True,
        index=True,
        precompute=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Charged On", required=True, default=fields.Date.context_today
    )
    amount = fields.Monetary(
        required=True, help="What was really charged; there is no flat sum."
    )
    source = fields.Selection(
        [("hand", "Entered"), ("bank", "Bank File"), ("payout", "Payout")],
        default="hand",
        required=True,
        readonly=True,
    )
    reference = fields.Char(readonly=True, copy=False)
    proof_file = fields.Binary(
        string="Document of the Bank", attachment=True, copy=False
    )
    proof_name = fields.Char()
    proof_model = fields.Char(readonly=True, copy=False)
    proof_id = fields.Many2oneReference(
        model_field="proof_model", readonly=True, copy=False
    )
    is_proven = fields.Boolean(string="Has Proof", compute="_compute_is_proven")
    charge_id = fields.Many2one(
        "dunning.charge",
        string="Asked With",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    state = fields.Selection(
        [("open", "Not Asked Yet"), ("asked", "Asked For"), ("dropped", "Let Off")],
        compute="_compute_state",
        store=True,
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A fee that was charged is above zero."
    )
    _told_once = models.UniqueIndex(
        "(company_id, source, reference) WHERE reference IS NOT NULL",
        "This fee is here already.",
    )

    @api.depends("proof_file", "proof_model", "proof_id")
    def _compute_is_proven(self):
        sizes = self.with_context(bin_size=True)
        for fee, sized in zip(self, sizes, strict=True):
            fee.is_proven = bool(sized.proof_file) or fee._has_source()

    def _has_source(self):
        """Whether the line that told of this fee is still there."""
        if not self.proof_id or self.proof_model not in self.env:
            return False
        # Only whether it is there is told, nothing of it.
        return bool(self.env[self.proof_model].sudo().browse(self.proof_id).exists())

    @api.depends("charge_id.state")
    def _compute_state(self):
        states = {"booked": "asked", "reversed": "dropped"}
        for fee in self:
            fee.state = states.get(fee.charge_id.state, "open")

    @api.model_create_multi
    def create(self, vals_list):
        """Override: where a fee comes from is not written from outside."""
        if not self.env.su and any(set(vals) - BY_HAND for vals in vals_list):
            raise AccessError(self.env._("Only the source tells where a fee is from."))
        return super().create(vals_list)

    def write(self, vals):
        """Override: what was asked for stays as it was asked."""
        if not self.env.su and set(vals) - BY_HAND:
            raise AccessError(self.env._("Only the source tells where a fee is from."))
        if set(vals) & BY_HAND and self.charge_id:
            raise UserError(self.env._("This fee was asked for and stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_asked(self):
        if self.charge_id:
            raise UserError(self.env._("This fee was asked for and stays as it is."))

    def _release(self):
        """Free fees whose charge never reached the debtor: they are asked again."""
        self.filtered(lambda fee: fee.state == "dropped").charge_id = False

    def action_open_proof(self):
        """Open the entry of the bank or the payout that told of this fee."""
        self.ensure_one()
        if not self._has_source():
            raise UserError(self.env._("The line that told of it is gone."))
        source = self.env[self.proof_model].browse(self.proof_id)
        owner = "payout_id" if "payout_id" in source._fields else "move_id"
        return source[owner]._get_records_action()
