from odoo import fields, models

from ..models.communication_type import CHANNELS


class DunningPreviewLine(models.TransientModel):
    _name = "dunning.preview.line"
    _description = "Debtor in the Preview of a Run"
    _order = "step_id, amount desc, id"

    preview_id = fields.Many2one(
        "dunning.preview", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="preview_id.company_id", store=True)
    currency_id = fields.Many2one(related="preview_id.currency_id")
    is_chosen = fields.Boolean(string="Do")
    case_id = fields.Many2one("dunning.case", required=True, ondelete="cascade")
    step_id = fields.Many2one("dunning.step", ondelete="cascade")
    channel = fields.Selection(CHANNELS)
    amount = fields.Monetary()
    note = fields.Char(string="Waits Because")
    date_next = fields.Date(string="Next Step On")
