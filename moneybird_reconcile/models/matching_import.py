from odoo import api, fields, models

from ..words import REASONS, tell


class MatchingImport(models.Model):
    """One bank file that was brought in, and what came of it.

    A long one is stored by a job (`matching_import_job.py`): its lines are read in
    while nobody sees them, appear all at once, and are then booked bite by bite.
    """

    _name = "matching.import"
    _inherit = "matching.import.reader"
    _description = "Imported bank file"
    _order = "id desc"

    name = fields.Char("File", required=True, readonly=True)
    company_id = fields.Many2one(readonly=True, index=True)
    journal_id = fields.Many2one(readonly=True)
    mapping_id = fields.Many2one(readonly=True)
    state = fields.Selection(
        [
            ("queued", "Waits its turn"),
            ("reading", "Being read in"),
            ("booking", "Being booked"),
            ("done", "Done"),
            ("refused", "Refused"),
        ],
        required=True,
        default="done",
        readonly=True,
        index=True,
    )
    data = fields.Binary("File as it came", readonly=True, groups="base.group_system")
    count_done = fields.Integer("Lines so far", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    reason_code = fields.Char(readonly=True)
    reason_values = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    checksum = fields.Char(readonly=True, index=True)
    format = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    statement_ids = fields.Many2many("account.bank.statement", readonly=True)
    receipt_ids = fields.One2many("matching.receipt", "import_id", readonly=True)
    count_lines = fields.Integer("Lines in the file", readonly=True)
    count_known = fields.Integer("Already here", readonly=True)
    count_skipped = fields.Integer("Not booked by the bank yet", readonly=True)
    count_new = fields.Integer("New", compute="_compute_counts")
    count_matched = fields.Integer("Matched", compute="_compute_counts")
    count_left = fields.Integer("Need a person", compute="_compute_counts")

    @api.depends("receipt_ids.state")
    def _compute_counts(self):
        groups = self.env["matching.receipt"]._read_group(
            [("import_id", "in", self.ids)], ["import_id", "state"], ["__count"]
        )
        counts = {(record.id, state): count for record, state, count in groups}
        for record in self:
            states = {
                state: count
                for (key, state), count in counts.items()
                if key == record.id
            }
            record.count_new = sum(states.values())
            record.count_matched = states.get("matched", 0)
            record.count_left = states.get("open", 0) + states.get("error", 0)

    @api.depends("count_done", "count_lines", "count_known", "state")
    def _compute_progress(self):
        for record in self:
            total = record.count_lines - record.count_known
            share = record.count_done / total if total > 0 else 0.0
            # Reading in is a small part of the work, booking the rest.
            if record.state == "reading":
                record.progress = min(10.0 * share, 10.0)
            elif record.state == "booking":
                record.progress = min(10.0 + 90.0 * share, 99.0)
            else:
                record.progress = 100.0 if record.state == "done" else 0.0

    @api.depends("reason_code", "reason_values")
    @api.depends_context("lang")
    def _compute_reason(self):
        for record in self:
            record.reason = record.reason_code and tell(
                record.env, REASONS, record.reason_code, record.reason_values
            )

    def action_refresh(self):
        """Show how far a file is by now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_view_receipts(self):
        """Open the receipts of this file."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "moneybird_reconcile.matching_receipt_action"
        )
        action.update(domain=[("import_id", "=", self.id)], context={})
        return action
