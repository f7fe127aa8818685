from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.connection_base.exceptions import ProviderError

from ..words import EVIDENCE, REASONS, tell


class MatchingBooking(models.Model):
    """What was decided for a receipt and what became of it; never changed, only undone.

    The row is written before anything leaves the house. It keeps the evidence and the
    version of the rules, so that a decision can be explained and replayed.
    """

    _name = "matching.booking"
    _description = "Booked match"
    _order = "id desc"
    _rec_name = "item_name"
    _check_company_auto = True

    receipt_id = fields.Many2one(
        "matching.receipt",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="receipt_id.company_id", store=True, index=True, precompute=True
    )
    kind = fields.Selection(
        [
            ("odoo", "Booked in Odoo"),
            ("moneybird", "Paid at Moneybird"),
            ("transaction", "Payment of Odoo"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("todo", "To send"),
            ("sending", "Sending"),
            ("unknown", "Answer lost"),
            ("done", "Done"),
            ("failed", "Refused"),
            ("undone", "Undone"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    is_live = fields.Boolean(compute="_compute_is_live", store=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", "Item in Odoo", readonly=True, index="btree_not_null"
    )
    open_item_id = fields.Many2one(
        "matching.open.item",
        "Item at Moneybird",
        readonly=True,
        index="btree_not_null",
    )
    account_id = fields.Many2one("account.account", "Written off on", readonly=True)
    ledger_account_id = fields.Many2one(
        "matching.ledger.account", "Written off on, at Moneybird", readonly=True
    )
    amount_written_off = fields.Monetary("Written off", readonly=True)
    label = fields.Char("Reason of the write-off", readonly=True)
    return_of_id = fields.Many2one(
        "matching.booking", "Takes back", readonly=True, index="btree_not_null"
    )
    item_name = fields.Char("Item", compute="_compute_item_name", store=True)
    entry_line_id = fields.Many2one(
        "account.move.line", "Entry", readonly=True, index="btree_not_null"
    )
    correction_move_id = fields.Many2one(
        "account.move", "Correction", readonly=True, index="btree_not_null"
    )
    identifier = fields.Char(readonly=True)
    remote_ref = fields.Char("Payment at Moneybird", readonly=True)
    exchange = fields.Json(readonly=True)
    evidence = fields.Json(readonly=True)
    evidence_text = fields.Text("Why", compute="_compute_evidence_text")
    score = fields.Integer(readonly=True)
    rules_version = fields.Integer(readonly=True)
    is_automatic = fields.Boolean("By itself", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    date_done = fields.Datetime("Done on", readonly=True)
    date_next_try = fields.Datetime("Next try", readonly=True)
    date_first_try = fields.Datetime(readonly=True)
    attempts = fields.Integer(readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_values = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")

    _item_uniq = models.UniqueIndex(
        "(receipt_id, open_item_id, COALESCE(ledger_account_id, 0)) "
        "WHERE open_item_id IS NOT NULL "
        "AND state NOT IN ('failed', 'undone')",
        "This receipt is on its way to that item already.",
    )
    _transaction_uniq = models.UniqueIndex(
        "(receipt_id) WHERE kind = 'transaction' AND state != 'undone'",
        "This receipt belongs to a payment of Odoo already.",
    )

    @api.depends("state")
    def _compute_is_live(self):
        for booking in self:
            booking.is_live = booking.state not in ("failed", "undone")

    @api.depends("move_line_id", "open_item_id", "account_id")
    def _compute_item_name(self):
        for booking in self:
            booking.item_name = (
                booking.move_line_id.move_id.name
                or booking.open_item_id.number
                or booking.account_id.name
                or booking.receipt_id.transaction_id.reference
                or ""
            )

    @api.depends("evidence")
    @api.depends_context("lang")
    def _compute_evidence_text(self):
        for booking in self:
            booking.evidence_text = "\n".join(
                tell(booking.env, EVIDENCE, piece["code"], piece.get("values"))
                for piece in booking.evidence or ()
            )

    @api.depends("reason_code", "reason_values")
    @api.depends_context("lang")
    def _compute_reason(self):
        for booking in self:
            booking.reason = booking.reason_code and tell(
                booking.env, REASONS, booking.reason_code, booking.reason_values
            )

    # === Undo ====================================================================

    def _undo(self):
        """Take matches back: with an entry in Odoo, by removing it at Moneybird.

        :raises UserError: one of them cannot be undone now
        """
        self.receipt_id.check_access("write")
        for booking in self.filtered("is_live"):
            # The user may handle receipts; the entries follow from it.
            booking_sudo = booking.sudo()
            if booking.kind == "transaction":
                raise UserError(
                    self.env._("This is a payment of Odoo. Refund it there instead.")
                )
            if booking.kind == "odoo":
                booking_sudo._undo_in_odoo()
            else:
                booking_sudo._undo_at_moneybird()
            booking_sudo.state = "undone"
        self.receipt_id.write({"partner_id": False, "is_automatic": False})
        self.receipt_id._after_booking_change()

    def _undo_in_odoo(self):
        """Open the item again and move the money back to suspense with an entry."""
        self.ensure_one()
        receipt = self.receipt_id
        entry_line = self.entry_line_id
        entry_line.remove_move_reconcile()
        account = receipt.journal_id.suspense_account_id
        waiting = receipt._prepare_entry_line(account, -self.amount, False)
        vals_list = [
            {
                "name": entry_line.name,
                "account_id": entry_line.account_id.id,
                "partner_id": entry_line.partner_id.id,
                "currency_id": entry_line.currency_id.id,
                "amount_currency": -entry_line.amount_currency,
                "balance": -entry_line.balance,
            },
            # What it was worth then, whatever the rate is now.
            {**waiting, "balance": entry_line.balance},
        ]
        ref = self.env._("Undo of %(entry)s", entry=entry_line.move_id.name)
        move = receipt._create_entry(vals_list, ref)
        self.correction_move_id = move
        if entry_line.account_id.reconcile:
            (move.line_ids.sorted("id")[:1] + entry_line).reconcile()
        if self.return_of_id.is_live and self.move_line_id:
            # What was taken back is paid again by what paid it before.
            (self.return_of_id.entry_line_id + self.move_line_id).reconcile()

    def _undo_at_moneybird(self):
        self.ensure_one()
        if self.state in ("sending", "unknown"):
            raise UserError(
                self.env._(
                    "We are still asking Moneybird what became of it. Wait a moment."
                )
            )
        if self.state == "todo":
            return
        item = self.open_item_id
        try:
            client = item.connection_id._get_client()
            client.delete_payment(item.kind, item.external_id, self.remote_ref)
            item._upsert(
                item.connection_id, [client.get_item(item.kind, item.external_id)]
            )
        except ProviderError as error:
            raise UserError(str(error)) from error
