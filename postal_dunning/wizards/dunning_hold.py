from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningHold(models.TransientModel):
    """Asks why and until when debtors are left alone, then puts them on hold.

    Without a day a hold lasts until somebody lets the case go on; with one the run of
    that day ends it.
    """

    _name = "dunning.hold"
    _description = "Hold of Debtors"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    case_ids = fields.Many2many("dunning.case", string="Debtors", required=True)
    kind = fields.Selection(selection="_selection_kind", string="Why", required=True)
    date_until = fields.Date(string="Until")
    reason = fields.Char(string="What Was Said")

    @api.model
    def _selection_kind(self):
        """The same reasons as the case keeps."""
        return (
            self.env["dunning.case"]
            ._fields["hold_kind"]
            ._description_selection(self.env)
        )

    def action_hold(self):
        """Put the debtors that are not on hold yet on hold.

        :raises UserError: the day is over already, so the next run would go on
        """
        self.ensure_one()
        cases = self.case_ids.filtered(lambda case: case.state == "open")
        for company in cases.company_id:
            today = self.env["dunning.agreement"]._get_today(company)
            if self.date_until and self.date_until <= today:
                raise UserError(self.env._("Choose a day after today."))
        cases.action_hold()
        cases.write(
            {
                "hold_kind": self.kind,
                "date_hold_until": self.date_until,
                "hold_reason": self.reason,
            }
        )
        return {"type": "ir.actions.act_window_close"}
