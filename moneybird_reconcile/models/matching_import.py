from odoo import api, fields, models


class MatchingImport(models.Model):
    """One bank file that was brought in, and what came of it."""

    _name = "matching.import"
    _description = "Imported bank file"
    _order = "id desc"

    name = fields.Char("File", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
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

    def action_view_receipts(self):
        """Open the receipts of this file."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "moneybird_reconcile.matching_receipt_action"
        )
        action.update(domain=[("import_id", "=", self.id)], context={})
        return action
