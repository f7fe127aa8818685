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
    channel_note = fields.Char(string="Why This Channel")
    pages = fields.Integer(help="Estimated; the letter is counted before it leaves.")
    cost = fields.Monetary(
        string="Price", help="Of the letter, as the price list says; 0 is not known."
    )
    amount = fields.Monetary()
    note = fields.Char(string="Waits Because")
    date_next = fields.Date(string="Next Step On")

    def _get_channel_words(self):
        """How many messages go by each channel, as words."""
        labels = dict(self._fields["channel"]._description_selection(self.env))
        return ", ".join(
            f"{labels[channel]}: {len(lines)}"
            for channel, lines in self.grouped("channel").items()
            if channel
        )
