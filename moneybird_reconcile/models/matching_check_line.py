from odoo import api, fields, models

from ..words import REASONS, tell


class MatchingCheckLine(models.Model):
    """One difference, named: what it is about, both amounts, and why."""

    _name = "matching.check.line"
    _description = "Difference of a daily check"
    _order = "check_id, is_explained, id"

    check_id = fields.Many2one(
        "matching.check", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="check_id.company_id", store=True, precompute=True
    )
    name = fields.Char("What", readonly=True)
    receipt_id = fields.Many2one("matching.receipt", readonly=True, index=True)
    open_item_id = fields.Many2one("matching.open.item", readonly=True)
    currency_id = fields.Many2one(related="check_id.currency_id")
    amount_there = fields.Monetary("At the source", readonly=True)
    amount_here = fields.Monetary("In the books", readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_values = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    is_explained = fields.Boolean("Explained", readonly=True)

    @api.depends("reason_code", "reason_values", "receipt_id.reason_code")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            values = dict(line.reason_values or {})
            values.setdefault("reason", line.receipt_id.reason or "")
            line.reason = tell(line.env, REASONS, line.reason_code or "", values)

    def action_open(self):
        """Open what the difference is about."""
        self.ensure_one()
        record = self.receipt_id or self.open_item_id
        return record.get_formview_action() if record else False
